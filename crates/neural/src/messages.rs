//! Messages as the page's other workers have them: an array of the JSON text, files (none here), samples.

use std::cell::RefCell;
use std::rc::Rc;

use heimdall_pipeline::network::{NetworkReply, NetworkRequest};
use num_complex::Complex32;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::work::Work;

/// The page's protocol calls these requests by this name.
const ENVELOPE: &str = "Network";

pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Listens until the page ends the worker.
pub(crate) fn start() {
    console_error_panic_hook::set_once();
    let work = Rc::new(RefCell::new(Work::default()));
    let listen: Closure<dyn FnMut(MessageEvent)> = Closure::new(move |event: MessageEvent| match read(&event.data()) {
        Ok((NetworkRequest::Heard { facts }, samples)) => match serde_json::from_str(&facts) {
            Ok(facts) => work.borrow_mut().keep(facts, samples),
            Err(error) => complain(&error.to_string().into()),
        },
        Ok((NetworkRequest::Run { card, plan }, _)) => {
            let work = Rc::clone(&work);
            // One at a time: the page sends the next when this one is answered.
            wasm_bindgen_futures::spawn_local(async move {
                let answer = Work::run(&work, &card, &plan).await;
                send(&answer.map_or_else(NetworkReply::Failed, NetworkReply::Answered));
            });
        }
        Err(error) => send(&NetworkReply::Failed(format!("The page's message cannot be read ({error})"))),
    });
    scope().set_onmessage(Some(listen.as_ref().unchecked_ref()));
    listen.forget();
}

fn read(message: &JsValue) -> Result<(NetworkRequest, Vec<Complex32>), String> {
    let parts: &js_sys::Array = message.dyn_ref().ok_or("it is no array")?;
    let text = parts.get(0).as_string().ok_or("it has no text")?;
    let mut envelope: serde_json::Map<_, _> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let request = envelope.remove(ENVELOPE).ok_or("it is for another worker")?;
    let request = serde_json::from_value(request).map_err(|error| error.to_string())?;
    let samples = parts.get(2).dyn_into::<js_sys::Float32Array>().map_or_else(|_| Vec::new(), |array| array.to_vec());
    let samples = samples.as_chunks::<2>().0.iter().map(|[re, im]| Complex32::new(*re, *im)).collect();
    Ok((request, samples))
}

/// Posts a reply.
pub(crate) fn send(reply: &NetworkReply) {
    let posted = serde_json::to_string(reply)
        .map_err(|error| JsValue::from(error.to_string()))
        .and_then(|text| scope().post_message(&js_sys::Array::of1(&text.into())));
    if let Err(error) = posted {
        complain(&error);
    }
}

/// Errors of this program, which no user can mend.
fn complain(error: &JsValue) {
    web_sys::console::error_1(error);
}
