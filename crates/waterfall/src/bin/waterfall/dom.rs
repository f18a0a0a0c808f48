//! Small things of the document and the window.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, Document, HtmlCanvasElement, Window};

/// Outside a window nothing of this program runs.
#[expect(clippy::expect_used, reason = "a page has a window")]
pub(crate) fn window() -> Window {
    web_sys::window().expect("a window")
}

#[expect(clippy::expect_used, reason = "a page has a document")]
pub(crate) fn document() -> Document {
    window().document().expect("a document")
}

/// Errors of this program go to the console; the user can do nothing about them.
pub(crate) fn report<T>(result: Result<T, JsValue>) {
    if let Err(error) = result {
        web_sys::console::error_1(&error);
    }
}

/// An error's message.
pub(crate) fn text(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "unknown reason".to_owned())
}

/// Milliseconds since the page was loaded.
pub(crate) fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Device pixels per CSS pixel.
pub(crate) fn pixel_ratio() -> f64 {
    window().device_pixel_ratio().clamp(1.0, 4.0)
}

/// A canvas of its own, seen only where it is drawn.
pub(crate) fn canvas(width: u32, height: u32) -> Option<HtmlCanvasElement> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    Some(canvas)
}

pub(crate) fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

/// Value of a CSS custom property, such as `--ink`.
pub(crate) fn css_value(name: &str) -> String {
    let style = document().document_element().and_then(|root| window().get_computed_style(&root).ok()?);
    style.and_then(|style| style.get_property_value(name).ok()).unwrap_or_default().trim().to_owned()
}

/// Runs `action` before the next frame is drawn.
pub(crate) fn before_frame(action: impl FnOnce() + 'static) {
    report(window().request_animation_frame(Closure::once_into_js(action).unchecked_ref()));
}

/// Runs `action` after some milliseconds.
pub(crate) fn after(milliseconds: i32, action: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(action);
    let set = window().set_timeout_with_callback_and_timeout_and_arguments_0(callback.unchecked_ref(), milliseconds);
    report(set);
}

/// Waits some milliseconds.
pub(crate) async fn wait(milliseconds: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        report(window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds));
    });
    let _done = JsFuture::from(promise).await;
}
