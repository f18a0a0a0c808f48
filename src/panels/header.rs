//! Name, promise, and the two ways to begin.

use heimdall_page::session::Event;
use leptos::prelude::*;

use super::samples::{FIRST, SampleButton};
use crate::browser::{dom, files};
use crate::state::state;

#[component]
pub(crate) fn Header() -> impl IntoView {
    let state = state();
    let filled = state.part(|session| !session.is_empty());
    let choose = move |event: web_sys::Event| {
        let files = files::chosen(&event);
        if !files.is_empty() {
            state.send(Event::Dropped(files));
        }
    };
    let clear = move || {
        filled.get().then(|| {
            view! {
                <button type="button" id="clear" class="quiet" on:click=move |_| state.send(Event::Cleared)>"Start anew"</button>
            }
        })
    };
    view! {
        <header>
            <h1>"Heimdall"</h1>
            <p class="promise">"Find where a radio signal comes from. Nothing leaves this machine."</p>
            <div class="actions">
                {clear}
                <button type="button" id="show-commands" class="quiet" aria-label="All commands and keys" title="All commands and keys: Ctrl+K" on:click=move |_| state.commands.update(|asked| *asked += 1)>"?"</button>
                <SampleButton sample=FIRST/>
                <button type="button" id="open-files" class="primary" on:click=move |_| dom::click("file-input")>"Open files"</button>
            </div>
            <input type="file" id="file-input" multiple hidden aria-label="Recordings and tables" on:change=choose/>
        </header>
    }
}
