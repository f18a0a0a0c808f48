//! One worker: start, post, listen, end.

use heimdall_page::protocol::Reply;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker};

/// What a worker says.
pub(super) enum Heard {
    /// A reply, with samples where it has them.
    Reply(Box<Reply>, Option<js_sys::Float32Array>),
    /// It ended, with the browser's message.
    Death(String),
}

/// A worker that is ended when it is dropped.
pub(super) struct Handle {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Handle {
    /// Starts a worker from the compiled module by its loader, a script of the page's host.
    pub(super) fn start(
        loader: &str,
        module: &JsValue,
        hear: impl Fn(Heard) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let worker = Worker::new(loader)?;
        let on_reply = hear.clone();
        let message = Closure::new(move |event: MessageEvent| {
            if let Some((reply, samples)) = read(&event.data()) {
                on_reply(Heard::Reply(Box::new(reply), samples));
            }
        });
        let error = Closure::new(move |event: ErrorEvent| {
            event.prevent_default();
            let text = js_sys::Reflect::get(&event, &"message".into()).ok().and_then(|text| text.as_string());
            hear(Heard::Death(text.unwrap_or_else(|| "it could not be loaded".to_owned())));
        });
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        worker.post_message(module)?;
        Ok(Self { worker, _on_message: message, _on_error: error })
    }

    /// Posts a message; buffers in `transfer` are moved.
    pub(super) fn post(&self, message: &JsValue, transfer: &js_sys::Array) -> Result<(), JsValue> {
        self.worker.post_message_with_transfer(message, transfer)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

fn read(message: &JsValue) -> Option<(Reply, Option<js_sys::Float32Array>)> {
    let parts: &js_sys::Array = message.dyn_ref()?;
    let reply = serde_json::from_str(&parts.get(0).as_string()?);
    let reply = reply.unwrap_or_else(|error| Reply::Failed(format!("The worker's answer cannot be read ({error})")));
    Some((reply, parts.get(1).dyn_into().ok()))
}
