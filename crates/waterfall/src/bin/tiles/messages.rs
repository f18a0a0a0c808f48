//! Messages as arrays: the JSON text, then a file or numbers.

use std::cell::RefCell;

use heimdall_waterfall::{Reply, Request};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::work::{Numbers, Work};

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Answers until the page ends the worker.
pub(crate) fn start() {
    console_error_panic_hook::set_once();
    let work = RefCell::new(Work::default());
    let listen: Closure<dyn FnMut(MessageEvent)> = Closure::new(move |event: MessageEvent| {
        let data = event.data();
        let answer = read(&data).and_then(|(request, file)| work.borrow_mut().perform(request, file));
        match answer {
            Ok(None) => {}
            Ok(Some(numbers)) => send(&Reply::Done, Some(numbers)),
            Err(sentence) => send(&Reply::Failed(sentence), None),
        }
    });
    scope().set_onmessage(Some(listen.as_ref().unchecked_ref()));
    listen.forget();
}

fn read(message: &JsValue) -> Result<(Request, JsValue), String> {
    let parts: &js_sys::Array = message.dyn_ref().ok_or("a message is no array")?;
    let text = parts.get(0).as_string().ok_or("a message has no text")?;
    let request = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    Ok((request, parts.get(1)))
}

fn send(reply: &Reply, numbers: Option<Numbers>) {
    let text = serde_json::to_string(reply).unwrap_or_default();
    let parts = js_sys::Array::of1(&text.into());
    let transfer = js_sys::Array::new();
    match numbers {
        Some(Numbers::Levels(levels)) => {
            let array = js_sys::Int16Array::from(levels.as_slice());
            transfer.push(&array.buffer());
            parts.push(&array);
        }
        Some(Numbers::Samples(samples)) => {
            let array = js_sys::Float32Array::from(samples.as_slice());
            transfer.push(&array.buffer());
            parts.push(&array);
        }
        None => {}
    }
    if let Err(error) = scope().post_message_with_transfer(&parts, &transfer) {
        web_sys::console::error_1(&error);
    }
}
