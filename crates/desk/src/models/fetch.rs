//! Published files, which lie beside the page.

use serde::de::DeserializeOwned;

use crate::api::checked;

async fn response(path: &str) -> Result<gloo_net::http::Response, String> {
    checked(gloo_net::http::Request::get(&format!("models/{path}")).send().await).await
}

fn unreadable(path: &str, error: &impl std::fmt::Display) -> String {
    format!("A published file cannot be read ({error}): models/{path}")
}

pub(super) async fn json<T: DeserializeOwned>(path: &str) -> Result<T, String> {
    response(path).await?.json().await.map_err(|error| unreadable(path, &error))
}

pub(super) async fn text(path: &str) -> Result<String, String> {
    response(path).await?.text().await.map_err(|error| unreadable(path, &error))
}
