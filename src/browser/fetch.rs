//! What the page loads from its own host.

use gloo_net::http::Request;
use heimdall_pipeline::network::{CardText, FOLDER};
use serde::Deserialize;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

const SAMPLES: &str = "assets/samples";
/// Outlines by level of detail.
const OUTLINES: [&str; 2] =
    ["assets/vendor/world-atlas/countries-110m.json", "assets/vendor/world-atlas/countries-50m.json"];

/// Compiles while it loads; hosts that do not name the media type make it wait for the whole module.
pub(super) async fn module(address: &str) -> Result<JsValue, JsValue> {
    let window = web_sys::window().ok_or("no window")?;
    let streamed = js_sys::WebAssembly::compile_streaming(&window.fetch_with_str(address));
    if let Ok(module) = JsFuture::from(streamed).await {
        return Ok(module);
    }
    let bytes = binary(address).await?;
    JsFuture::from(js_sys::WebAssembly::compile(&js_sys::Uint8Array::from(bytes.as_slice()).into())).await
}

/// The offline base map, TopoJSON: coarse and light, or fine.
pub(crate) async fn base_map(fine: bool) -> Result<String, String> {
    let [coarse_map, fine_map] = OUTLINES;
    let bytes = binary(if fine { fine_map } else { coarse_map }).await?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// The list of models, where the page was published with some.
pub(super) async fn models() -> Option<String> {
    let bytes = binary(&format!("{FOLDER}/index.json")).await.ok()?;
    String::from_utf8(bytes).ok()
}

/// A model's card.
pub(super) async fn card(folder: String) -> Result<CardText, String> {
    let bytes = binary(&format!("{FOLDER}/{folder}/metadata.json")).await;
    let bytes = bytes.map_err(|error| format!("Its card could not be fetched ({error}). Check the connection."))?;
    let json = String::from_utf8(bytes).map_err(|error| format!("Its card is no text ({error})."))?;
    Ok(CardText { folder, json })
}

async fn binary(address: &str) -> Result<Vec<u8>, String> {
    let response = Request::get(address).send().await.map_err(|error| error.to_string())?;
    if !response.ok() {
        return Err(format!("the server answered {} to {address}", response.status()));
    }
    response.binary().await.map_err(|error| error.to_string())
}

/// The part of a SigMF collection that names its recordings.
#[derive(Deserialize)]
struct Collection {
    collection: Streams,
}

#[derive(Deserialize)]
struct Streams {
    #[serde(rename = "core:streams")]
    streams: Vec<Stream>,
}

#[derive(Deserialize)]
struct Stream {
    name: String,
}

/// Names and contents of the files of the sample in a folder, which its collection names.
pub(crate) async fn sample(folder: &str, collection: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
    let collection_name = format!("{collection}.sigmf-collection");
    let text = binary(&format!("{SAMPLES}/{folder}/{collection_name}")).await?;
    let Collection { collection } = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let names = collection
        .streams
        .iter()
        .flat_map(|stream| ["sigmf-meta", "sigmf-data"].map(|extension| format!("{}.{extension}", stream.name)));
    let mut files = vec![(collection_name, text)];
    for name in names {
        let bytes = binary(&format!("{SAMPLES}/{folder}/{name}")).await?;
        files.push((name, bytes));
    }
    Ok(files)
}
