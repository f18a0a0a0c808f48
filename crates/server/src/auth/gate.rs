//! The two gates: every request must call the server by its name and come from its own pages; the API needs a token.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::AppState;
use crate::problem::{Outcome, Problem};

/// Name of the cookie; browsers give a machine's cookies to all of its ports, so the port is in it.
pub(crate) fn cookie_name(headers: &HeaderMap) -> String {
    let port = text(headers, &HOST).and_then(|host| host.rsplit_once(':'));
    let port = port.map(|(_, port)| port).filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    format!("heimdall-{}", port.unwrap_or("80"))
}

/// Refuses hosts that are not ours, and changes that another site's page asks for.
pub(crate) async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Outcome<Response> {
    let headers = request.headers();
    let host = text(headers, &HOST).or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    let host = host.unwrap_or_default();
    if !state.hosts.allows(host) {
        let detail =
            format!("This server is not called \"{host}\"; call it by its address, or start it with --host {host}");
        return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail));
    }
    if !request.method().is_safe()
        && let Some(origin) = headers.get(ORIGIN)
    {
        let origin = origin.to_str().unwrap_or_default();
        let site = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        if site != Some(host) {
            let detail =
                format!("A page of {origin} may not change anything here; use the page that this server serves");
            return Err(Problem::new(StatusCode::FORBIDDEN, detail));
        }
    }
    Ok(next.run(request).await)
}

/// Gives the request the identity of its token; refuses it where there is none.
pub(crate) async fn authenticate(State(state): State<AppState>, mut request: Request, next: Next) -> Outcome<Response> {
    let identity = match token(request.headers()) {
        Some(token) => state.tokens.identify(token).await?,
        None => None,
    };
    let Some(identity) = identity else {
        let detail = "There is no valid token in this request; open the address that the server printed when it started, \
                      or send the header Authorization: Bearer TOKEN";
        let challenge = HeaderValue::from_static("Bearer");
        return Err(Problem::new(StatusCode::UNAUTHORIZED, detail).with(WWW_AUTHENTICATE, challenge));
    };
    request.extensions_mut().insert(identity);
    Ok(next.run(request).await)
}

/// The token of a client's header, else of the page's cookie.
fn token(headers: &HeaderMap) -> Option<&str> {
    if let Some(value) = text(headers, &AUTHORIZATION) {
        let (scheme, token) = value.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then_some(token.trim());
    }
    let name = cookie_name(headers);
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, token)| token)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
