//! `POST /api/v1/sessions/import`: a session from a SigMF collection, or from arrays in the classic layout.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use heimdall_catalogue::{NewSession, RecordingDraft, Session, SessionDraft, Sha256, Source, Surveyed};
use heimdall_recording::Recording;
use serde_json::Value;
use tokio_stream::StreamExt;
use tokio_util::io::StreamReader;
use utoipa::OpenApi;

use super::recordings::facts;
use super::sessions::changed;
use crate::auth::{Identity, Role};
use crate::import::{self, Contents, Part, refused};
use crate::problem::{Outcome, Problem, Refusals};
use crate::{AppState, Placed};

#[derive(OpenApi)]
#[openapi(paths(archive))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/sessions/import", post(archive))
}

/// Makes a pending session from a tar archive of a SigMF collection, as `export` writes it; for contributors.
///
/// Without `heimdall:session` in the collection, frequency, time and title are those of its recordings. Arrays
/// (`websdr_N.npy` with `metadata.json` or `.yaml`) become SigMF; keys that are not understood are named in the notes.
#[utoipa::path(
    post, path = "/sessions/import", tag = "sessions", request_body(content = String, content_type = "application/x-tar"),
    responses((status = 201, body = Session), Refusals)
)]
async fn archive(State(state): State<AppState>, identity: Identity, body: Body) -> Outcome<Response> {
    identity.require(Role::Contributor)?;
    let archive = StreamReader::new(body.into_data_stream().map(|piece| piece.map_err(std::io::Error::other)));
    let limits = import::Limits {
        bytes: state.limits.upload_bytes,
        idle: state.limits.idle,
        actor: identity.actor(),
        catalogue: state.catalogue.clone(),
    };
    let contents = import::read(archive, &state.folder.uploads(), &limits).await?;
    let mut recordings = Vec::new();
    let mut read = Vec::new();
    for (stem, part) in &contents.data {
        let name = format!("{stem}.sigmf-data");
        let meta = contents.meta(stem).ok_or_else(|| {
            refused(format!("The metadata of these samples is not in the archive; add {stem}.sigmf-meta"))
        })?;
        let told = contents.told(stem)?;
        let found = facts::read(part.path.clone(), name.clone(), Some(meta.to_owned()), &told).await?;
        recordings.push(RecordingDraft {
            sha256: part.sha256.parse()?,
            file_name: name,
            receiver: facts::receiver(&state, &found).await?,
            facts: facts::json(&found)?,
            told,
            sigmf_meta: Some(meta.to_owned()),
        });
        read.extend(found);
    }
    let mut draft = draft(&contents, &read)?;
    if let Some(remark) = &contents.remark {
        draft.notes = [draft.notes.trim_end(), remark].join("\n").trim_start().to_owned();
    }
    let new = NewSession { draft, recordings };
    let mut placed = Vec::new();
    let made = store(&state, &identity, &contents.data, &new, &mut placed).await;
    if made.is_err() {
        // What nothing refers to now goes again.
        state.catalogue.abandon_objects(&placed).await?;
        state.keeper.sweep(&state.uploads).await?;
    }
    Ok(changed(&state, StatusCode::CREATED, &made?))
}

/// Moves the samples to the objects and makes the session; `placed` are objects that are new.
async fn store(
    state: &AppState,
    identity: &Identity,
    data: &[(String, Part)],
    new: &NewSession,
    placed: &mut Vec<Sha256>,
) -> Outcome<Session> {
    let failed = |error: &dyn std::fmt::Display| Problem::internal("Storing a recording of the archive", error);
    for (_, part) in data {
        let (objects, path, name) = (state.objects.clone(), part.path.clone(), part.sha256.clone());
        let done = tokio::task::spawn_blocking(move || objects.place(&path, &name)).await;
        let done = done.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        let sha256: Sha256 = part.sha256.parse()?;
        if done == Placed::New {
            placed.push(sha256.clone());
        }
        state.keeper.enter(identity, &sha256).await?;
    }
    let ids = state.catalogue.create_sessions(&identity.actor(), std::slice::from_ref(new)).await?;
    let id = ids.first().ok_or_else(|| failed(&"no session was made"))?;
    Ok(state.catalogue.session(*id).await?)
}

/// What is said of the session: by the collection, else by its recordings.
fn draft(contents: &Contents, recordings: &[Recording]) -> Outcome<SessionDraft> {
    let collection = &contents.collection;
    if let Some(told) = collection.get("heimdall:session") {
        let wrong = |error| refused(format!("heimdall:session of this collection cannot be read ({error})"));
        let mut draft: SessionDraft = serde_json::from_value(told.clone()).map_err(wrong)?;
        // Ids of another catalogue mean nothing here.
        draft.constellation = None;
        if let Source::Transmitter { .. } = draft.source {
            draft.source = source(collection);
        }
        return Ok(draft);
    }
    let first = recordings.first().ok_or_else(|| refused("This archive has no recording"))?;
    let missing = |what| refused(format!("Nothing in this archive says its {what}; write it into the .sigmf-meta"));
    let start = first.start_time_unix_ns.as_ref().ok_or_else(|| missing("time"))?.value;
    let rate_hz = first.sample_rate_hz.as_ref().ok_or_else(|| missing("sample rate"))?.value;
    let title = collection.get("core:description").and_then(Value::as_str).filter(|title| !title.trim().is_empty());
    Ok(SessionDraft {
        title: title.unwrap_or("Imported").chars().filter(|c| !c.is_control()).take(200).collect(),
        center_frequency_hz: first.center_frequency_hz.as_ref().ok_or_else(|| missing("frequency"))?.value,
        start: jiff::Timestamp::from_nanosecond(i128::from(start)).map_err(|_| missing("time"))?,
        duration_s: first.sample_count as f64 / rate_hz,
        notes: collection.get("heimdall:notes").and_then(Value::as_str).unwrap_or_default().to_owned(),
        constellation: None,
        source: source(collection),
    })
}

/// Where the emission came from, as far as a collection says so.
fn source(collection: &Value) -> Source {
    let position = collection.get("heimdall:source").cloned();
    let position: Option<Surveyed> = position.and_then(|position| serde_json::from_value(position).ok());
    position.map_or(Source::Unknown, Source::Position)
}
