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

impl From<heimdall_catalogue::Error> for Problem {
    fn from(error: heimdall_catalogue::Error) -> Self {
        use heimdall_catalogue::Error;
        let status = match &error {
            Error::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Error::NotFound { .. } => StatusCode::NOT_FOUND,
            Error::Stale { .. } => StatusCode::PRECONDITION_FAILED,
            Error::Role { .. } | Error::NotYours { .. } => StatusCode::FORBIDDEN,
            Error::Taken { .. } | Error::InUse { .. } | Error::State { .. } => StatusCode::CONFLICT,
            Error::Quota { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            _ => return Self::internal("Reading or writing the catalogue", error),
        };
        Self::new(status, error.to_string())
    }
}

/// What every request of a resource may be answered, for the API's description.
#[derive(utoipa::IntoResponses)]
#[expect(dead_code, reason = "a description")]
pub(crate) enum Refusals {
    /// The request cannot be understood.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// There is no valid token.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// The token's role does not suffice.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// There is no such thing.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// It is in a state that does not allow this.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// It was changed since the revision of `If-Match`.
    #[response(status = 412, content_type = "application/problem+json")]
    Stale(Problem),
    /// The body or what it asks for is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The body is no JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    NoJson(Problem),
    /// A value cannot be.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(Problem),
    /// `If-Match` is missing.
    #[response(status = 428, content_type = "application/problem+json")]
    NoRevision(Problem),
}
