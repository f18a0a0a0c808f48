//! Files over HTTP: type, validators, caching.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

/// Bytes read at once.
const READ_BYTES: usize = 64 << 10;
/// Digits of the hash that the page's build puts into names.
const LEAST_HASH_DIGITS: usize = 8;

/// Media types by extension; anything else is `application/octet-stream`.
const TYPES: &[(&str, &str)] = &[
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("json", "application/json"),
    ("sigmf-meta", "application/json"),
    ("sigmf-collection", "application/json"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("ico", "image/x-icon"),
    ("txt", "text/plain; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("yaml", "application/yaml"),
];

/// How long a browser may use a file without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caching {
    /// It never changes.
    Immutable,
    /// It asks each time whether the file has changed.
    Ask,
}

impl Caching {
    /// Files with a hash in their name never change: `app-0123456789abcdef_bg.wasm`.
    pub(crate) fn of_page(path: &Path) -> Self {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let hash = stem.trim_end_matches("_bg").rsplit_once('-').map_or("", |(_, hash)| hash);
        let hashed = hash.len() >= LEAST_HASH_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hashed { Self::Immutable } else { Self::Ask }
    }

    /// `CONSTELLATION/VERSION/FILE` never changes; only the index does.
    pub(crate) fn of_model(path: &Path) -> Self {
        if path.components().count() >= 3 { Self::Immutable } else { Self::Ask }
    }

    fn header(self) -> &'static str {
        match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Ask => "no-cache",
        }
    }
}

/// A file that is there, opened: what is said of it is true of the bytes that are sent.
pub(crate) struct Found {
    file: File,
    metadata: Metadata,
    media_type: &'static str,
}

/// The file, where there is one.
pub(crate) async fn find(path: &Path) -> Option<Found> {
    let file = File::open(path).await.ok()?;
    let metadata = file.metadata().await.ok().filter(Metadata::is_file)?;
    Some(Found { file, metadata, media_type: media_type(path) })
}

impl Found {
    /// The file, or 304 where the client has it.
    pub(crate) fn answer(self, headers: &HeaderMap, caching: Caching) -> Response {
        let tag = tag(&self.metadata);
        let common = [(ETAG, tag.clone()), (CACHE_CONTROL, caching.header().to_owned())];
        if has(headers, &tag) {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        let own = [(CONTENT_TYPE, self.media_type.to_owned()), (CONTENT_LENGTH, self.metadata.len().to_string())];
        let body = Body::from_stream(ReaderStream::with_capacity(self.file, READ_BYTES));
        (common, own, body).into_response()
    }
}

/// Weak, since the answer may be compressed on its way: file number, length and time of the last change.
fn tag(metadata: &Metadata) -> String {
    let changed = (metadata.mtime(), metadata.mtime_nsec());
    format!("W/\"{:x}-{:x}-{:x}.{:x}\"", metadata.ino(), metadata.len(), changed.0, changed.1)
}

/// True where the client names the tag in `If-None-Match`.
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let named = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|line| line.split(',')).any(|named| named.trim() == "*" || strong(named) == strong(tag))
}

fn media_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let known = TYPES.iter().find(|(known, _)| extension.eq_ignore_ascii_case(known));
    known.map_or("application/octet-stream", |(_, media_type)| *media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_never_changes_is_kept_unasked() {
        let page = |path: &str| Caching::of_page(Path::new(path));
        assert_eq!(page("app-5a17c8c4fb1a38b8_bg.wasm"), Caching::Immutable);
        assert_eq!(page("style-5a17c8c4fb1a38b8.css"), Caching::Immutable);
        for path in ["index.html", "worker.js", "worker_bg.wasm", "worker-loader.js"] {
            assert_eq!(page(path), Caching::Ask, "{path}");
        }
        assert_eq!(Caching::of_model(Path::new("italy/v1.0.0/model.onnx")), Caching::Immutable);
        assert_eq!(Caching::of_model(Path::new("index.json")), Caching::Ask);
    }
}
