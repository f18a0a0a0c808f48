//! A published file: from the browser's cache, where it lies under its checksum, else from the page's host.

use heimdall_model::ModelCard;
use heimdall_pipeline::network::NetworkReply;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, ReadableStreamDefaultReader, Response};

use crate::messages::{scope, send};

const CACHE: &str = "heimdall-models";

/// The file `name` of `card`, whole and checked; tells the page what share has come.
///
/// # Errors
/// A sentence where it cannot be fetched, or is not the published one.
pub(crate) async fn published(address: &str, card: &ModelCard, name: &str) -> Result<Vec<u8>, String> {
    let file = card.file(name).ok_or_else(|| format!("The model's card names no {name}"))?;
    // Not an address of the host: the checksum is all that counts, wherever the file came from.
    let key = format!("models/sha256/{}", file.sha256);
    let cache = cache().await;
    if let Some(cache) = &cache {
        let found = cached(cache, &key).await;
        // What the browser kept may be damaged or cut short.
        if let Some(bytes) = found.filter(|bytes| card.verify(name, bytes).is_ok()) {
            return Ok(bytes);
        }
    }
    let bytes = download(address, file.bytes).await.map_err(|error| {
        format!("The network could not be fetched ({}). Check the connection: {address}", sentence(&error))
    })?;
    card.verify(name, &bytes).map_err(|error| error.to_string())?;
    if let Some(cache) = &cache {
        // Full disks and private windows keep nothing; then it is fetched again next time.
        let _kept = keep(cache, &key, &bytes).await;
    }
    Ok(bytes)
}

/// The browser's cache; `None` where it has none, as on hosts without HTTPS.
async fn cache() -> Option<Cache> {
    let storage = scope().caches().ok().filter(|storage| !storage.is_undefined())?;
    JsFuture::from(storage.open(CACHE)).await.ok()?.dyn_into().ok()
}

async fn cached(cache: &Cache, key: &str) -> Option<Vec<u8>> {
    let response: Response = JsFuture::from(cache.match_with_str(key)).await.ok()?.dyn_into().ok()?;
    let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}

async fn keep(cache: &Cache, key: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let body = js_sys::Uint8Array::from(bytes);
    let response = Response::new_with_opt_buffer_source(Some(&body))?;
    JsFuture::from(cache.put_with_str(key, &response)).await?;
    Ok(())
}

/// Reads as it comes, so that progress can be told; the host may compress, so the length is the card's.
async fn download(address: &str, total: u64) -> Result<Vec<u8>, JsValue> {
    let response: Response = JsFuture::from(scope().fetch_with_str(address)).await?.dyn_into()?;
    if !response.ok() {
        return Err(format!("the server answered {}", response.status()).into());
    }
    let body = response.body().ok_or("the server sent nothing")?;
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into()?;
    let mut bytes = Vec::new();
    let mut told = 0.0;
    loop {
        let part = JsFuture::from(reader.read()).await?;
        if js_sys::Reflect::get(&part, &"done".into())?.is_truthy() {
            return Ok(bytes);
        }
        let part: js_sys::Uint8Array = js_sys::Reflect::get(&part, &"value".into())?.dyn_into()?;
        let start = bytes.len();
        bytes.resize(start + part.length() as usize, 0);
        part.copy_to(bytes.get_mut(start..).unwrap_or_default());
        // More than the card says is another file; it is not read to its end.
        if bytes.len() as u64 > total {
            return Ok(bytes);
        }
        let share = bytes.len() as f32 / total.max(1) as f32;
        if share - told >= 0.01 {
            told = share;
            send(&NetworkReply::Progress(share));
        }
    }
}

fn sentence(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "the browser does not say why".to_owned())
}
