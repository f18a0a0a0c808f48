//! `/api/v1/receivers`: receivers with surveyed positions.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use heimdall_catalogue::{Id, Receiver, ReceiverDraft};
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
        .route("/receivers", get(list).post(create))
        .route("/receivers/{id}", get(fetch).put(edit).delete(remove))
}

/// All receivers by name.
#[utoipa::path(get, path = "/receivers", tag = "receivers", responses((status = 200, body = Vec<Receiver>), Refusals))]
async fn list(State(state): State<AppState>, _identity: Identity) -> Outcome<Json<Vec<Receiver>>> {
    Ok(Json(state.catalogue.receivers().await?))
}

/// Adds a receiver; for contributors.
#[utoipa::path(post, path = "/receivers", tag = "receivers", responses((status = 201, body = Receiver), Refusals))]
async fn create(
    State(state): State<AppState>,
    identity: Identity,
    super::Json(draft): super::Json<ReceiverDraft>,
) -> Outcome<Response> {
    let made = state.catalogue.create_receiver(&identity.actor(), &draft).await?;
    Ok(tagged(StatusCode::CREATED, made.revision, &made))
}

/// A receiver.
#[utoipa::path(
    get, path = "/receivers/{id}", tag = "receivers", params(("id" = Id, Path)),
    responses((status = 200, body = Receiver, headers(("ETag" = String, description = "The revision"))), Refusals)
)]
async fn fetch(State(state): State<AppState>, _identity: Identity, Path(id): Path<Id>) -> Outcome<Response> {
    let found = state.catalogue.receiver(id).await?;
    Ok(tagged(StatusCode::OK, found.revision, &found))
}

/// Replaces what is said of a receiver; for trainers.
#[utoipa::path(
    put, path = "/receivers/{id}", tag = "receivers",
    params(("id" = Id, Path), ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,18}"$"#, description = "The ETag that was fetched")),
    responses((status = 200, body = Receiver), Refusals)
)]
async fn edit(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    Revision(revision): Revision,
    super::Json(draft): super::Json<ReceiverDraft>,
) -> Outcome<Response> {
    let edited = state.catalogue.edit_receiver(&identity.actor(), id, revision, &draft).await?;
    Ok(tagged(StatusCode::OK, edited.revision, &edited))
}

/// Deletes a receiver that nothing refers to; for trainers.
#[utoipa::path(
    delete, path = "/receivers/{id}", tag = "receivers",
    params(("id" = Id, Path), ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,18}"$"#, description = "The ETag that was fetched")),
    responses((status = 204, description = "It is gone"), Refusals)
)]
async fn remove(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    Revision(revision): Revision,
) -> Outcome<StatusCode> {
    state.catalogue.delete_receiver(&identity.actor(), id, revision).await?;
    Ok(StatusCode::NO_CONTENT)
}
