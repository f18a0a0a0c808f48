//! `/api/v1/sessions/{id}/export`: a session to take away.

use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use heimdall_catalogue::Id;
use utoipa::OpenApi;

use super::Path;
use crate::AppState;
use crate::auth::Identity;
use crate::export::{self, Source};
use crate::problem::{Outcome, Refusals};

#[derive(OpenApi)]
#[openapi(paths(sigmf))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/sessions/{id}/export", get(sigmf))
}

/// The session as a SigMF collection in a tar archive, which the page and `heimdall locate` open as it is.
#[utoipa::path(
    get, path = "/sessions/{id}/export", tag = "sessions", params(("id" = Id, Path)),
    responses((status = 200, content_type = "application/x-tar", body = String), Refusals)
)]
async fn sigmf(State(state): State<AppState>, _identity: Identity, Path(id): Path<Id>) -> Outcome<Response> {
    let session = state.catalogue.session(id).await?;
    let mut sources = Vec::new();
    for recording in state.catalogue.recordings(id).await? {
        let path = state.objects.path(recording.draft.sha256.as_str()).unwrap_or_default();
        let place = match recording.draft.receiver {
            Some(receiver) => Some(state.catalogue.receiver(receiver).await?.draft.place),
            None => None,
        };
        sources.push(Source { recording, path, place });
    }
    let headers = [
        (CONTENT_TYPE, "application/x-tar".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.tar\"")),
    ];
    Ok((headers, export::sigmf(session, sources)).into_response())
}
