//! The server's API, as far as the desk uses it.

use gloo_net::http::{Method, Request, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything lies below this, from the page's own address.
pub(crate) const API: &str = "api/v1";

/// The status where `If-Match` names an older revision.
const PRECONDITION_FAILED: u16 = 412;

/// A refusal, RFC 9457.
#[derive(Deserialize)]
struct Problem {
    detail: String,
}

pub(crate) async fn get<T: DeserializeOwned>(path: &str) -> Result<T, String> {
    read(Request::get(&format!("{API}/{path}")).send().await).await
}

pub(crate) async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, String> {
    let request = Request::post(&format!("{API}/{path}")).json(body).map_err(|error| error.to_string())?;
    read(request.send().await).await
}

/// What became of a change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It was made.
    Done,
    /// It was not: somebody else changed the thing since it was fetched.
    Overtaken,
}

/// Changes what was fetched at this revision, and only that.
pub(crate) async fn change(method: Method, path: &str, revision: i64, body: Option<Value>) -> Result<Change, String> {
    let request = RequestBuilder::new(&format!("{API}/{path}")).method(method);
    let request = request.header("If-Match", &format!("\"{revision}\""));
    let request = match body {
        Some(body) => request.json(&body),
        None => request.build(),
    };
    let answer = request.map_err(|error| error.to_string())?.send().await;
    if answer.as_ref().is_ok_and(|answer| answer.status() == PRECONDITION_FAILED) {
        return Ok(Change::Overtaken);
    }
    checked(answer).await.map(|_| Change::Done)
}

/// A request without a body and with nothing of interest in its answer.
pub(crate) async fn tell(request: RequestBuilder) -> Result<(), String> {
    checked(request.send().await).await.map(drop)
}

async fn read<T: DeserializeOwned>(answer: Result<Response, gloo_net::Error>) -> Result<T, String> {
    checked(answer).await?.json().await.map_err(|error| format!("The server's answer cannot be read ({error})."))
}

/// The answer, or the sentence with which the server refused.
pub(crate) async fn checked(answer: Result<Response, gloo_net::Error>) -> Result<Response, String> {
    let answer =
        answer.map_err(|_| "The server cannot be reached; it is tried again when you ask again.".to_owned())?;
    if answer.ok() {
        return Ok(answer);
    }
    let status = answer.status();
    let problem = answer.json::<Problem>().await;
    Err(problem.map_or_else(|_| format!("The server answered {status}."), |problem| problem.detail))
}
