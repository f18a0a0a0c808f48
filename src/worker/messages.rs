//! Messages as arrays: the JSON text, then files, then samples.

use heimdall_page::protocol::{Reply, Request};
use num_complex::Complex32;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, File};

/// A request with what came beside it.
pub(crate) struct Incoming {
    pub(crate) request: Request,
    pub(crate) files: Vec<File>,
    pub(crate) samples: Vec<Complex32>,
}

impl Incoming {
    pub(crate) fn read(message: &JsValue) -> Result<Self, String> {
        let parts: &js_sys::Array = message.dyn_ref().ok_or("a message is no array")?;
        let text = parts.get(0).as_string().ok_or("a message has no text")?;
        let request = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let files =
            parts.get(1).dyn_into::<js_sys::Array>().map_or_else(|_| Vec::new(), |files| files.iter().collect());
        let files = files.into_iter().filter_map(|file| file.dyn_into().ok()).collect();
        let samples =
            parts.get(2).dyn_into::<js_sys::Float32Array>().map_or_else(|_| Vec::new(), |array| complex(&array));
        Ok(Self { request, files, samples })
    }
}

fn complex(interleaved: &js_sys::Float32Array) -> Vec<Complex32> {
    let pairs = interleaved.to_vec();
    pairs.as_chunks::<2>().0.iter().map(|[re, im]| Complex32::new(*re, *im)).collect()
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Posts a reply; samples are moved, not copied.
pub(crate) fn send(reply: &Reply, samples: Option<&[Complex32]>) {
    let text = match serde_json::to_string(reply) {
        Ok(text) => text,
        Err(error) => return complain(&error.to_string()),
    };
    let parts = js_sys::Array::of1(&text.into());
    let transfer = js_sys::Array::new();
    if let Some(samples) = samples {
        let interleaved: Vec<f32> = samples.iter().flat_map(|sample| [sample.re, sample.im]).collect();
        let array = js_sys::Float32Array::from(interleaved.as_slice());
        transfer.push(&array.buffer());
        parts.push(&array);
    }
    if let Err(error) = scope().post_message_with_transfer(&parts, &transfer) {
        complain(&format!("{error:?}"));
    }
}

/// Errors of this program, which no user can mend.
pub(crate) fn complain(message: &str) {
    web_sys::console::error_1(&message.into());
}
