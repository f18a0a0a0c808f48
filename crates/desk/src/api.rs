//! The server's API, as far as the desk uses it.

use gloo_net::http::{Request, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Everything lies below this, from the page's own address.
pub(crate) const API: &str = "api/v1";

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
