//! `/api/v1/audit`: who did what, when; for admins.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use heimdall_catalogue::{AuditLine, Id, Page};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::Query;
use crate::AppState;
use crate::auth::Identity;
use crate::problem::{Outcome, Refusals};

#[derive(OpenApi)]
#[openapi(paths(list))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/audit", get(list))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only lines about what has this id.
    subject: Option<String>,
    /// Lines after this one: the page's `next`.
    after: Option<Id>,
    /// How many at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Lines of the audit log, newest first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(Which), responses((status = 200, body = Page<AuditLine>), Refusals))]
async fn list(
    State(state): State<AppState>,
    identity: Identity,
    Query(which): Query<Which>,
) -> Outcome<Json<Page<AuditLine>>> {
    let actor = identity.actor();
    let lines = state.catalogue.audit(&actor, which.subject.as_deref(), which.after, which.limit).await?;
    Ok(Json(lines))
}
