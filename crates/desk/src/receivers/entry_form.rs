//! What the forms of receivers and constellations share: saving, and saying why not.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::SubmitEvent;

use super::Rack;
use super::entry::{Entry, save};
use crate::focus::focus;

/// A form with these fields, for an entry that was `seen` or for a new one. `kind` begins the ids of its parts; `draft`
/// is what the fields say, or a sentence.
pub(super) fn entry_form<E: Entry>(
    kind: &'static str,
    seen: Option<E>,
    fields: impl IntoView,
    draft: impl Fn() -> Result<E::Draft, String> + 'static,
) -> impl IntoView {
    let rack: Rack = expect_context();
    let label = format!("{} the {kind}", if seen.is_some() { "Edit" } else { "Add" });
    // The state that the user saw.
    let seen = StoredValue::new(seen);
    let (trouble, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    focus(format!("{kind}-name"));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let draft = match draft() {
            Ok(draft) => draft,
            Err(sentence) => return trouble.set(Some(sentence)),
        };
        busy.set(true);
        spawn_local(async move {
            let mut before = seen.get_value();
            match save(&mut before, &draft).await {
                Ok(()) => rack.leave(),
                Err(sentence) => trouble.set(Some(sentence)),
            }
            seen.set_value(before);
            busy.set(false);
            rack.changed();
        });
    };
    view! {
        <form class="edit" aria-label=label on:submit=submit on:keydown=move |event| rack.leave_on_escape(&event)>
            <div class="fields">{fields}</div>
            {move || trouble.get().map(|sentence| view! { <p id=format!("{kind}-trouble") class="trouble" role="alert">{sentence}</p> })}
            <span class="buttons">
                <button type="submit" class="primary" id=format!("{kind}-save") disabled=move || busy.get()>"Save"</button>
                <button type="button" on:click=move |_| rack.leave()>"Cancel"</button>
            </span>
        </form>
    }
}
