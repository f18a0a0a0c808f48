//! Errors of requests: RFC 9457 problem details, whose `detail` is a sentence for the user.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// The answer to a request that was refused, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// HTTP status.
    #[serde(serialize_with = "number")]
    #[schema(value_type = u16)]
    pub status: StatusCode,
    /// The status in words.
    pub title: String,
    /// A sentence: what, where, and what to do.
    pub detail: String,
    /// Headers that the status asks for.
    #[serde(skip)]
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The result of a handler.
pub type Outcome<T> = Result<T, Problem>;

impl Problem {
    /// A refusal with a sentence.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = match status.as_u16() {
            // Of the tus protocol; HTTP has no word for it.
            460 => "Checksum Mismatch",
            _ => status.canonical_reason().unwrap_or("Error"),
        };
        Self { status, title: title.to_owned(), detail: detail.into(), headers: Vec::new() }
    }

    /// The same with a header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Something is not there.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// The request cannot be understood.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Something of the server's own failed: logged with its cause, told without.
    pub fn internal(what: &str, cause: impl std::fmt::Display) -> Self {
        tracing::error!("{what} failed: {cause}");
        let detail = format!("{what} failed on the server; try again, and look at the server's log if it fails again");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }
}

fn number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.headers_mut().extend(self.headers);
        response
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(
            rejection.status(),
            format!("{}; see /api/v1/openapi.json for what is expected", rejection.body_text()),
        )
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(
            rejection.status(),
            format!("{}; see /api/v1/openapi.json for what is expected", rejection.body_text()),
        )
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(
            rejection.status(),
            format!("{}; see /api/v1/openapi.json for what is expected", rejection.body_text()),
        )
    }
}
