//! `POST /api/v1/locate`: stored recordings to reports, many scenes at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json as JsonAnswer, Router};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use utoipa::{OpenApi, ToSchema};

use super::Json;
use crate::AppState;
use crate::auth::{Identity, Role};
use crate::locate::{Locator, NamedFile, at_once};
use crate::problem::{Outcome, Problem, Refusals};

/// Scenes of one request.
const MOST_SCENES: usize = 100;
/// Files of one scene.
const MOST_FILES: usize = 64;

/// Numbers the folders in which scenes are put together.
static NEXT: AtomicU64 = AtomicU64::new(0);

#[derive(OpenApi)]
#[openapi(paths(locate))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/locate", post(locate))
}

/// Scenes to be located.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Batch {
    /// 1 to 100.
    #[schema(min_items = 1, max_items = 100)]
    scenes: Vec<Scene>,
    /// The fixes alone, in about half the time: not what they would be without each receiver, nor which of them
    /// disagrees with the others.
    #[serde(default)]
    brief: bool,
}

/// Recordings of one emission, uploaded before.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Scene {
    /// Recordings, metadata and tables of receivers.
    #[schema(min_items = 1, max_items = 64)]
    files: Vec<File>,
}

/// An uploaded file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct File {
    /// A name as its maker gave it: it says what the file is.
    name: String,
    /// SHA-256 under which it was stored.
    sha256: String,
}

/// An answer for each scene, in their order.
#[derive(Serialize, ToSchema)]
struct Answers {
    /// Reports and failures.
    answers: Vec<Answer>,
}

/// What became of a scene.
#[derive(Serialize, ToSchema)]
struct Answer {
    /// The report, as the page exports it; it may say that there is no fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    report: Option<Box<RawValue>>,
    /// Why there is none, a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Locates scenes of uploaded recordings. One that fails does not stop the others.
#[utoipa::path(
    post, path = "/locate", tag = "locating", request_body = Batch,
    responses(
        (status = 200, body = Answers), Refusals
    )
)]
async fn locate(
    State(state): State<AppState>,
    identity: Identity,
    Json(batch): Json<Batch>,
) -> Outcome<JsonAnswer<Answers>> {
    identity.require(Role::Contributor)?;
    let locator = state.locator.as_ref().ok_or_else(|| {
        let detail = "This server cannot locate: it was built without networks (cargo feature `models`)";
        Problem::new(StatusCode::NOT_FOUND, detail)
    })?;
    if !(1..=MOST_SCENES).contains(&batch.scenes.len()) {
        let detail = format!("A request holds 1 to {MOST_SCENES} scenes, and this one has {}", batch.scenes.len());
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    // No more at a time than are located at a time: who asks after this request gets turns between its scenes.
    let turns = Arc::new(Semaphore::new(at_once()));
    let mut tasks = JoinSet::new();
    for (index, scene) in batch.scenes.into_iter().enumerate() {
        let brief = batch.brief;
        let (state, locator, turns) = (state.clone(), Arc::clone(locator), Arc::clone(&turns));
        tasks.spawn(async move {
            let _turn = turns.acquire().await;
            (index, answer(&state, &locator, scene, brief).await)
        });
    }
    let mut answers = tasks.join_all().await;
    answers.sort_unstable_by_key(|(index, _)| *index);
    Ok(JsonAnswer(Answers { answers: answers.into_iter().map(|(_, answer)| answer).collect() }))
}

async fn answer(state: &AppState, locator: &Locator, scene: Scene, brief: bool) -> Answer {
    let result = match files(state, scene) {
        Ok(files) => locator.locate(NEXT.fetch_add(1, Ordering::Relaxed), &files, brief).await,
        Err(sentence) => Err(sentence),
    };
    match result {
        Ok(report) => Answer { report: Some(report), error: None },
        Err(sentence) => Answer { report: None, error: Some(sentence) },
    }
}

/// The stored files of a scene, or what is wrong with it.
fn files(state: &AppState, scene: Scene) -> Result<Vec<NamedFile>, String> {
    if !(1..=MOST_FILES).contains(&scene.files.len()) {
        return Err(format!("a scene has 1 to {MOST_FILES} files, and this one has {}", scene.files.len()));
    }
    let mut files: Vec<NamedFile> = Vec::with_capacity(scene.files.len());
    for File { name, sha256 } in scene.files {
        let plain = !name.is_empty() && name.len() <= 255 && !name.starts_with('.') && !name.contains(['/', '\0']);
        if !plain {
            return Err(format!(
                "a file's name is 1 to 255 bytes without a folder, and does not begin with a dot: {name}"
            ));
        }
        if files.iter().any(|file| file.name == name) {
            return Err(format!("two of its files have the same name: {name}"));
        }
        let path = state.objects.path(&sha256).filter(|path| path.is_file());
        let path = path.ok_or_else(|| format!("nothing is stored under {sha256}; upload it first: {name}"))?;
        files.push(NamedFile { name, path });
    }
    Ok(files)
}
