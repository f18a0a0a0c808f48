//! `GET /api/v1/health`: whether the server is there, without a token.

use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::AppState;

/// The server's state.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`
    status: &'static str,
    /// Version of the program.
    version: &'static str,
}

#[derive(OpenApi)]
#[openapi(paths(health))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/health", get(health))
}

/// Whether the server is there; needs no token.
#[utoipa::path(get, path = "/health", tag = "server", security(()), responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}
