//! Where the keyboard is.

use leptos::task::{spawn_local, tick};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::page::report;

/// Moves the focus to the element with this id, once what was changed is drawn; the browser scrolls to it.
pub(crate) fn focus(id: impl Into<String>) {
    let id = id.into();
    spawn_local(async move {
        tick().await;
        let document = web_sys::window().and_then(|window| window.document());
        let element = document.and_then(|document| document.get_element_by_id(&id));
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            report(element.focus());
        }
    });
}
