//! The transmitter that recordings without a common clock are aligned on.

use heimdall_page::session::Event;
use heimdall_pipeline::{Reference, ReferenceScheme, ReferenceSettings};
use leptos::prelude::*;

use crate::state::{State, state};

/// Its name or place, and how it was recorded.
#[component]
pub(crate) fn ReferenceField() -> impl IntoView {
    let state = state();
    let wrong = RwSignal::new(None::<String>);
    let parts = state.part(|session| {
        matches!(session.settings.reference, Some(ReferenceSettings { scheme: ReferenceScheme::Parts { .. }, .. }))
    });
    let name = state.part(|session| {
        session.settings.reference.as_ref().map(|settings| settings.reference.name.clone()).unwrap_or_default()
    });
    let changed = move |event| {
        let text = event_target_value(&event);
        let reference = Some(text.trim()).filter(|text| !text.is_empty()).map(Reference::parse).transpose();
        match reference {
            Ok(reference) => {
                wrong.set(None);
                set(state, |old| reference.map(|reference| ReferenceSettings { reference, scheme: old }));
            }
            Err(sentence) => wrong.set(Some(sentence)),
        }
    };
    let switched = move |event| {
        let scheme = match event_target_checked(&event) {
            true => ReferenceScheme::Parts { part_s: None },
            false => ReferenceScheme::Inside,
        };
        let chosen = state.session.with_untracked(|session| session.settings.reference.clone());
        set(state, |_| chosen.map(|settings| ReferenceSettings { scheme, ..settings }));
    };
    let names: Vec<_> =
        Reference::known().into_iter().map(|known| view! { <option value=known.name></option> }).collect();
    view! {
        <label for="reference">"Reference transmitter"</label>
        <input type="text" id="reference" list="references" placeholder="none — DCF77 or lat, lon, Hz" prop:value=move || name.get() class:wrong=move || wrong.with(Option::is_some) on:change=changed/>
        <datalist id="references">{names}</datalist>
        {move || wrong.get().map(|sentence| view! { <p class="small" role="alert">{sentence}</p> })}
        <p class="small">"Recordings without a common clock are aligned on a transmitter whose place is known."</p>
        <label class="switch">
            <input type="checkbox" id="reference-parts" disabled=move || name.with(String::is_empty) prop:checked=move || parts.get() on:change=switched/>
            "The tuner went from the reference to the signal and back, a third of the recording each"
        </label>
    }
}

fn set(state: State, reference: impl FnOnce(ReferenceScheme) -> Option<ReferenceSettings>) {
    let mut settings = state.session.with_untracked(|session| session.settings.clone());
    let scheme = settings.reference.as_ref().map_or(ReferenceScheme::Inside, |old| old.scheme);
    settings.reference = reference(scheme);
    state.send(Event::Set(settings));
}
