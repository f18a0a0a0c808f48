//! What was deleted here, with the button that takes it back.

use gloo_net::http::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::api::{self, API};
use crate::desk::News;

/// How something deleted comes back.
#[derive(Clone, PartialEq)]
pub(crate) enum Way {
    /// The server keeps a deleted session until it is purged.
    Undelete,
    /// Nothing referred to it, so it is made again: in this list, with what was said of it.
    Make(&'static str, Value),
}

/// Something that was deleted.
#[derive(Clone, PartialEq)]
pub(crate) struct Deleted {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) way: Way,
}

/// What was deleted since the desk was opened, the newest first. Outlives the lists.
#[derive(Clone, Copy, Default)]
pub(crate) struct Undoable {
    deleted: RwSignal<Vec<Deleted>>,
    /// What became of the newest undo, and whether that is good.
    said: RwSignal<Option<(bool, String)>>,
}

impl Undoable {
    pub(crate) fn clear(self) {
        self.deleted.set(Vec::new());
        self.said.set(None);
    }

    pub(crate) fn add(self, deleted: Deleted) {
        self.said.set(None);
        self.deleted.update(|all| all.insert(0, deleted));
    }

    /// It is back, or gone for good.
    pub(crate) fn drop(self, id: &str) {
        self.deleted.update(|all| all.retain(|other| other.id != id));
    }

    /// Takes a deletion back, whoever made it.
    pub(crate) fn undelete(self, news: News, Deleted { id, title, way }: Deleted) {
        spawn_local(async move {
            let answer = match way {
                Way::Undelete => api::tell(Request::post(&format!("{API}/sessions/{id}/undelete"))).await,
                Way::Make(list, draft) => api::post::<Value>(list, &draft).await.map(drop),
            };
            self.said.set(Some(match answer {
                Ok(()) => {
                    self.drop(&id);
                    (true, format!("“{title}” is back."))
                }
                Err(sentence) => (false, sentence),
            }));
            news.sessions.update(|count| *count += 1);
        });
    }
}

/// The id of an *Undo* button in the document.
pub(crate) fn button_id(deleted: &str) -> String {
    format!("undo-{deleted}")
}

/// Below all parts of the desk, so that it covers nothing.
#[component]
pub(crate) fn UndoLines() -> impl IntoView {
    let (news, undoable): (News, Undoable) = (expect_context(), expect_context());
    let line = move |deleted: Deleted| {
        let (button, text) = (button_id(&deleted.id), deleted.title.clone());
        view! {
            <li>
                <span>"Deleted “" {text} "”."</span>
                <button type="button" id=button on:click=move |_| undoable.undelete(news, deleted.clone())>"Undo"</button>
            </li>
        }
    };
    let said = move || {
        undoable.said.get().map(|(good, sentence)| {
            view! { <p class=if good { "said" } else { "trouble" }>{sentence}</p> }
        })
    };
    view! {
        <div class="undo" role="status">
            {said}
            <ul>
                <For each=move || undoable.deleted.get() key=|deleted| deleted.id.clone() children=line/>
            </ul>
        </div>
    }
}
