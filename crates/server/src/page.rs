//! The page, its assets and the models: readable without a token. `?token=` becomes a cookie here.

use std::path::{Component, Path as FilePath, PathBuf};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::AppState;
use crate::api::Path;
use crate::auth::cookie_name;
use crate::files::{self, Caching};
use crate::problem::{Outcome, Problem};
use crate::router::wrong_method;

/// Bytes from which on an answer is compressed.
const COMPRESSED_FROM: u16 = 256;
const MOST_PAGE_BYTES: usize = 1 << 20;
/// Loads the desk.
const DESK: &str =
    r#"<script type="module">import start from "./desk.js"; start({ module_or_path: "./desk_bg.wasm" });</script>"#;

pub(crate) fn router(state: &AppState) -> Router<AppState> {
    // Weights and samples do not get smaller, or are asked for once.
    let worth_it = SizeAbove::new(COMPRESSED_FROM)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("application/octet-stream"));
    Router::new()
        .route("/", get(index))
        .route("/models/{*path}", get(model))
        .route("/{*path}", get(asset))
        .method_not_allowed_fallback(wrong_method)
        .layer(CompressionLayer::new().compress_when(worth_it))
        .layer(from_fn_with_state(state.clone(), token_to_cookie))
}

async fn index(State(state): State<AppState>, headers: HeaderMap) -> Outcome<Response> {
    let response = page_file(&state, FilePath::new("index.html"), &headers).await?;
    if response.status() != StatusCode::OK {
        return Ok(response);
    }
    // A page that comes from a server has one part more.
    let (mut parts, body) = response.into_parts();
    let failed = |error: axum::Error| Problem::internal("Reading the page", error);
    let bytes = axum::body::to_bytes(body, MOST_PAGE_BYTES).await.map_err(failed)?;
    let text = String::from_utf8_lossy(&bytes).replace("</body>", &format!("{DESK}</body>"));
    parts.headers.remove(CONTENT_LENGTH);
    Ok(Response::from_parts(parts, axum::body::Body::from(text)))
}

async fn asset(State(state): State<AppState>, Path(path): Path<String>, headers: HeaderMap) -> Outcome<Response> {
    page_file(&state, &inside(&path)?, &headers).await
}

async fn page_file(state: &AppState, path: &FilePath, headers: &HeaderMap) -> Outcome<Response> {
    let Some(page) = &state.page else {
        let detail = "This server was started without a page; build it with `cargo xtask build` and start the server \
                      with --page dist";
        return Err(Problem::not_found(detail));
    };
    let found = files::find(&page.join(path)).await;
    Ok(found.ok_or_else(|| nothing(path))?.answer(headers, Caching::of_page(path)))
}

/// A version's files come from the data folder, else from the page's. So does the index: the page's counts until
/// something was published here.
async fn model(State(state): State<AppState>, Path(path): Path<String>, headers: HeaderMap) -> Outcome<Response> {
    let path = inside(&path)?;
    let own = files::find(&state.folder.models().join(&path)).await;
    let found = match (own, &state.page) {
        (None, Some(page)) => files::find(&page.join("models").join(&path)).await,
        (own, _) => own,
    };
    Ok(found.ok_or_else(|| nothing(&path))?.answer(&headers, Caching::of_model(&path)))
}

/// A path that stays below its folder and names nothing hidden.
fn inside(path: &str) -> Outcome<PathBuf> {
    let path = PathBuf::from(path);
    let plain = |component: Component| match component {
        Component::Normal(name) => !name.to_string_lossy().starts_with('.'),
        _ => false,
    };
    if path.components().all(plain) { Ok(path) } else { Err(nothing(&path)) }
}

fn nothing(path: &FilePath) -> Problem {
    Problem::not_found(format!("There is no such file here; open / for the page: {}", path.display()))
}

/// A page that is opened with `?token=` gives the browser a cookie and is opened again without: the token should not
/// stay in the address bar.
async fn token_to_cookie(State(state): State<AppState>, request: Request, next: Next) -> Outcome<Response> {
    let Some((token, location)) = take_token(request.uri()) else {
        return Ok(next.run(request).await);
    };
    if state.tokens.identify(&token).await?.is_none() {
        let detail =
            "This address holds a token that is not valid here; open the one that the server printed when it started";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, detail));
    }
    let cookie =
        format!("{}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000", cookie_name(request.headers()));
    Ok((StatusCode::SEE_OTHER, [(SET_COOKIE, cookie), (LOCATION, location)]).into_response())
}

/// The token of an address, and the address without it. Tokens are letters, digits, `-` and `_`: nothing to decode.
fn take_token(uri: &Uri) -> Option<(String, String)> {
    let pairs = uri.query()?.split('&');
    let (tokens, rest): (Vec<&str>, Vec<&str>) = pairs.partition(|pair| pair.starts_with("token="));
    let token = tokens.first()?.strip_prefix("token=")?.to_owned();
    // Two slashes at the start would lead to another host.
    let mut location = format!("/{}", uri.path().trim_start_matches('/'));
    if !rest.is_empty() {
        location.push('?');
        location.push_str(&rest.join("&"));
    }
    Some((token, location))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_leaves_the_address_and_never_the_host() {
        let taken = |uri: &str| take_token(&uri.parse().unwrap());
        assert_eq!(taken("/?token=abc"), Some(("abc".into(), "/".into())));
        assert_eq!(taken("/a/b?x=1&token=abc&y=2"), Some(("abc".into(), "/a/b?x=1&y=2".into())));
        assert_eq!(taken("//evil.example/?token=abc"), Some(("abc".into(), "/evil.example/".into())));
        assert_eq!(taken("/?x=1"), None);
    }

    #[test]
    fn paths_stay_inside() {
        for path in ["../token", "a/../../token", "/etc/passwd", ".git/config", "a/./b/.hidden"] {
            assert!(inside(path).is_err(), "{path}");
        }
        assert!(inside("assets/vendor/leaflet/leaflet.js").is_ok());
    }
}
