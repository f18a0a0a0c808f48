//! Small things of the document and the window.

use heimdall_page::preferences::{Language, Theme};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, Document, HtmlElement};

/// The document. Outside a page nothing of this program runs.
#[expect(clippy::expect_used, reason = "a page has a window and a document")]
pub(super) fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect("a document")
}

/// Processor cores that the browser admits to.
pub(super) fn cores() -> usize {
    web_sys::window().map_or(2, |window| window.navigator().hardware_concurrency() as usize)
}

/// Errors of this program go to the console; the user can do nothing about them.
pub(crate) fn report<T>(result: Result<T, JsValue>) {
    if let Err(error) = result {
        web_sys::console::error_1(&error);
    }
}

/// An error's message.
pub(super) fn text(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "unknown reason".to_owned())
}

/// Sets a mark that measurements, and parts of the page that were loaded later, hear of.
pub(crate) fn mark(name: &str) {
    if let Some(performance) = web_sys::window().and_then(|window| window.performance()) {
        report(performance.mark(name));
    }
}

/// Runs `action` after the next frame has been drawn.
pub(crate) fn after_frame(action: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(action);
    if let Some(window) = web_sys::window() {
        report(window.request_animation_frame(callback.unchecked_ref()));
    }
}

/// The system's choice between light and dark.
fn dark_query() -> Option<web_sys::MediaQueryList> {
    web_sys::window().and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok()?)
}

/// Shows the page light or dark.
pub(crate) fn show_theme(theme: Theme) {
    let dark = match theme {
        Theme::System => dark_query().is_some_and(|query| query.matches()),
        Theme::Light => false,
        Theme::Dark => true,
    };
    if let Some(root) = document().document_element() {
        report(root.set_attribute("data-theme", if dark { "dark" } else { "light" }));
    }
    // Parts of the page that were loaded later paint again when the window's size changes.
    if let (Some(window), Ok(event)) = (web_sys::window(), web_sys::Event::new("resize")) {
        report(window.dispatch_event(&event));
    }
}

/// Says which language is wanted; what shows another than English is fetched where it is.
pub(crate) fn show_language(language: Language) {
    let own = || web_sys::window().and_then(|window| window.navigator().language());
    let italian = match language {
        Language::Browser => own().is_some_and(|language| language.starts_with("it")),
        Language::English => false,
        Language::Italian => true,
    };
    let document = document();
    if let Some(root) = document.document_element() {
        report(root.set_attribute("lang", if italian { "it" } else { "en" }));
    }
    if italian && document.get_element_by_id("languages").is_none() {
        let script = document.create_element("script").and_then(|script| {
            for (name, value) in [("id", "languages"), ("type", "module"), ("src", "assets/languages/language.js")] {
                script.set_attribute(name, value)?;
            }
            document.document_element().map_or(Ok(()), |root| root.append_child(&script).map(drop))
        });
        report(script);
    }
}

/// A text as it is shown in another language, where one is.
pub(crate) fn says(text: &str) -> String {
    let function = js_sys::Reflect::get(&js_sys::global(), &"heimdallSays".into()).ok();
    let function = function.and_then(|function| function.dyn_into::<js_sys::Function>().ok());
    let said = function.and_then(|function| function.call1(&JsValue::NULL, &text.into()).ok());
    said.and_then(|said| said.as_string()).unwrap_or_else(|| text.to_owned())
}

/// Calls `action` whenever the system changes between light and dark.
pub(crate) fn on_theme_change(action: impl Fn() + 'static) {
    let Some(query) = dark_query() else { return };
    let callback = Closure::<dyn Fn()>::new(action);
    report(query.add_event_listener_with_callback("change", callback.as_ref().unchecked_ref()));
    // The page listens as long as it lives.
    callback.forget();
}

/// Calls `action` with the detail of every event of this name that a part of the page which was loaded later sends.
pub(crate) fn listen(name: &str, action: impl Fn(&JsValue) + 'static) {
    let callback =
        Closure::<dyn Fn(CustomEvent)>::new(move |event: CustomEvent| action(&event.detail())).into_js_value();
    if let Some(window) = web_sys::window() {
        report(window.add_event_listener_with_callback(name, callback.unchecked_ref()));
    }
}

/// Takes an element out of the page.
pub(crate) fn remove(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.remove();
    }
}

/// Lets the browser do what else it has to do.
pub(crate) async fn breathe() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        report(leptos::prelude::window().set_timeout_with_callback(&resolve));
    });
    report(wasm_bindgen_futures::JsFuture::from(promise).await);
}

/// Presses a control that is not visible.
pub(crate) fn click(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

/// Scrolls to an element that may be out of sight on a small screen.
pub(crate) fn bring_into_view(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.scroll_into_view();
    }
}

/// Puts a text on the clipboard.
pub(crate) fn copy(text: &str) {
    if let Some(window) = web_sys::window() {
        // The browser may refuse; the text can still be selected by hand.
        let _promise = window.navigator().clipboard().write_text(text);
    }
}

/// An element with a class and a text, which is never read as HTML.
pub(super) fn element(tag: &str, class: &str, text: &str) -> Option<HtmlElement> {
    let element: HtmlElement = document().create_element(tag).ok()?.dyn_into().ok()?;
    element.set_class_name(class);
    element.set_text_content(Some(text));
    Some(element)
}

/// True where the user writes into a field.
pub(crate) fn is_writing() -> bool {
    let focused = document().active_element();
    focused.is_some_and(|element| {
        let field = "input:not([type='checkbox']), textarea, select, [contenteditable]";
        element.matches(field).unwrap_or(false)
    })
}

/// True where a dialog takes the keys.
pub(crate) fn has_dialog() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}

/// Presses the first control that matches.
pub(crate) fn click_first(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

/// Opens a `<details>` and shows it.
pub(crate) fn unfold(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        report(element.set_attribute("open", ""));
        element.scroll_into_view();
    }
}

/// Scrolls no further than is needed to see an element of a list.
pub(crate) fn keep_in_view(id: &str) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    if let Some(element) = document().get_element_by_id(id) {
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Lays the page out for paper while it is printed; calls `action` after the layout has changed, with true for paper.
pub(crate) fn on_print(action: impl Fn(bool) + 'static) {
    let changed = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        let paper = event.type_() == "beforeprint";
        if let Some(root) = document().document_element() {
            report(root.class_list().toggle_with_force("printing", paper));
        }
        action(paper);
    });
    let changed = changed.into_js_value();
    if let Some(window) = web_sys::window() {
        for event in ["beforeprint", "afterprint"] {
            report(window.add_event_listener_with_callback(event, changed.unchecked_ref()));
        }
    }
}

/// Prints the page.
pub(crate) fn print() {
    report(web_sys::window().ok_or(JsValue::NULL).and_then(|window| window.print()));
}
