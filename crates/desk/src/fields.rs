//! Fields of forms.

use leptos::prelude::*;

/// A label and the line of text that it names.
pub(crate) fn field(id: &'static str, label: &'static str, text: RwSignal<String>) -> impl IntoView {
    view! {
        <label for=id>{label}</label>
        <input type="text" id=id prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event))/>
    }
}

/// A label and several lines of text.
pub(crate) fn notes_field(id: &'static str, text: RwSignal<String>) -> impl IntoView {
    view! {
        <label for=id>"Notes"</label>
        <textarea id=id rows="3" maxlength="20000" prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event))></textarea>
    }
}
