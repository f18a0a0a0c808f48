//! What was deleted here, with the button that takes it back.

use gloo_net::http::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Shelf;
use super::session::Session;
use crate::api::{self, API};

/// Sessions deleted since the desk was opened, the newest first: id and title. Outlives the list.
#[derive(Clone, Copy, Default)]
pub(crate) struct Undoable(RwSignal<Vec<(String, String)>>);

impl Undoable {
    pub(crate) fn clear(self) {
        self.0.set(Vec::new());
    }

    pub(super) fn add(self, session: &Session) {
        self.0.update(|all| all.insert(0, (session.id.clone(), session.draft.title.clone())));
    }

    /// It is back, or gone for good.
    pub(super) fn drop(self, id: &str) {
        self.0.update(|all| all.retain(|(other, _)| other != id));
    }
}

/// The id of an *Undo* button in the document.
pub(super) fn button_id(session: &str) -> String {
    format!("undo-{session}")
}

impl Shelf {
    /// Takes a deletion back, whoever made it.
    pub(super) fn undelete(self, id: String, title: String) {
        spawn_local(async move {
            let request = Request::post(&format!("{API}/sessions/{id}/undelete"));
            self.said.set(Some(match api::tell(request).await {
                Ok(()) => {
                    self.undoable.drop(&id);
                    (true, format!("“{title}” is back."))
                }
                Err(sentence) => (false, sentence),
            }));
            self.changed();
        });
    }
}

#[component]
pub(super) fn UndoLines() -> impl IntoView {
    let shelf: Shelf = expect_context();
    let line = move |(id, title): (String, String)| {
        let (button, text) = (button_id(&id), title.clone());
        view! {
            <li>
                <span>"Deleted “" {text} "”."</span>
                <button type="button" id=button on:click=move |_| shelf.undelete(id.clone(), title.clone())>"Undo"</button>
            </li>
        }
    };
    view! {
        <ul class="undo" role="status" aria-label="Deleted here">
            <For each=move || shelf.undoable.0.get() key=|(id, _)| id.clone() children=line/>
        </ul>
    }
}
