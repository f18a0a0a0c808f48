//! The list of models while the page is open: looked at again now and then, and at once when something in the page
//! knows that it changed. A host that only serves files needs nothing for it.

use heimdall_page::session::Event;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::{dom, fetch};

/// How often the host is asked, milliseconds.
const EVERY_MS: i32 = 30_000;
/// The window's event that the list has changed.
const CHANGED: &str = "heimdall:models";

/// Fetches the list, and again whenever it may be another; `tell` hears of every one.
pub(super) fn watch(tell: fn(Event)) {
    let look = move || {
        wasm_bindgen_futures::spawn_local(async move {
            // Away for a moment is not gone.
            if let Some(index) = fetch::models().await {
                tell(Event::Models(index));
            }
        });
    };
    look();
    let Some(window) = web_sys::window() else { return };
    let again = Closure::<dyn FnMut()>::new(look).into_js_value();
    let again: &js_sys::Function = again.unchecked_ref();
    dom::report(window.set_interval_with_callback_and_timeout_and_arguments_0(again, EVERY_MS));
    dom::report(window.add_event_listener_with_callback(CHANGED, again));
}
