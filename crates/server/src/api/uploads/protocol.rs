//! Headers of the tus protocol.

use axum::extract::Request;
use axum::http::header::AsHeaderName;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::Limits;
use crate::problem::{Outcome, Problem};
use crate::uploads::{ALGORITHMS, State, Upload, Uploads};

/// The version that is spoken.
const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const VERSIONS: HeaderName = HeaderName::from_static("tus-version");

/// Refuses other versions, and names ours in every answer. Reading as JSON is not of the protocol.
pub(super) async fn versioned(request: Request, next: Next) -> Response {
    let free = [Method::OPTIONS, Method::GET].contains(request.method());
    let mut response = if free || request.headers().get(RESUMABLE) == Some(&VERSION) {
        next.run(request).await
    } else {
        let detail = "Uploads speak the tus protocol, version 1.0.0; send the header Tus-Resumable: 1.0.0";
        Problem::new(StatusCode::PRECONDITION_FAILED, detail).with(VERSIONS, VERSION).into_response()
    };
    response.headers_mut().insert(RESUMABLE, VERSION);
    response
}

/// The answer to OPTIONS.
pub(super) fn capabilities(limits: &Limits) -> [(&'static str, String); 4] {
    [
        ("tus-version", "1.0.0".into()),
        ("tus-extension", "creation,checksum,expiration,termination".into()),
        ("tus-max-size", limits.upload_bytes.to_string()),
        ("tus-checksum-algorithm", ALGORITHMS.into()),
    ]
}

/// A header's text.
pub(super) fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A header's number, where it is there.
pub(super) fn number(headers: &HeaderMap, name: &str) -> Outcome<Option<u64>> {
    let Some(value) = text(headers, name) else { return Ok(None) };
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|_| digits);
    let refused = || Problem::bad_request(format!("{name} is no number of bytes ({value}); send one"));
    number.ok_or_else(refused).map(Some)
}

/// What each answer says of an upload: its offset, when it expires, and what it has become.
pub(super) fn told(uploads: &Uploads, upload: &Upload) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut tell = |name, value: String| {
        // Numbers, dates and digits are always values.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    tell("upload-offset", upload.offset().to_string());
    let expires = Timestamp::from_millisecond(uploads.expires_unix_ms(upload)).unwrap_or(Timestamp::MAX);
    if let Ok(date) = DateTimePrinter::new().timestamp_to_rfc9110_string(&expires) {
        tell("upload-expires", date);
    }
    if let State::Stored { sha256, duplicate, .. } = upload.record().state {
        tell("heimdall-object", sha256);
        tell("heimdall-duplicate", duplicate.to_string());
    }
    headers
}
