//! `/api/v1/trainings`: asking for trainings, watching them, stopping them.

mod approved;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use heimdall_catalogue::{Constellation, Id, Receiver};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::{Json, Path};
use crate::AppState;
use crate::auth::{Identity, Role};
use crate::problem::{Outcome, Problem, Refusals};
use crate::trainings::{Stations, TrainingError, TrainingRequest, TrainingSummary, TrainingView, Trainings, Wish};

#[derive(OpenApi)]
#[openapi(paths(list, add, one, remove, log, pause, resume, cancel, worlds))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/worlds", get(worlds))
        .route("/trainings", get(list).post(add))
        .route("/trainings/{id}", get(one).delete(remove))
        .route("/trainings/{id}/log", get(log))
        .route("/trainings/{id}/pause", post(pause))
        .route("/trainings/{id}/resume", post(resume))
        .route("/trainings/{id}/cancel", post(cancel))
}

/// All trainings.
#[derive(Serialize, ToSchema)]
struct TrainingList {
    /// The newest first.
    trainings: Vec<TrainingSummary>,
}

/// Worlds that trainings can simulate.
#[derive(Serialize, ToSchema)]
struct WorldList {
    /// Names, as a training asks for them.
    worlds: Vec<String>,
}

impl From<TrainingError> for Problem {
    fn from(error: TrainingError) -> Self {
        let status = match &error {
            TrainingError::Request(_) | TrainingError::World(_) | TrainingError::Version(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            TrainingError::Unknown(_) => StatusCode::NOT_FOUND,
            TrainingError::Stage { .. } => StatusCode::CONFLICT,
            TrainingError::Damaged { .. } | TrainingError::Disk { .. } => {
                return Self::internal("Keeping trainings", error);
            }
        };
        Self::new(status, error.to_string())
    }
}

pub(super) fn trainings(state: &AppState) -> Outcome<&Trainings> {
    let missing = || {
        let detail = "This server cannot train: it was built without it (cargo feature `train`)";
        Problem::new(StatusCode::NOT_FOUND, detail)
    };
    state.trainings.as_ref().ok_or_else(missing)
}

/// Worlds whose scenes can be simulated.
#[utoipa::path(get, path = "/worlds", tag = "training", responses((status = 200, body = WorldList), Refusals))]
async fn worlds(State(state): State<AppState>, identity: Identity) -> Outcome<JsonAnswer<WorldList>> {
    identity.require(Role::Viewer)?;
    Ok(JsonAnswer(WorldList { worlds: trainings(&state)?.worlds()? }))
}

/// All trainings, the newest first, without their courses.
#[utoipa::path(
    get, path = "/trainings", tag = "training",
    responses((status = 200, body = TrainingList), Refusals)
)]
async fn list(State(state): State<AppState>, identity: Identity) -> Outcome<JsonAnswer<TrainingList>> {
    identity.require(Role::Viewer)?;
    Ok(JsonAnswer(TrainingList { trainings: trainings(&state)?.list()? }))
}

/// Asks for a training: it waits for those before it.
#[utoipa::path(
    post, path = "/trainings", tag = "training", request_body = TrainingRequest,
    responses(
        (status = 201, body = TrainingView, headers(("Location" = String))), Refusals
    )
)]
async fn add(
    State(state): State<AppState>,
    identity: Identity,
    Json(request): Json<TrainingRequest>,
) -> Outcome<Response> {
    identity.require(Role::Trainer)?;
    let trainings = trainings(&state)?;
    let stations = match request.constellation {
        Some(id) => Some(stations(&state, id).await?),
        None => None,
    };
    let sessions = if request.with_sessions { approved::sessions(&state).await? } else { Vec::new() };
    let view = trainings.add(&request, stations.as_ref(), &sessions).await?;
    let location = format!("/api/v1/trainings/{}", view.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], JsonAnswer(view)).into_response())
}

/// Receivers of a constellation, in its order.
async fn stations(state: &AppState, id: Id) -> Outcome<Stations> {
    let constellation = state.catalogue.entry::<Constellation>(id).await?;
    let mut receivers = Vec::new();
    for receiver in &constellation.draft.receivers {
        receivers.push(state.catalogue.entry::<Receiver>(*receiver).await?);
    }
    Stations::of(&constellation, &receivers).map_err(|error| Problem::internal("Writing a table of receivers", error))
}

/// One training with its course.
#[utoipa::path(
    get, path = "/trainings/{id}", tag = "training", params(("id" = String, Path)),
    responses((status = 200, body = TrainingView), Refusals)
)]
async fn one(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<String>,
) -> Outcome<JsonAnswer<TrainingView>> {
    identity.require(Role::Viewer)?;
    Ok(JsonAnswer(trainings(&state)?.view(&id)?))
}

/// Deletes a training that is over, its planes and checkpoints; what it published stays.
#[utoipa::path(
    delete, path = "/trainings/{id}", tag = "training", params(("id" = String, Path)),
    responses((status = 204), Refusals)
)]
async fn remove(State(state): State<AppState>, identity: Identity, Path(id): Path<String>) -> Outcome<StatusCode> {
    identity.require(Role::Trainer)?;
    trainings(&state)?.remove(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What its programs said.
#[utoipa::path(
    get, path = "/trainings/{id}/log", tag = "training", params(("id" = String, Path)),
    responses((status = 200, content_type = "text/plain", body = String), Refusals)
)]
async fn log(State(state): State<AppState>, identity: Identity, Path(id): Path<String>) -> Outcome<Response> {
    identity.require(Role::Viewer)?;
    let text = trainings(&state)?.log(&id)?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// Stops a training; its last checkpoint is kept.
#[utoipa::path(
    post, path = "/trainings/{id}/pause", tag = "training", params(("id" = String, Path)),
    responses((status = 200, body = TrainingView), Refusals)
)]
async fn pause(state: State<AppState>, identity: Identity, id: Path<String>) -> Outcome<JsonAnswer<TrainingView>> {
    wish(state, identity, id, Wish::Pause).await
}

/// Puts a paused, cancelled or failed training in the queue again; it goes on from its last checkpoint.
#[utoipa::path(
    post, path = "/trainings/{id}/resume", tag = "training", params(("id" = String, Path)),
    responses((status = 200, body = TrainingView), Refusals)
)]
async fn resume(state: State<AppState>, identity: Identity, id: Path<String>) -> Outcome<JsonAnswer<TrainingView>> {
    wish(state, identity, id, Wish::Resume).await
}

/// Ends a training.
#[utoipa::path(
    post, path = "/trainings/{id}/cancel", tag = "training", params(("id" = String, Path)),
    responses((status = 200, body = TrainingView), Refusals)
)]
async fn cancel(state: State<AppState>, identity: Identity, id: Path<String>) -> Outcome<JsonAnswer<TrainingView>> {
    wish(state, identity, id, Wish::Cancel).await
}

async fn wish(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<String>,
    wish: Wish,
) -> Outcome<JsonAnswer<TrainingView>> {
    identity.require(Role::Trainer)?;
    let trainings = trainings(&state)?;
    trainings.wish(&id, wish).await?;
    Ok(JsonAnswer(trainings.view(&id)?))
}
