//! All routes and the layers around them.

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;

use crate::problem::Problem;
use crate::{AppState, api, auth, headers, page};

/// The page, the models and the API.
pub(crate) fn router(state: AppState) -> Router {
    Router::new()
        .nest("/api/v1", api::router(&state))
        .merge(page::router(&state))
        .layer(from_fn_with_state(state.clone(), auth::same_origin))
        .layer(from_fn(headers::secure))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TraceLayer::new_for_http())
        .with_state(state)
}

#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let cause = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    Problem::internal("This request", cause.unwrap_or("it panicked")).into_response()
}

/// The answer to a method that a path does not have.
pub(crate) async fn wrong_method() -> Problem {
    let detail = "This path does not take this method; see /api/v1/openapi.json for those it takes";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
