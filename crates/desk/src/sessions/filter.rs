//! Which sessions are listed.

use leptos::prelude::*;

/// What is looked for; everything must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    text: String,
    state: String,
    source: String,
}

/// Values of the choices and what they are called; the first is no choice.
const STATES: [(&str, &str); 5] = [
    ("", "Any state"),
    ("state=pending", "Pending"),
    ("state=approved", "Approved"),
    ("state=rejected", "Rejected"),
    ("deleted=true", "Deleted"),
];
const SOURCES: [(&str, &str); 3] =
    [("", "Any source"), ("source_known=true", "Known source"), ("source_known=false", "Unknown source")];

impl Filter {
    /// Whether it leaves nothing out that is not deleted.
    pub(super) fn is_any(&self) -> bool {
        *self == Self::default()
    }

    /// The parameters of `GET /sessions`.
    pub(super) fn query(&self) -> String {
        let text = self.text.trim();
        let text = if text.is_empty() { String::new() } else { format!("text={}", js_sys::encode_uri_component(text)) };
        let parts = [text, self.state.clone(), self.source.clone()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&")
    }
}

#[component]
pub(super) fn Filters(filter: RwSignal<Filter>) -> impl IntoView {
    let options = |choices: &'static [(&str, &str)]| {
        choices.iter().map(|(value, label)| view! { <option value=*value>{*label}</option> }).collect_view()
    };
    view! {
        <input type="search" id="sessions-text" maxlength="200" aria-label="Search sessions" placeholder="Search title, notes, receivers"
            on:input=move |event| filter.update(|filter| filter.text = event_target_value(&event))/>
        <select id="sessions-state" aria-label="State" on:change=move |event| filter.update(|filter| filter.state = event_target_value(&event))>
            {options(&STATES)}
        </select>
        <select id="sessions-source" aria-label="Source" on:change=move |event| filter.update(|filter| filter.source = event_target_value(&event))>
            {options(&SOURCES)}
        </select>
    }
}
