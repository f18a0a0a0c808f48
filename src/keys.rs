//! The keyboard: keys to commands.

use heimdall_page::commands;
use leptos::ev;
use leptos::prelude::*;

use crate::act::act;
use crate::browser::dom;
use crate::state::State;

/// Listens as long as the page lives.
pub(crate) fn listen(state: State) {
    let _listener = window_event_listener(ev::keydown, move |event| {
        // Dialogs have keys of their own; other parts of the page may have taken the key already.
        if event.default_prevented() || event.alt_key() || event.is_composing() || dom::has_dialog() {
            return;
        }
        let control = event.ctrl_key() || event.meta_key();
        let command = state.session.with_untracked(|session| {
            commands::pressed(&event.key(), control, event.shift_key(), dom::is_writing(), session)
        });
        if let Some(command) = command {
            event.prevent_default();
            act(state, command.action);
        }
    });
}
