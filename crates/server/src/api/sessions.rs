//! `/api/v1/sessions`: scenes of one emission at several receivers, and what was decided about them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use heimdall_catalogue::{Id, Page, Session, SessionDraft, SessionFilter};
use serde::Deserialize;
use serde_json::json;
use utoipa::{OpenApi, ToSchema};

use super::revision::{MaybeRevision, Revision, tagged};
use super::{Path, Query};
use crate::AppState;
use crate::auth::Identity;
use crate::problem::{Outcome, Refusals};

#[derive(OpenApi)]
#[openapi(paths(list, create, fetch, edit, remove, undelete, purge, approve, reject))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/sessions", get(list).post(create))
        .route("/sessions/{id}", get(fetch).put(edit).delete(remove))
        .route("/sessions/{id}/undelete", post(undelete))
        .route("/sessions/{id}/purge", post(purge))
        .route("/sessions/{id}/approve", post(approve))
        .route("/sessions/{id}/reject", post(reject))
}

/// Why a session is rejected.
#[derive(Deserialize, ToSchema)]
struct Rejection {
    /// A sentence for who recorded it, 1 to 20 000 characters.
    #[schema(min_length = 1, max_length = 20_000)]
    reason: String,
}

/// Tells those who listen that this session is new, another one now, or gone.
pub(super) fn tell(state: &AppState, id: Id) {
    state.events.publish("session", json!({ "id": id }));
}

/// The answer to a change that was made: told, and the session as it is now.
pub(super) fn changed(state: &AppState, status: StatusCode, session: &Session) -> Response {
    tell(state, session.id);
    tagged(status, session.revision, session)
}

/// Sessions that fit, newest first.
#[utoipa::path(get, path = "/sessions", tag = "sessions", params(SessionFilter), responses((status = 200, body = Page<Session>), Refusals))]
async fn list(
    State(state): State<AppState>,
    _identity: Identity,
    Query(filter): Query<SessionFilter>,
) -> Outcome<Json<Page<Session>>> {
    Ok(Json(state.catalogue.sessions(&filter).await?))
}

/// Makes a pending session; for contributors.
#[utoipa::path(post, path = "/sessions", tag = "sessions", responses((status = 201, body = Session), Refusals))]
async fn create(
    State(state): State<AppState>,
    identity: Identity,
    super::Json(draft): super::Json<SessionDraft>,
) -> Outcome<Response> {
    let session = state.catalogue.create_session(&identity.actor(), &draft).await?;
    Ok(changed(&state, StatusCode::CREATED, &session))
}

/// A session, also a deleted one.
#[utoipa::path(
    get, path = "/sessions/{id}", tag = "sessions", params(("id" = Id, Path)),
    responses((status = 200, body = Session, headers(("ETag" = String, description = "The revision"))), Refusals)
)]
async fn fetch(State(state): State<AppState>, _identity: Identity, Path(id): Path<Id>) -> Outcome<Response> {
    let session = state.catalogue.session(id).await?;
    Ok(tagged(StatusCode::OK, session.revision, &session))
}

/// Replaces what is said of a session: who made it while it is pending, an admin always.
#[utoipa::path(
    put, path = "/sessions/{id}", tag = "sessions",
    params(("id" = Id, Path), ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,18}"$"#, description = "The ETag that was fetched")),
    responses((status = 200, body = Session), Refusals)
)]
async fn edit(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    Revision(revision): Revision,
    super::Json(draft): super::Json<SessionDraft>,
) -> Outcome<Response> {
    let session = state.catalogue.edit_session(&identity.actor(), id, revision, &draft).await?;
    Ok(changed(&state, StatusCode::OK, &session))
}

/// Hides a session from the lists until it is taken back or purged.
#[utoipa::path(
    delete, path = "/sessions/{id}", tag = "sessions", params(("id" = Id, Path), ("If-Match" = Option<String>, Header, pattern = r#"^(\*|"[0-9]{1,18}")$"#)),
    responses((status = 200, body = Session), Refusals)
)]
async fn remove(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    MaybeRevision(revision): MaybeRevision,
) -> Outcome<Response> {
    let session = state.catalogue.delete_session(&identity.actor(), id, revision).await?;
    Ok(changed(&state, StatusCode::OK, &session))
}

/// Takes a deletion back.
#[utoipa::path(
    post, path = "/sessions/{id}/undelete", tag = "sessions", params(("id" = Id, Path)),
    responses((status = 200, body = Session), Refusals)
)]
async fn undelete(State(state): State<AppState>, identity: Identity, Path(id): Path<Id>) -> Outcome<Response> {
    let session = state.catalogue.undelete_session(&identity.actor(), id).await?;
    Ok(changed(&state, StatusCode::OK, &session))
}

/// Removes a deleted session for good, with its recordings and the files that nothing else refers to.
#[utoipa::path(
    post, path = "/sessions/{id}/purge", tag = "sessions", params(("id" = Id, Path), ("If-Match" = Option<String>, Header, pattern = r#"^(\*|"[0-9]{1,18}")$"#)),
    responses((status = 204, description = "It is gone"), Refusals)
)]
async fn purge(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    MaybeRevision(revision): MaybeRevision,
) -> Outcome<StatusCode> {
    state.catalogue.purge_session(&identity.actor(), id, revision).await?;
    tell(&state, id);
    // The files are gone before the answer says so.
    state.keeper.sweep(&state.uploads).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says that a session may be learnt from; for trainers.
#[utoipa::path(
    post, path = "/sessions/{id}/approve", tag = "sessions", params(("id" = Id, Path), ("If-Match" = Option<String>, Header, pattern = r#"^(\*|"[0-9]{1,18}")$"#)),
    responses((status = 200, body = Session), Refusals)
)]
async fn approve(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    MaybeRevision(revision): MaybeRevision,
) -> Outcome<Response> {
    let session = state.catalogue.approve_session(&identity.actor(), id, revision).await?;
    Ok(changed(&state, StatusCode::OK, &session))
}

/// Says that a session may not be learnt from, and why; for trainers.
#[utoipa::path(
    post, path = "/sessions/{id}/reject", tag = "sessions", params(("id" = Id, Path), ("If-Match" = Option<String>, Header, pattern = r#"^(\*|"[0-9]{1,18}")$"#)),
    responses((status = 200, body = Session), Refusals)
)]
async fn reject(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    MaybeRevision(revision): MaybeRevision,
    super::Json(rejection): super::Json<Rejection>,
) -> Outcome<Response> {
    let session = state.catalogue.reject_session(&identity.actor(), id, revision, &rejection.reason).await?;
    Ok(changed(&state, StatusCode::OK, &session))
}
