//! `/api/v1/sessions/{id}/export`: a session to take away.

use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use heimdall_catalogue::{Id, Receiver};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{Path, Query};
use crate::AppState;
use crate::auth::Identity;
use crate::export::{self, Layout, Source};
use crate::problem::{Outcome, Refusals};

#[derive(OpenApi)]
#[openapi(paths(archive))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/sessions/{id}/export", get(archive))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How the archive is laid out; a SigMF collection where it is not said.
    #[serde(default)]
    #[param(inline)]
    layout: Layout,
}

/// The session as a tar archive, which the page and `heimdall locate` open as it is.
#[utoipa::path(
    get, path = "/sessions/{id}/export", tag = "sessions", params(("id" = Id, Path), Wanted),
    responses((status = 200, content_type = "application/x-tar", body = String), Refusals)
)]
async fn archive(
    State(state): State<AppState>,
    _identity: Identity,
    Path(id): Path<Id>,
    Query(wanted): Query<Wanted>,
) -> Outcome<Response> {
    let session = state.catalogue.session(id).await?;
    let mut sources = Vec::new();
    for recording in state.catalogue.recordings(id).await? {
        let path = state.objects.path(recording.draft.sha256.as_str()).unwrap_or_default();
        let place = match recording.draft.receiver {
            Some(receiver) => Some(state.catalogue.entry::<Receiver>(receiver).await?.draft.place),
            None => None,
        };
        sources.push(Source { recording, path, place });
    }
    let headers = [
        (CONTENT_TYPE, "application/x-tar".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.tar\"")),
    ];
    Ok((headers, export::archive(session, sources, wanted.layout)).into_response())
}
