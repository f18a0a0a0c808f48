//! All routes and the layers around them.

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;
use tracing::Span;

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
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .with_state(state)
}

/// Without the query, which may hold a token.
fn span(request: &Request) -> Span {
    tracing::debug_span!("request", method = %request.method(), path = request.uri().path())
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
