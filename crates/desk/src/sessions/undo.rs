//! What was deleted here, with the button that takes it back.

use gloo_net::http::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::session::Session;
use crate::api::{self, API};
use crate::desk::News;

/// Sessions deleted since the desk was opened, the newest first: id and title. Outlives the list.
#[derive(Clone, Copy, Default)]
pub(crate) struct Undoable {
    deleted: RwSignal<Vec<(String, String)>>,
    /// What became of the newest undo, and whether that is good.
    said: RwSignal<Option<(bool, String)>>,
}

impl Undoable {
    pub(crate) fn clear(self) {
        self.deleted.set(Vec::new());
        self.said.set(None);
    }

    pub(super) fn add(self, session: &Session) {
        self.said.set(None);
        self.deleted.update(|all| all.insert(0, (session.id.clone(), session.draft.title.clone())));
    }

    /// It is back, or gone for good.
    pub(super) fn drop(self, id: &str) {
        self.deleted.update(|all| all.retain(|(other, _)| other != id));
    }

    /// Takes a deletion back, whoever made it.
    pub(super) fn undelete(self, news: News, id: String, title: String) {
        spawn_local(async move {
            let request = Request::post(&format!("{API}/sessions/{id}/undelete"));
            self.said.set(Some(match api::tell(request).await {
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
pub(super) fn button_id(session: &str) -> String {
    format!("undo-{session}")
}

/// Below all parts of the desk, so that it covers nothing.
#[component]
pub(crate) fn UndoLines() -> impl IntoView {
    let (news, undoable): (News, Undoable) = (expect_context(), expect_context());
    let line = move |(id, title): (String, String)| {
        let (button, text) = (button_id(&id), title.clone());
        view! {
            <li>
                <span>"Deleted “" {text} "”."</span>
                <button type="button" id=button on:click=move |_| undoable.undelete(news, id.clone(), title.clone())>"Undo"</button>
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
                <For each=move || undoable.deleted.get() key=|(id, _)| id.clone() children=line/>
            </ul>
        </div>
    }
}
