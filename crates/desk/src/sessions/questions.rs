//! What is asked before a session is rejected or deleted for good.

use leptos::prelude::*;
use web_sys::{KeyboardEvent, SubmitEvent};

use super::session::Session;
use super::{Shelf, row_id};
use crate::focus::focus;

impl Shelf {
    /// Closes the form below a row and gives the row the focus.
    pub(super) fn leave(self, id: &str) {
        self.doing.set(None);
        focus(row_id(id));
    }

    /// Escape closes the form and not the dialog.
    pub(super) fn leave_on_escape(self, id: &str, event: &KeyboardEvent) {
        if event.key() == "Escape" {
            event.prevent_default();
            event.stop_propagation();
            self.leave(id);
        }
    }
}

#[component]
pub(super) fn AskReason(session: Session) -> impl IntoView {
    let shelf: Shelf = expect_context();
    let reason = RwSignal::new(String::new());
    let (id, escaped) = (session.id.clone(), session.id.clone());
    focus("reject-reason");
    let reject = move |event: SubmitEvent| {
        event.prevent_default();
        shelf.reject(&session, &reason.get_untracked());
    };
    view! {
        <form class="ask" on:submit=reject on:keydown=move |event| shelf.leave_on_escape(&escaped, &event)>
            <label for="reject-reason">"Why may nothing be learnt from it? Who gave it reads this."</label>
            <textarea id="reject-reason" rows="2" maxlength="20000" required on:input=move |event| reason.set(event_target_value(&event))></textarea>
            <span class="buttons">
                <button type="submit" class="primary" id="reject-confirm" disabled=move || reason.with(|reason| reason.trim().is_empty())>"Reject"</button>
                <button type="button" on:click=move |_| shelf.leave(&id)>"Do not reject"</button>
            </span>
        </form>
    }
}

#[component]
pub(super) fn AskPurge(session: Session) -> impl IntoView {
    let shelf: Shelf = expect_context();
    let (id, escaped) = (session.id.clone(), session.id.clone());
    let (title, size) = (&session.draft.title, session.size());
    let files = match session.recordings {
        0 => String::new(),
        _ => format!(" Its {size} are removed from the server, except what other sessions have as well."),
    };
    let sentence = format!("Delete “{title}” for good?{files} Nobody can take this back.");
    focus("purge-keep");
    view! {
        <div class="ask" role="group" aria-label="Delete for good" on:keydown=move |event| shelf.leave_on_escape(&escaped, &event)>
            <p>{sentence}</p>
            <span class="buttons">
                <button type="button" class="danger" id="purge-confirm" on:click=move |_| shelf.purge(&session)>"Delete for good"</button>
                <button type="button" id="purge-keep" on:click=move |_| shelf.leave(&id)>"Keep it"</button>
            </span>
        </div>
    }
}
