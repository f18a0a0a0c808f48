//! `/api/v1/sessions/{id}/recordings`: which stored files a session has.

pub(super) mod facts;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use heimdall_catalogue::{Id, RecordingDraft, SessionRecording, Sha256};
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

use super::{Path, sessions};
use crate::AppState;
use crate::auth::{Identity, Role};
use crate::problem::{Outcome, Problem, Refusals};
use crate::uploads::State::Stored;

#[derive(OpenApi)]
#[openapi(paths(list, attach, detach))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/sessions/{id}/recordings", get(list).post(attach))
        .route("/sessions/{id}/recordings/{recording}", delete(detach))
}

/// A stored file to attach.
#[derive(Deserialize, ToSchema)]
struct Attachment {
    /// SHA-256 of the stored file, as its upload tells it.
    object: Sha256,
    /// Its name, which may carry facts; that of its upload where it is not given.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    file_name: Option<String>,
    /// The receiver that made it, where it is one of the catalogue; that of the station's name where it is not given.
    #[serde(default)]
    receiver: Option<Id>,
    /// What the file does not say of itself, by the keys of `heimdall locate --fact`: `position`, `station`, ….
    #[serde(default)]
    facts: facts::Told,
    /// The text of the `.sigmf-meta` that belongs to a `.sigmf-data`; kept as it is.
    #[serde(default)]
    sigmf_meta: Option<String>,
}

/// Recordings of a session in the order in which they were attached.
#[utoipa::path(
    get, path = "/sessions/{id}/recordings", tag = "sessions", params(("id" = Id, Path)),
    responses((status = 200, body = Vec<SessionRecording>), Refusals)
)]
async fn list(
    State(state): State<AppState>,
    _identity: Identity,
    Path(id): Path<Id>,
) -> Outcome<Json<Vec<SessionRecording>>> {
    Ok(Json(state.catalogue.recordings(id).await?))
}

/// Attaches a stored file to a session and reads its facts. Who may edit the session may do this.
#[utoipa::path(
    post, path = "/sessions/{id}/recordings", tag = "sessions", params(("id" = Id, Path)),
    responses((status = 201, body = SessionRecording), Refusals)
)]
async fn attach(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<Id>,
    super::Json(attachment): super::Json<Attachment>,
) -> Outcome<(StatusCode, Json<SessionRecording>)> {
    identity.require(Role::Contributor)?;
    let Attachment { object: sha256, file_name, receiver, facts: told, sigmf_meta } = attachment;
    let name = file_name.or_else(|| uploaded_name(&state, &identity, &sha256)).ok_or_else(|| {
        let detail = "file_name is missing and no upload of yours says it; write the name of the file";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    })?;
    // Refuse before the file is read.
    state.catalogue.session(id).await?;
    state.keeper.enter(&identity, &sha256).await?;
    let path = state.objects.path(sha256.as_str()).unwrap_or_default();
    let found = facts::read(path, name.clone(), sigmf_meta.clone(), &told).await?;
    let receiver = match receiver {
        Some(receiver) => Some(receiver),
        None => facts::receiver(&state, &found).await?,
    };
    let facts = facts::json(&found)?;
    let draft = RecordingDraft { sha256, file_name: name, receiver, facts, told, sigmf_meta };
    let recording = state.catalogue.attach(&identity.actor(), id, &draft).await?;
    sessions::tell(&state, id);
    Ok((StatusCode::CREATED, Json(recording)))
}

/// Takes a recording out of its session, and deletes its file where nothing else refers to it.
#[utoipa::path(
    delete, path = "/sessions/{id}/recordings/{recording}", tag = "sessions",
    params(("id" = Id, Path), ("recording" = Id, Path)),
    responses((status = 204, description = "It is gone"), Refusals)
)]
async fn detach(
    State(state): State<AppState>,
    identity: Identity,
    Path((id, recording)): Path<(Id, Id)>,
) -> Outcome<StatusCode> {
    state.catalogue.detach(&identity.actor(), id, recording).await?;
    sessions::tell(&state, id);
    state.keeper.sweep(&state.uploads).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn uploaded_name(state: &AppState, identity: &Identity, sha256: &Sha256) -> Option<String> {
    let of =
        |record: &crate::uploads::Record| matches!(&record.state, Stored { sha256: of, .. } if of == sha256.as_str());
    let upload = state.uploads.list(identity).into_iter().find(|upload| of(&upload.record()))?;
    let name = upload.filename();
    // Browsers may send folders along.
    name.rsplit(['/', '\\']).next().map(str::to_owned)
}
