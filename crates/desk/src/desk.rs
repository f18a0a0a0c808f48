//! The dialog and its parts.

use leptos::html::Dialog;
use leptos::prelude::*;
use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, HtmlElement, MessageEvent};

use crate::api::API;
use crate::contribute::Contribute;
use crate::models::{Models, Trial, TrialNote};
use crate::page::{self, report};
use crate::receivers::Receivers;
use crate::sessions::Sessions;
use crate::trainings::TrainingsPart;
use crate::undo::{UndoLines, Undoable};

/// What changes when the server tells of something.
#[derive(Clone, Copy)]
pub(crate) struct News {
    /// Rises when sessions changed.
    pub(crate) sessions: RwSignal<u32>,
    /// Set when trainings changed: which one, or nothing where it may be any.
    pub(crate) trainings: RwSignal<Option<String>>,
    /// Rises when models changed.
    pub(crate) models: RwSignal<u32>,
    /// Files are on their way; their rows must stay.
    pub(crate) uploading: RwSignal<bool>,
}

/// What an event says of a training.
#[derive(Deserialize)]
struct Changed {
    id: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Contribute,
    Sessions,
    Receivers,
    Train,
    Models,
}

impl Part {
    const ALL: [Self; 5] = [Self::Contribute, Self::Sessions, Self::Receivers, Self::Train, Self::Models];

    fn label(self) -> &'static str {
        match self {
            Self::Contribute => "Contribute",
            Self::Sessions => "Sessions",
            Self::Receivers => "Receivers",
            Self::Train => "Train",
            Self::Models => "Models",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Contribute => "desk-contribute",
            Self::Sessions => "desk-sessions",
            Self::Receivers => "desk-receivers",
            Self::Train => "desk-train",
            Self::Models => "desk-models",
        }
    }
}

/// Puts the button into the page's header and the dialog behind it.
pub(crate) fn mount() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let actions = document.query_selector("header .actions").ok().flatten();
    let Some(actions) = actions.and_then(|actions| actions.dyn_into::<HtmlElement>().ok()) else {
        // The page is not there yet: its program loads beside this one.
        let again = Closure::once_into_js(mount);
        if let Some(window) = web_sys::window() {
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
    let news = News {
        sessions: RwSignal::new(0),
        trainings: RwSignal::new(None),
        models: RwSignal::new(0),
        uploading: RwSignal::new(false),
    };
    provide_context(news);
    let undoable = Undoable::default();
    provide_context(undoable);
    Trial::provide();
    listen(news);
    let dialog = NodeRef::<Dialog>::new();
    let part = RwSignal::new(Part::Contribute);
    // Parts are made when they are seen, and anew each time: the page may have other files by then.
    let opened = RwSignal::new(0);
    let open = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            if opened.get_untracked() == 0 || !news.uploading.get_untracked() {
                opened.update(|times| *times += 1);
                undoable.clear();
            }
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
        (opened.get() > 0).then(|| match part.get() {
            Part::Contribute => view! { <Contribute/> }.into_any(),
            Part::Sessions => view! { <Sessions/> }.into_any(),
            Part::Receivers => view! { <Receivers/> }.into_any(),
            Part::Train => view! { <TrainingsPart/> }.into_any(),
            Part::Models => view! { <Models/> }.into_any(),
        })
    };
    view! {
        <TrialNote/>
        <button type="button" id="open-desk" on:click=open>"Server"</button>
        <dialog class="desk" node_ref=dialog aria-label="Server">
            <div class="desk-head">
                <div role="tablist" aria-label="Parts" class="tabs">{tabs}</div>
                <button type="button" class="quiet" id="close-desk" on:click=close>"Close"</button>
            </div>
            <div id="desk-part" role="tabpanel" aria-labelledby=move || part.get().id()>{shown}</div>
            <UndoLines/>
        </dialog>
    }
}

/// Listens to the server for as long as the page is open; a lost connection is made again by the browser.
fn listen(news: News) {
    let Ok(events) = EventSource::new(&format!("{API}/events")) else { return };
    let on = |name: &str, action: Box<dyn Fn(Option<String>)>| {
        let hear = move |event: MessageEvent| action(event.data().as_string());
        let callback = Closure::<dyn FnMut(MessageEvent)>::new(hear).into_js_value();
        report(events.add_event_listener_with_callback(name, callback.unchecked_ref()));
    };
    let models = move || {
        news.models.update(|count| *count += 1);
        page::tell_models_changed();
    };
    let all = move || {
        news.sessions.update(|count| *count += 1);
        news.trainings.set(None);
        models();
    };
    let training = move |data: Option<String>| {
        let changed = data.and_then(|data| serde_json::from_str::<Changed>(&data).ok());
        news.trainings.set(changed.map(|changed| changed.id));
    };
    on("session", Box::new(move |_| news.sessions.update(|count| *count += 1)));
    on("models", Box::new(move |_| models()));
    on("training", Box::new(training));
    on("lost", Box::new(move |_| all()));
}
