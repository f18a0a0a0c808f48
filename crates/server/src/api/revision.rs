//! Revisions as `ETag` and `If-Match`: who changes something says which state of it they saw.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::problem::{Outcome, Problem};

/// The revision of `If-Match`, which must be there; `*` does not say what was seen.
pub(super) struct Revision(pub i64);

/// The revision of `If-Match`; none where it is missing or `*`.
pub(super) struct MaybeRevision(pub Option<i64>);

fn read(headers: &HeaderMap) -> Outcome<Option<i64>> {
    let Some(value) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let digits = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let revision = digits.and_then(|digits| digits.parse().ok());
    let detail = "If-Match does not hold one ETag of this resource; fetch it and send its ETag as it is";
    revision.map(Some).ok_or_else(|| Problem::bad_request(detail))
}

impl<S: Sync> FromRequestParts<S> for Revision {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Outcome<Self> {
        let detail = "There is no If-Match; fetch the resource and send its ETag, so that nobody's change is lost";
        let missing = || Problem::new(StatusCode::PRECONDITION_REQUIRED, detail);
        read(&parts.headers)?.map(Self).ok_or_else(missing)
    }
}

impl<S: Sync> FromRequestParts<S> for MaybeRevision {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Outcome<Self> {
        read(&parts.headers).map(Self)
    }
}

/// A resource with its revision as `ETag`.
pub(super) fn tagged(status: StatusCode, revision: i64, body: &impl Serialize) -> Response {
    (status, [(ETAG, format!("\"{revision}\""))], Json(body)).into_response()
}
