//! Receivers that the server keeps, and constellations of them.

mod constellation;
mod constellation_form;
mod entry;
mod entry_form;
mod receiver;
mod receiver_form;
mod scene;

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use serde_json::Value;
use web_sys::KeyboardEvent;

use crate::api::{self, Change};
use crate::desk::News;
use crate::focus::focus;
use crate::undo::{self, Deleted, Undoable, Way};
use constellation::ConstellationRow;
use constellation_form::ConstellationForm;
use entry::{Constellation, Entry, Receiver};
use receiver::ReceiverRow;
use receiver_form::ReceiverForm;
use scene::SceneForm;

/// The form that is open; without an id it makes something new.
#[derive(Clone, PartialEq, Eq)]
enum Doing {
    Receiver(Option<String>),
    Constellation(Option<String>),
    /// A constellation of the receivers of the scene that is open.
    Scene,
}

/// What the parts of the lists share.
#[derive(Clone, Copy)]
struct Rack {
    news: News,
    undoable: Undoable,
    /// Nothing until the server answered.
    receivers: RwSignal<Option<Vec<Receiver>>>,
    constellations: RwSignal<Option<Vec<Constellation>>>,
    doing: RwSignal<Option<Doing>>,
    /// What became of the newest action, and whether that is good.
    said: RwSignal<Option<(bool, String)>>,
}

impl Rack {
    /// Asks for both lists anew.
    fn changed(self) {
        self.news.sessions.update(|count| *count += 1);
    }

    fn refresh(self) {
        async fn list<T>(path: &str, into: RwSignal<Option<Vec<T>>>, rack: Rack)
        where
            T: DeserializeOwned + Send + Sync + 'static,
        {
            match api::get(path).await {
                Ok(all) => into.set(Some(all)),
                Err(sentence) => rack.said.set(Some((false, sentence))),
            }
        }
        spawn_local(async move {
            list(Receiver::LIST, self.receivers, self).await;
            list(Constellation::LIST, self.constellations, self).await;
        });
    }

    /// Closes the form, and gives what opened it the focus.
    fn leave(self) {
        let opener = match self.doing.get_untracked() {
            Some(Doing::Receiver(None)) => "receiver-add".to_owned(),
            Some(Doing::Constellation(None)) => "constellation-add".to_owned(),
            Some(Doing::Scene) => "constellation-of-scene".to_owned(),
            Some(Doing::Receiver(Some(id)) | Doing::Constellation(Some(id))) => row_id(&id),
            None => return,
        };
        self.doing.set(None);
        focus(opener);
    }

    /// Escape closes the form and not the dialog.
    fn leave_on_escape(self, event: &KeyboardEvent) {
        if event.key() == "Escape" {
            event.prevent_default();
            event.stop_propagation();
            self.leave();
        }
    }

    /// Deletes what nothing refers to; it can be taken back.
    fn delete<E: Entry>(self, entry: E) {
        spawn_local(async move {
            let path = format!("{}/{}", E::LIST, entry.id());
            let draft = serde_json::to_value(entry.draft()).unwrap_or(Value::Null);
            self.said.set(match api::change(Method::DELETE, &path, entry.revision(), None).await {
                Ok(Change::Done) => {
                    let (id, title) = (entry.id().to_owned(), entry.name().to_owned());
                    focus(undo::button_id(&id));
                    self.undoable.add(Deleted { id, title, way: Way::Make(E::LIST, draft) });
                    None
                }
                Ok(Change::Overtaken) => {
                    let name = entry.name();
                    Some((false, format!("“{name}” was changed by somebody else meanwhile, and nothing was done. It is shown as it is now; look at it and press again.")))
                }
                Err(sentence) => Some((false, sentence)),
            });
            self.changed();
        });
    }
}

/// The id of a row in the document.
fn row_id(entry: &str) -> String {
    format!("entry-{entry}")
}

#[component]
pub(crate) fn Receivers() -> impl IntoView {
    let (news, undoable): (News, Undoable) = (expect_context(), expect_context());
    let rack = Rack {
        news,
        undoable,
        receivers: RwSignal::new(None),
        constellations: RwSignal::new(None),
        doing: RwSignal::new(None),
        said: RwSignal::new(None),
    };
    provide_context(rack);
    Effect::new(move |_| {
        // When a receiver was last heard changes with the sessions.
        news.sessions.track();
        rack.refresh();
    });
    let said = move || {
        rack.said.get().map(|(good, sentence)| {
            view! { <p id="receivers-said" class=if good { "said" } else { "trouble" }>{sentence}</p> }
        })
    };
    let open = move |doing: Doing| {
        move |_| {
            rack.said.set(None);
            rack.doing.set(Some(doing.clone()));
        }
    };
    let is = move |doing: Doing| move || rack.doing.with(|now| now.as_ref() == Some(&doing));
    let (new_receiver, new_constellation) = (is(Doing::Receiver(None)), is(Doing::Constellation(None)));
    let of_scene = is(Doing::Scene);
    let receivers = Memo::new(move |_| rack.receivers.with(|all| all.as_ref().map(|all| ids(all))));
    let constellations = Memo::new(move |_| rack.constellations.with(|all| all.as_ref().map(|all| ids(all))));
    view! {
        <div role="status">{said}</div>
        <section class="entries" aria-labelledby="receivers-head">
            <div class="entries-head">
                <h3 id="receivers-head">"Receivers"</h3>
                <button type="button" id="receiver-add" on:click=open(Doing::Receiver(None))>"Add a receiver"</button>
            </div>
            {move || new_receiver().then(|| view! { <ReceiverForm/> })}
            {move || nothing(receivers, "No receiver yet. Add those whose position was surveyed, or take those of the scene that is open.")}
            <ul class="sessions" aria-label="Receivers">
                <For each=move || receivers.get().unwrap_or_default() key=Clone::clone let(id)><ReceiverRow id/></For>
            </ul>
        </section>
        <section class="entries" aria-labelledby="constellations-head">
            <div class="entries-head">
                <h3 id="constellations-head">"Constellations"</h3>
                <span class="buttons">
                    <button type="button" id="constellation-of-scene" on:click=open(Doing::Scene)>"Of the open scene"</button>
                    <button type="button" id="constellation-add" disabled=move || receivers.with(|all| all.as_ref().is_none_or(Vec::is_empty)) on:click=open(Doing::Constellation(None))>"Add a constellation"</button>
                </span>
            </div>
            {move || of_scene().then(|| view! { <SceneForm/> })}
            {move || new_constellation().then(|| view! { <ConstellationForm/> })}
            {move || nothing(constellations, "No constellation yet. It is the receivers that one network is trained for, in a fixed order.")}
            <ul class="sessions" aria-label="Constellations">
                <For each=move || constellations.get().unwrap_or_default() key=Clone::clone let(id)><ConstellationRow id/></For>
            </ul>
        </section>
    }
}

fn ids<E: Entry>(entries: &[E]) -> Vec<String> {
    entries.iter().map(|entry| entry.id().to_owned()).collect()
}

/// Why a list is empty.
fn nothing(ids: Memo<Option<Vec<String>>>, sentence: &'static str) -> impl IntoView {
    match ids.get() {
        None => Some("Asking the server…"),
        Some(ids) if ids.is_empty() => Some(sentence),
        Some(_) => None,
    }
    .map(|sentence| view! { <p class="desk-empty">{sentence}</p> })
}
