//! The list of models while the page is open: looked at again now and then, and at once when something in the page
//! knows that it changed, or gives another one for this page alone. A host that only serves files needs nothing for it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use heimdall_page::session::Event;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::{dom, fetch};

/// How often the host is asked, milliseconds.
const EVERY_MS: i32 = 30_000;
/// The window's event that the list has changed. With a text in its detail, that is the list until the next event.
const CHANGED: &str = "heimdall:models";

/// Whether the list was given and the host's does not count.
static GIVEN: AtomicBool = AtomicBool::new(false);

/// Fetches the list, and again whenever it may be another; `tell` hears of every one.
pub(super) fn watch(tell: fn(Event)) {
    // The timer calls without an event.
    let look = move |event: JsValue| {
        let detail = js_sys::Reflect::get(&event, &"detail".into());
        let list = detail.as_ref().ok().and_then(JsValue::as_string);
        if detail.is_ok() {
            GIVEN.store(list.is_some(), Relaxed);
        }
        if let Some(list) = list {
            return tell(Event::Models(list));
        }
        wasm_bindgen_futures::spawn_local(async move {
            // Away for a moment is not gone.
            if let Some(index) = fetch::models().await
                && !GIVEN.load(Relaxed)
            {
                tell(Event::Models(index));
            }
        });
    };
    look(JsValue::UNDEFINED);
    let Some(window) = web_sys::window() else { return };
    let again = Closure::<dyn FnMut(JsValue)>::new(look).into_js_value();
    let again: &js_sys::Function = again.unchecked_ref();
    dom::report(window.set_interval_with_callback_and_timeout_and_arguments_0(again, EVERY_MS));
    dom::report(window.add_event_listener_with_callback(CHANGED, again));
}
