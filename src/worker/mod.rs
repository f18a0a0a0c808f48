//! Requests in, replies out. Nothing here is asynchronous: a worker does one thing at a time.

mod messages;
mod open;
mod pack;
mod work;

use std::cell::RefCell;

use heimdall_page::protocol::Request;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use messages::Incoming;
use work::Work;

/// Answers messages from now on.
pub(crate) fn start() {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let work = RefCell::new(Work::default());
    let answer = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let incoming = match Incoming::read(&event.data()) {
            Ok(incoming) => incoming,
            Err(message) => return messages::complain(&message),
        };
        let answered = !matches!(incoming.request, Request::Channel { .. });
        let (reply, samples) = work.borrow_mut().perform(incoming);
        if answered {
            messages::send(&reply, samples.as_deref());
        }
    });
    scope.set_onmessage(Some(answer.as_ref().unchecked_ref()));
    // The worker answers until it is ended.
    answer.forget();
}
