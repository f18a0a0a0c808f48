//! `/api/v1/receivers`, `/constellations` and `/transmitters`: what the catalogue keeps by name.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use heimdall_catalogue::{Entry, Id};
use serde_json::{Value, json};
use utoipa::{IntoResponses, ToSchema};

use super::Path;
use super::revision::{Revision, tagged};
use crate::AppState;
use crate::auth::Identity;
use crate::problem::{Outcome, Refusals};

/// Where all entries of a kind are listed and made, and where one of them is.
fn addresses<E: Entry>() -> [String; 2] {
    [format!("/{}", E::PLURAL), format!("/{}/{{id}}", E::PLURAL)]
}

pub(super) fn router<E: Entry>() -> Router<AppState> {
    let [all, one] = addresses::<E>();
    Router::new()
        .route(&all, get(list::<E>).post(create::<E>))
        .route(&one, get(fetch::<E>).put(edit::<E>).delete(remove::<E>))
}

async fn list<E: Entry>(State(state): State<AppState>, _identity: Identity) -> Outcome<Json<Vec<E>>> {
    Ok(Json(state.catalogue.entries().await?))
}

async fn create<E: Entry>(
    State(state): State<AppState>,
    identity: Identity,
    super::Json(draft): super::Json<E::Draft>,
) -> Outcome<Response> {
    let made: E = state.catalogue.create_entry(&identity.actor(), &draft).await?;
    Ok(tagged(StatusCode::CREATED, made.revision(), &made))
}

async fn fetch<E: Entry>(State(state): State<AppState>, _identity: Identity, Path(id): Path<Id>) -> Outcome<Response> {
    let found: E = state.catalogue.entry(id).await?;
    Ok(tagged(StatusCode::OK, found.revision(), &found))
}

async fn edit<E: Entry>(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    Revision(revision): Revision,
    super::Json(draft): super::Json<E::Draft>,
) -> Outcome<Response> {
    let edited: E = state.catalogue.edit_entry(&identity.actor(), id, revision, &draft).await?;
    Ok(tagged(StatusCode::OK, edited.revision(), &edited))
}

async fn remove<E: Entry>(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    Revision(revision): Revision,
) -> Outcome<StatusCode> {
    state.catalogue.delete_entry::<E>(&identity.actor(), id, revision).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The paths of a kind in the API's description, which a derivation cannot make of handlers that are generic.
pub(super) fn paths<E: Entry>() -> serde_json::Result<[(String, Value); 2]> {
    let (kind, plural) = (E::KIND, E::PLURAL);
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let content = |schema: Value| json!({ "application/json": { "schema": schema } });
    let entry = || content(reference(&E::name()));
    let (id, draft) = (reference(&Id::name()), content(reference(&E::Draft::name())));
    let revision = json!({ "type": "string", "pattern": r#"^"[0-9]{1,18}"$"# });
    let etag = json!({ "ETag": { "description": "The revision", "schema": { "type": "string" } } });
    let refusals = serde_json::to_value(Refusals::responses())?;
    let answers = |status: &str, answer: Value| {
        let mut all = refusals.clone();
        all[status] = answer;
        all
    };
    let of_one = json!({ "name": "id", "in": "path", "required": true, "schema": id });
    let if_match = json!({
        "name": "If-Match", "in": "header", "required": true, "description": "The ETag that was fetched", "schema": revision,
    });
    let all = json!({
        "get": {
            "tags": [plural], "operationId": format!("list_{plural}"), "summary": format!("All {plural} by name."),
            "responses": answers("200", json!({
                "description": "All of them", "content": content(json!({ "type": "array", "items": reference(&E::name()) })),
            })),
        },
        "post": {
            "tags": [plural], "operationId": format!("create_{kind}"), "summary": format!("Adds a {kind}; for contributors."),
            "requestBody": { "required": true, "content": draft },
            "responses": answers("201", json!({ "description": "It was made", "headers": etag, "content": entry() })),
        },
    });
    let one = json!({
        "get": {
            "tags": [plural], "operationId": format!("fetch_{kind}"), "summary": format!("A {kind}."),
            "parameters": [of_one],
            "responses": answers("200", json!({ "description": "It", "headers": etag, "content": entry() })),
        },
        "put": {
            "tags": [plural], "operationId": format!("edit_{kind}"),
            "summary": format!("Replaces what is said of a {kind}; for trainers."),
            "parameters": [of_one, if_match], "requestBody": { "required": true, "content": draft },
            "responses": answers("200", json!({ "description": "As it is now", "headers": etag, "content": entry() })),
        },
        "delete": {
            "tags": [plural], "operationId": format!("delete_{kind}"),
            "summary": format!("Deletes a {kind} that nothing refers to; for trainers."),
            "parameters": [of_one, if_match], "responses": answers("204", json!({ "description": "It is gone" })),
        },
    });
    let [whole, single] = addresses::<E>().map(|address| format!("/api/v1{address}"));
    Ok([(whole, all), (single, one)])
}
