//! `/api/v1`: one module per resource, each with its `router` and its `Doc`.
//!
//! A new resource is a module here, a line in [`router`] and a line in `openapi.rs`. Its handlers take
//! [`Identity`](crate::auth::Identity), call `require`, and give a [`Problem`](crate::problem::Problem) where they
//! refuse.

mod audit;
mod constellations;
mod events;
mod export;
mod extract;
mod health;
mod openapi;
mod receivers;
mod recordings;
mod revision;
mod sessions;
mod tokens;
mod transmitters;
mod uploads;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use tower_http::timeout::TimeoutLayer;

pub use extract::{Json, Path, Query};

use crate::problem::Problem;
use crate::router::wrong_method;
use crate::{AppState, auth};

pub(crate) fn router(state: &AppState) -> Router<AppState> {
    let limits = &state.limits;
    // Requests that are answered at once.
    let short = Router::new()
        .route("/openapi.json", get(openapi::document))
        .merge(sessions::router())
        .merge(recordings::router())
        .merge(export::router())
        .merge(receivers::router())
        .merge(constellations::router())
        .merge(transmitters::router())
        .merge(tokens::router())
        .merge(audit::router())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, limits.request))
        .layer(DefaultBodyLimit::max(limits.body_bytes));
    // Streams, with limits of their own.
    let long = Router::new().merge(events::router()).merge(uploads::router());
    short
        .merge(long)
        // A route and no fallback: the page's files would come first.
        .route("/{*path}", any(unknown))
        .layer(from_fn_with_state(state.clone(), auth::authenticate))
        .merge(health::router())
        .method_not_allowed_fallback(wrong_method)
}

async fn unknown() -> Problem {
    Problem::not_found("There is nothing at this path of the API; see /api/v1/openapi.json for what there is")
}
