//! Uploads by the tus protocol 1.0, a slice of the file a request: the browser holds one slice at a time, and an upload
//! goes on where it stopped, after a pause, a reload, or an end of the server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gloo_net::http::{Method, Request, RequestBuilder, Response};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, Storage};

use crate::api::{API, checked};

const SLICE_BYTES: f64 = 8e6;
const OFFSET: &str = "Upload-Offset";
/// Addresses of unfinished uploads, by file, in the browser's storage.
const REMEMBERED: &str = "heimdall:upload:";

/// How an upload goes on after a slice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// With the next one.
    Go,
    /// Not now; it is remembered.
    Pause,
}

/// What the server says of a finished upload.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Stored {
    /// SHA-256 of its content, under which it is kept.
    pub(crate) object: Option<String>,
}

/// Sends a file, from where an earlier attempt stopped; `None` where it was paused. `progress` hears of the share done
/// and says how to go on.
pub(crate) async fn send(file: &File, progress: &dyn Fn(f64) -> Next) -> Result<Option<Stored>, String> {
    let key = format!("{REMEMBERED}{}:{}:{}", file.name(), file.size(), file.last_modified());
    let (address, mut offset) = match remembered(&key).await {
        Some(found) => found,
        None => {
            let address = create(file).await?;
            remember(&key, Some(&address));
            (address, 0.0)
        }
    };
    while offset < file.size() {
        if progress(offset / file.size()) == Next::Pause {
            return Ok(None);
        }
        match append(file, &address, offset).await {
            Ok(now) => offset = now,
            Err(error) => {
                // What was refused does not become better; what was cut off goes on from the server's offset.
                if ask_offset(&address).await.is_none() {
                    remember(&key, None);
                }
                return Err(error);
            }
        }
    }
    progress(1.0);
    remember(&key, None);
    let id = address.rsplit('/').next().unwrap_or_default();
    crate::api::get(&format!("uploads/{id}")).await.map(Some)
}

fn request(method: Method, address: &str) -> RequestBuilder {
    RequestBuilder::new(address).method(method).header("Tus-Resumable", "1.0.0")
}

async fn create(file: &File) -> Result<String, String> {
    let name = STANDARD.encode(file.name());
    let created = request(Method::POST, &format!("{API}/uploads"))
        .header("Upload-Length", &format!("{:.0}", file.size()))
        .header("Upload-Metadata", &format!("filename {name}"))
        .send()
        .await;
    let created = checked(created).await?;
    let location = created.headers().get("Location").ok_or("The server did not say where to upload to.")?;
    // Whatever host the server believes to be, it is this one.
    let id = location.rsplit('/').next().unwrap_or_default();
    Ok(format!("{API}/uploads/{id}"))
}

/// Sends one slice; the offset behind it.
async fn append(file: &File, address: &str, offset: f64) -> Result<f64, String> {
    let failed = |error: JsValue| format!("{} cannot be read ({error:?}).", file.name());
    let end = (offset + SLICE_BYTES).min(file.size());
    let slice = file.slice_with_f64_and_f64(offset, end).map_err(failed)?;
    let bytes = JsFuture::from(slice.array_buffer()).await.map_err(failed)?;
    let mut patch = request(Method::PATCH, address)
        .header("Content-Type", "application/offset+octet-stream")
        .header(OFFSET, &format!("{offset:.0}"));
    if let Some(digest) = sha256(&bytes).await {
        patch = patch.header("Upload-Checksum", &format!("sha256 {digest}"));
    }
    let request: Request = patch.body(bytes).map_err(|error| error.to_string())?;
    let answer = checked(request.send().await).await?;
    offset_of(&answer).ok_or_else(|| "The server did not say how much it has.".to_owned())
}

/// In Base64; only pages from this machine or over HTTPS may compute it.
async fn sha256(bytes: &JsValue) -> Option<String> {
    let subtle = web_sys::window()?.crypto().ok()?.subtle();
    let digest = subtle.digest_with_str_and_buffer_source("SHA-256", bytes.dyn_ref()?).ok()?;
    let digest = JsFuture::from(digest).await.ok()?;
    Some(STANDARD.encode(js_sys::Uint8Array::new(&digest).to_vec()))
}

fn offset_of(answer: &Response) -> Option<f64> {
    answer.headers().get(OFFSET)?.parse().ok()
}

/// How much the server has; `None` where it knows the upload no more.
async fn ask_offset(address: &str) -> Option<f64> {
    let answer = request(Method::HEAD, address).send().await.ok()?;
    if answer.ok() { offset_of(&answer) } else { None }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

async fn remembered(key: &str) -> Option<(String, f64)> {
    let address = storage()?.get_item(key).ok()??;
    let offset = ask_offset(&address).await?;
    Some((address, offset))
}

/// Private windows may remember nothing; then a reload begins anew.
fn remember(key: &str, address: Option<&str>) {
    let Some(storage) = storage() else { return };
    let _kept = match address {
        Some(address) => storage.set_item(key, address),
        None => storage.remove_item(key),
    };
}
