//! `/api/v1/constellations`: receivers in a fixed order, as a model is made for.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use heimdall_catalogue::{Constellation, ConstellationDraft, Id};
use utoipa::OpenApi;

use super::Path;
use super::revision::{Revision, tagged};
use crate::AppState;
use crate::auth::Identity;
use crate::problem::{Outcome, Refusals};

#[derive(OpenApi)]
#[openapi(paths(list, create, fetch, edit, remove))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/constellations", get(list).post(create))
        .route("/constellations/{id}", get(fetch).put(edit).delete(remove))
}

/// All constellations by name.
#[utoipa::path(get, path = "/constellations", tag = "constellations", responses((status = 200, body = Vec<Constellation>), Refusals))]
async fn list(State(state): State<AppState>, _identity: Identity) -> Outcome<Json<Vec<Constellation>>> {
    Ok(Json(state.catalogue.constellations().await?))
}

/// Adds a constellation; for contributors.
#[utoipa::path(post, path = "/constellations", tag = "constellations", responses((status = 201, body = Constellation), Refusals))]
async fn create(
    State(state): State<AppState>,
    identity: Identity,
    super::Json(draft): super::Json<ConstellationDraft>,
) -> Outcome<Response> {
    let made = state.catalogue.create_constellation(&identity.actor(), &draft).await?;
    Ok(tagged(StatusCode::CREATED, made.revision, &made))
}

/// A constellation.
#[utoipa::path(
    get, path = "/constellations/{id}", tag = "constellations", params(("id" = Id, Path)),
    responses((status = 200, body = Constellation, headers(("ETag" = String, description = "The revision"))), Refusals)
)]
async fn fetch(State(state): State<AppState>, _identity: Identity, Path(id): Path<Id>) -> Outcome<Response> {
    let found = state.catalogue.constellation(id).await?;
    Ok(tagged(StatusCode::OK, found.revision, &found))
}

/// Replaces what is said of a constellation; for trainers.
#[utoipa::path(
    put, path = "/constellations/{id}", tag = "constellations",
    params(("id" = Id, Path), ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,18}"$"#, description = "The ETag that was fetched")),
    responses((status = 200, body = Constellation), Refusals)
)]
async fn edit(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    Revision(revision): Revision,
    super::Json(draft): super::Json<ConstellationDraft>,
) -> Outcome<Response> {
    let edited = state.catalogue.edit_constellation(&identity.actor(), id, revision, &draft).await?;
    Ok(tagged(StatusCode::OK, edited.revision, &edited))
}

/// Deletes a constellation that nothing refers to; for trainers.
#[utoipa::path(
    delete, path = "/constellations/{id}", tag = "constellations",
    params(("id" = Id, Path), ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,18}"$"#, description = "The ETag that was fetched")),
    responses((status = 204, description = "It is gone"), Refusals)
)]
async fn remove(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    Revision(revision): Revision,
) -> Outcome<StatusCode> {
    state.catalogue.delete_constellation(&identity.actor(), id, revision).await?;
    Ok(StatusCode::NO_CONTENT)
}
