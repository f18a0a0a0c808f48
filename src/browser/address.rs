//! The end of the page's address, which holds the settings.

use heimdall_page::link::{self, Link};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use super::dom;

/// What the address says, or why it cannot be read.
pub(crate) fn read() -> Result<Link, String> {
    let end = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    link::read(end.trim_start_matches('#'))
}

/// Replaces the end of the address. The browser's way back is not touched.
pub(crate) fn write(text: &str) {
    let replace = || {
        let window = web_sys::window().ok_or("no window")?;
        let location = window.location();
        if location.hash()?.trim_start_matches('#') == text {
            return Ok(());
        }
        let mark = if text.is_empty() { "" } else { "#" };
        let address = format!("{}{}{mark}{text}", location.pathname()?, location.search()?);
        window.history()?.replace_state_with_url(&JsValue::NULL, "", Some(&address))
    };
    dom::report(replace());
}

/// Calls `action` when the user changes the address of the open page.
pub(crate) fn on_change(action: impl Fn() + 'static) {
    let callback = Closure::<dyn Fn()>::new(action).into_js_value();
    if let Some(window) = web_sys::window() {
        dom::report(window.add_event_listener_with_callback("hashchange", callback.unchecked_ref()));
    }
}
