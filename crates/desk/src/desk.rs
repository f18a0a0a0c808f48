//! The dialog and its four parts.

use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventSource, HtmlElement};

use crate::api::API;
use crate::contribute::Contribute;
use crate::models::Models;
use crate::page::{self, report};
use crate::sessions::Sessions;
use crate::trainings::TrainingsPart;

/// What changes when the server tells of something.
#[derive(Clone, Copy)]
pub(crate) struct News {
    /// Rises when sessions changed.
    pub(crate) sessions: RwSignal<u32>,
    /// Rises when a training changed.
    pub(crate) trainings: RwSignal<u32>,
    /// Rises when models changed.
    pub(crate) models: RwSignal<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Contribute,
    Sessions,
    Train,
    Models,
}

impl Part {
    const ALL: [Self; 4] = [Self::Contribute, Self::Sessions, Self::Train, Self::Models];

    fn label(self) -> &'static str {
        match self {
            Self::Contribute => "Contribute",
            Self::Sessions => "Sessions",
            Self::Train => "Train",
            Self::Models => "Models",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Contribute => "desk-contribute",
            Self::Sessions => "desk-sessions",
            Self::Train => "desk-train",
            Self::Models => "desk-models",
        }
    }
}

/// Puts the button into the page's header and the dialog behind it.
pub(crate) fn mount() {
    let Some(document) = page::window().and_then(|window| window.document()) else { return };
    let actions = document.query_selector("header .actions").ok().flatten();
    let Some(actions) = actions.and_then(|actions| actions.dyn_into::<HtmlElement>().ok()) else {
        // The page is not there yet: its program loads beside this one.
        let again = Closure::once_into_js(mount);
        if let Some(window) = page::window() {
            report(window.request_animation_frame(again.unchecked_ref()));
        }
        return;
    };
    // Not in the page's own style, which a page without a server fetches as well.
    if let (Ok(style), Some(head)) = (document.create_element("style"), document.head()) {
        style.set_text_content(Some(include_str!("desk.css")));
        report(head.append_child(&style));
    }
    leptos::mount::mount_to(actions, Desk).forget();
}

#[component]
fn Desk() -> impl IntoView {
    let news = News { sessions: RwSignal::new(0), trainings: RwSignal::new(0), models: RwSignal::new(0) };
    provide_context(news);
    listen(news);
    let dialog = NodeRef::<Dialog>::new();
    let part = RwSignal::new(Part::Contribute);
    // Parts ask the server when they are first seen.
    let opened = RwSignal::new(false);
    let open = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            opened.set(true);
            report(dialog.show_modal());
        }
    };
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let tabs = Part::ALL.map(|one| {
        view! {
            <button
                type="button"
                role="tab"
                id=one.id()
                aria-selected=move || (part.get() == one).to_string()
                aria-controls="desk-part"
                on:click=move |_| part.set(one)
            >
                {one.label()}
            </button>
        }
    });
    let shown = move || {
        opened.get().then(|| match part.get() {
            Part::Contribute => view! { <Contribute/> }.into_any(),
            Part::Sessions => view! { <Sessions/> }.into_any(),
            Part::Train => view! { <TrainingsPart/> }.into_any(),
            Part::Models => view! { <Models/> }.into_any(),
        })
    };
    view! {
        <button type="button" id="open-desk" on:click=open>"Server"</button>
        <dialog class="desk" node_ref=dialog aria-label="Server">
            <div class="desk-head">
                <div role="tablist" aria-label="Parts" class="tabs">{tabs}</div>
                <button type="button" class="quiet" id="close-desk" on:click=close>"Close"</button>
            </div>
            <div id="desk-part" role="tabpanel" aria-live="polite">{shown}</div>
        </dialog>
    }
}

/// Listens to the server for as long as the page is open; a lost connection is made again by the browser.
fn listen(news: News) {
    let Ok(events) = EventSource::new(&format!("{API}/events")) else { return };
    let on = |name: &str, action: Box<dyn Fn()>| {
        let callback = Closure::<dyn FnMut(Event)>::new(move |_: Event| action()).into_js_value();
        report(events.add_event_listener_with_callback(name, callback.unchecked_ref()));
    };
    let models = move || {
        news.models.update(|count| *count += 1);
        page::tell_models_changed();
    };
    let all = move || {
        news.sessions.update(|count| *count += 1);
        news.trainings.update(|count| *count += 1);
        models();
    };
    on("models", Box::new(models));
    on("training", Box::new(move || news.trainings.update(|count| *count += 1)));
    on("session", Box::new(move || news.sessions.update(|count| *count += 1)));
    on("lost", Box::new(all));
}
