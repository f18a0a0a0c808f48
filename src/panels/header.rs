//! Name, promise, and the two ways to begin.

use heimdall_page::session::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::{dom, fetch, files};
use crate::state::{State, state};

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
                <SampleButton/>
                <button type="button" id="open-files" class="primary" on:click=move |_| dom::click("file-input")>"Open files"</button>
            </div>
            <input type="file" id="file-input" multiple hidden aria-label="Recordings and tables" on:change=choose/>
        </header>
    }
}

/// Loads the sample scene as if its files had been dropped.
#[component]
fn SampleButton() -> impl IntoView {
    let state = state();
    let loading = RwSignal::new(false);
    view! {
        <button type="button" id="try-sample" disabled=move || loading.get() on:click=move |_| load_sample(state, loading)>
            {move || if loading.get() { "Loading the sample…" } else { "Try the sample" }}
        </button>
    }
}

fn load_sample(state: State, loading: RwSignal<bool>) {
    loading.set(true);
    spawn_local(async move {
        match fetch::sample().await {
            Ok(contents) => state.send(Event::Dropped(files::fetched(&contents))),
            Err(error) => state.send(Event::Failed(format!("The sample could not be loaded: {error}."))),
        }
        loading.set(false);
    });
}
