//! The page, its assets and the models.

use std::fs;
use std::path::Path;

use heimdall_server::Options;

use crate::support::{Running, folder};

const INDEX: &str = r#"{"constellations":[]}"#;

/// A page as the build leaves it, in small.
fn page(folder: &Path) -> Options {
    let page = folder.join("dist");
    let version = page.join("models/italy/v1.0.0");
    fs::create_dir_all(&version).unwrap();
    fs::create_dir_all(page.join("assets")).unwrap();
    for (name, text) in [
        ("index.html", "<!doctype html>"),
        ("app-5a17c8c4fb1a38b8.js", "export {}"),
        ("app-5a17c8c4fb1a38b8_bg.wasm", "\0asm"),
        ("worker.js", "worker"),
        ("assets/x.sigmf-data", "samples"),
        (".secret", "secret"),
        ("models/index.json", INDEX),
        ("models/italy/v1.0.0/metadata.json", "{}"),
    ] {
        fs::write(page.join(name), text).unwrap();
    }
    fs::write(page.join("long.js"), "let heimdall = 'heimdall';\n".repeat(1000)).unwrap();
    Options { page: Some(page), ..Options::new(folder.join("data")) }
}

#[test]
fn files_have_their_types_and_caching_and_need_no_token() {
    let folder = folder();
    let client = Running::with(page(folder.path()));
    let stranger = client.stranger();
    let immutable = "public, max-age=31536000, immutable";
    for (path, media_type, caching) in [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/app-5a17c8c4fb1a38b8.js", "text/javascript; charset=utf-8", immutable),
        ("/app-5a17c8c4fb1a38b8_bg.wasm", "application/wasm", immutable),
        ("/worker.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/assets/x.sigmf-data", "application/octet-stream", "no-cache"),
        ("/models/index.json", "application/json", "no-cache"),
        ("/models/italy/v1.0.0/metadata.json", "application/json", immutable),
    ] {
        let answer = stranger.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(media_type), "{path}");
        assert_eq!(answer.header("cache-control"), Some(caching), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("'wasm-unsafe-eval'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    }
}

#[test]
fn what_a_browser_has_is_not_sent_again_until_it_changes() {
    let folder = folder();
    let server = Running::with(page(folder.path()));
    let first = server.stranger().get("/models/index.json");
    let tag = first.header("etag").unwrap().to_owned();
    let ask = |tag: &str| server.stranger().send("GET", "/models/index.json", &[("If-None-Match", tag)], b"");
    let again = ask(&format!("\"other\", {tag}"));
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), Some(tag.as_str()));
    assert_eq!(again.header("cache-control"), Some("no-cache"));
    // The same length, and most likely within the same second.
    let changed = INDEX.replace("[]", "{}");
    fs::write(folder.path().join("dist/models/index.json"), &changed).unwrap();
    let changed_answer = ask(&tag);
    assert_eq!((changed_answer.status, changed_answer.body), (200, changed.into_bytes()));
}

#[test]
fn text_is_compressed_for_those_who_take_it() {
    let folder = folder();
    let server = Running::with(page(folder.path()));
    let plain = server.stranger().get("/long.js");
    for coding in ["br", "gzip"] {
        let packed = server.stranger().send("GET", "/long.js", &[("Accept-Encoding", coding)], b"");
        assert_eq!(packed.header("content-encoding"), Some(coding));
        assert!(packed.body.len() * 10 < plain.body.len());
    }
    assert_eq!(plain.header("content-encoding"), None);
}

#[test]
fn nothing_outside_of_the_page_is_served() {
    let folder = folder();
    let server = Running::with(page(folder.path()));
    for path in [
        "/../data/token",
        "/%2e%2e/data/token",
        "/assets/..%2f..%2fdata/token",
        "/.secret",
        "/models/../../data/token",
        "//etc/passwd",
    ] {
        let answer = server.stranger().get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.detail().is_empty());
    }
    assert_eq!(server.stranger().get("/assets").status, 404, "a folder is no file");
}

#[test]
fn models_published_here_come_before_the_pages() {
    let folder = folder();
    let server = Running::with(page(folder.path()));
    let index = || String::from_utf8(server.stranger().get("/models/index.json").body).unwrap();
    assert_eq!(index(), INDEX);
    fs::write(server.data.join("models/index.json"), "{\"constellations\": []}").unwrap();
    assert_eq!(index(), "{\"constellations\": []}");
    assert_eq!(server.stranger().get("/models/italy/v1.0.0/metadata.json").status, 200, "old versions stay");
}

#[test]
fn without_a_page_it_says_how_to_get_one() {
    let folder = folder();
    let server = Running::on(folder.path());
    let answer = server.stranger().get("/");
    assert_eq!(answer.status, 404);
    assert!(answer.detail().contains("--page"));
}
