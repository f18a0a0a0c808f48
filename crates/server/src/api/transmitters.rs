//! `/api/v1/transmitters`: transmitters whose place is known.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use heimdall_catalogue::{Id, Transmitter, TransmitterDraft};
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
        .route("/transmitters", get(list).post(create))
        .route("/transmitters/{id}", get(fetch).put(edit).delete(remove))
}

/// All transmitters by name.
#[utoipa::path(get, path = "/transmitters", tag = "transmitters", responses((status = 200, body = Vec<Transmitter>), Refusals))]
async fn list(State(state): State<AppState>, _identity: Identity) -> Outcome<Json<Vec<Transmitter>>> {
    Ok(Json(state.catalogue.transmitters().await?))
}

/// Adds a transmitter; for contributors.
#[utoipa::path(post, path = "/transmitters", tag = "transmitters", responses((status = 201, body = Transmitter), Refusals))]
async fn create(
    State(state): State<AppState>,
    identity: Identity,
    super::Json(draft): super::Json<TransmitterDraft>,
) -> Outcome<Response> {
    let made = state.catalogue.create_transmitter(&identity.actor(), &draft).await?;
    Ok(tagged(StatusCode::CREATED, made.revision, &made))
}

/// A transmitter.
#[utoipa::path(
    get, path = "/transmitters/{id}", tag = "transmitters", params(("id" = Id, Path)),
    responses((status = 200, body = Transmitter, headers(("ETag" = String, description = "The revision"))), Refusals)
)]
async fn fetch(State(state): State<AppState>, _identity: Identity, Path(id): Path<Id>) -> Outcome<Response> {
    let found = state.catalogue.transmitter(id).await?;
    Ok(tagged(StatusCode::OK, found.revision, &found))
}

/// Replaces what is said of a transmitter; for trainers.
#[utoipa::path(
    put, path = "/transmitters/{id}", tag = "transmitters",
    params(("id" = Id, Path), ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,18}"$"#, description = "The ETag that was fetched")),
    responses((status = 200, body = Transmitter), Refusals)
)]
async fn edit(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    Revision(revision): Revision,
    super::Json(draft): super::Json<TransmitterDraft>,
) -> Outcome<Response> {
    let edited = state.catalogue.edit_transmitter(&identity.actor(), id, revision, &draft).await?;
    Ok(tagged(StatusCode::OK, edited.revision, &edited))
}

/// Deletes a transmitter that nothing refers to; for trainers.
#[utoipa::path(
    delete, path = "/transmitters/{id}", tag = "transmitters",
    params(("id" = Id, Path), ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,18}"$"#, description = "The ETag that was fetched")),
    responses((status = 204, description = "It is gone"), Refusals)
)]
async fn remove(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    Revision(revision): Revision,
) -> Outcome<StatusCode> {
    state.catalogue.delete_transmitter(&identity.actor(), id, revision).await?;
    Ok(StatusCode::NO_CONTENT)
}
