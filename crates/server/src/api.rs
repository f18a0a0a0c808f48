//! `/api/v1`: one module per resource, each with its `router` and its `Doc`.
//!
//! A new resource is a module here, a line in [`router`] and a line in `openapi.rs`. Its handlers take
//! [`Identity`](crate::auth::Identity), call `require`, and give a [`Problem`](crate::problem::Problem) where they
//! refuse.

mod audit;
mod entries;
mod events;
mod export;
mod extract;
mod health;
mod import;
mod locate;
mod models;
mod openapi;
mod recordings;
mod revision;
mod sessions;
mod tokens;
mod trainings;
mod uploads;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any, get};
use heimdall_catalogue::{Constellation, Receiver, Transmitter};

pub use extract::{Json, Path, Query};

use crate::problem::{Outcome, Problem};
use crate::router::wrong_method;
use crate::{AppState, auth};

pub(crate) fn router(state: &AppState) -> Router<AppState> {
    // Requests that are answered at once.
    let short = Router::new()
        .route("/openapi.json", get(openapi::document))
        .merge(sessions::router())
        .merge(recordings::router())
        .merge(export::router())
        .merge(entries::router::<Receiver>())
        .merge(entries::router::<Constellation>())
        .merge(entries::router::<Transmitter>())
        .merge(tokens::router())
        .merge(audit::router())
        .merge(trainings::router())
        .merge(models::router())
        .layer(from_fn_with_state(state.clone(), in_time))
        .layer(DefaultBodyLimit::max(state.limits.body_bytes));
    // Streams, with limits of their own.
    let long =
        Router::new().merge(events::router()).merge(locate::router()).merge(uploads::router()).merge(import::router());
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

/// Ends requests that take too long; one cause is a body that does not come.
async fn in_time(State(state): State<AppState>, request: Request, next: Next) -> Outcome<Response> {
    let limit = state.limits.request;
    tokio::time::timeout(limit, next.run(request)).await.map_err(|_| {
        let detail =
            format!("This request took more than {} s; send its body faster, or ask for less", limit.as_secs());
        Problem::new(StatusCode::REQUEST_TIMEOUT, detail)
    })
}
