//! `/api/v1/models`: which published version is in use. The versions themselves are files below `/models`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json as JsonAnswer, Router};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{Json, Path};
use crate::AppState;
use crate::auth::{Identity, Role};
use crate::problem::{Outcome, Problem, Refusals};

#[derive(OpenApi)]
#[openapi(paths(promote))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/models/{constellation}/promote", post(promote))
}

/// A version to be used.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Promote {
    /// The version, a newer one or one from before.
    version: String,
    /// Why, where one of its checks failed.
    #[serde(default)]
    because: Option<String>,
}

/// What is in use.
#[derive(Serialize, ToSchema)]
struct Promoted {
    /// Folder of the constellation.
    constellation: String,
    /// The version.
    version: String,
}

/// Puts a published version in use; pages that are open change to it at once.
#[utoipa::path(
    post, path = "/models/{constellation}/promote", tag = "models", params(("constellation" = String, Path)),
    request_body = Promote,
    responses(
        (status = 200, body = Promoted), Refusals
    )
)]
async fn promote(
    State(state): State<AppState>,
    identity: Identity,
    Path(constellation): Path<String>,
    Json(Promote { version, because }): Json<Promote>,
) -> Outcome<JsonAnswer<Promoted>> {
    identity.require(Role::Trainer)?;
    let trainings = super::trainings::trainings(&state)?;
    // A blank is no reason.
    let because = because.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let done = trainings.promote(&constellation, &version, because).await?;
    done.map_err(|sentence| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, sentence))?;
    Ok(JsonAnswer(Promoted { constellation, version }))
}
