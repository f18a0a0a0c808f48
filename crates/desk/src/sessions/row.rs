//! A session in the list.

use leptos::prelude::*;

use super::edit::EditForm;
use super::questions::{AskPurge, AskReason};
use super::session::Session;
use super::{Doing, Shelf, row_id};
use crate::api::API;

#[component]
pub(super) fn Row(id: String) -> impl IntoView {
    let shelf: Shelf = expect_context();
    let session = shelf.listing.session(id.clone());
    let id = StoredValue::new(id);
    let state = Memo::new(move |_| session.with(|session| session.as_ref().map(|session| session.state.clone())));
    let deleted = Memo::new(move |_| session.with(|session| session.as_ref().is_some_and(|one| one.deleted.is_some())));
    let doing = Memo::new(move |_| {
        let of_this = |(of, doing): &(String, Doing)| id.with_value(|id| of == id).then_some(*doing);
        shelf.doing.with(|doing| doing.as_ref().and_then(of_this))
    });
    let form = move || {
        let session = doing.get().zip(session.get_untracked());
        session.map(|(doing, session)| match doing {
            Doing::Editing => view! { <EditForm session/> }.into_any(),
            Doing::Rejecting => view! { <AskReason session/> }.into_any(),
            Doing::Purging => view! { <AskPurge session/> }.into_any(),
        })
    };
    let is_chosen = move || shelf.chosen.with(|chosen| id.with_value(|id| chosen.as_ref() == Some(id)));
    view! {
        <li id=row_id(&id.get_value()) tabindex="-1" class:chosen=is_chosen data-session=id.get_value() data-state=move || state.get() data-deleted=move || deleted.get().to_string()>
            {move || session.get().map(|session| view! { <Told session/> })}
            {move || if deleted.get() {
                view! { <ButtonsOfDeleted session/> }.into_any()
            } else {
                view! { <Buttons session/> }.into_any()
            }}
            {form}
        </li>
    }
}

/// What is said of it.
#[component]
fn Told(session: Session) -> impl IntoView {
    let shelf: Shelf = expect_context();
    let (state, colour) = match (session.deleted.is_some(), session.state.as_str()) {
        (true, _) => ("deleted".to_owned(), "none"),
        (false, "approved") => (session.state.clone(), "good"),
        (false, "rejected") => (session.state.clone(), "none"),
        (false, _) => (session.state.clone(), "poor"),
    };
    let facts = session.facts();
    let decision =
        session.decision.and_then(|decision| Some(format!("Rejected by {}: {}", decision.by, decision.reason?)));
    let place = match session.position {
        None => view! { <span class="small">"Transmitter unknown"</span> }.into_any(),
        Some(surveyed) => {
            let id = session.id;
            view! {
                <button type="button" class="link small coordinates" title="Show on the map" on:click=move |_| shelf.seek(&id)>
                    {surveyed.text()}
                </button>
            }
            .into_any()
        }
    };
    let notes = Some(session.draft.notes).filter(|notes| !notes.trim().is_empty());
    view! {
        <span class="name">{session.draft.title}</span>
        <span class=format!("badge {colour}")>{state}</span>
        <span class="small">{facts}</span>
        <span class="place">{place}</span>
        {notes.map(|notes| view! { <p class="notes">{notes}</p> })}
        {decision.map(|decision| view! { <p class="notes">{decision}</p> })}
    }
}

/// A button that does something to the session as it is when it is pressed.
fn button(
    session: Memo<Option<Session>>,
    class: &'static str,
    label: &'static str,
    action: impl Fn(Session) + 'static,
) -> impl IntoView {
    let pressed = move |_| {
        if let Some(session) = session.get_untracked() {
            action(session);
        }
    };
    view! { <button type="button" class=class on:click=pressed>{label}</button> }
}

#[component]
fn Buttons(session: Memo<Option<Session>>) -> impl IntoView {
    let shelf: Shelf = expect_context();
    let is = move |state: &str| session.with(|session| session.as_ref().is_some_and(|one| one.state == state));
    let open = move |doing: Doing| move |session: Session| shelf.doing.set(Some((session.id, doing)));
    let export =
        session.get_untracked().map(|session| format!("{API}/sessions/{}/export", session.id)).unwrap_or_default();
    let title = move || session.with(|session| session.as_ref().map(|one| one.draft.title.clone()).unwrap_or_default());
    view! {
        <span class="buttons" role="group" aria-label=title>
            {move || (!is("approved")).then(|| button(session, "approve", "Approve", move |session| shelf.approve(&session)))}
            {move || (!is("rejected")).then(|| button(session, "reject", "Reject…", open(Doing::Rejecting)))}
            {button(session, "edit", "Edit", open(Doing::Editing))}
            {button(session, "delete", "Delete", move |session| shelf.delete(&session))}
            <span class="take">
                "Download "
                <a class="export" href=export.clone() download="" title="A SigMF collection: what Import takes">"SigMF"</a>
                <a class="export-classic" href=format!("{export}?layout=classic") download="" title="An array a recording, and a metadata.json">"NumPy"</a>
            </span>
        </span>
    }
}

#[component]
fn ButtonsOfDeleted(session: Memo<Option<Session>>) -> impl IntoView {
    let shelf: Shelf = expect_context();
    let restore = move |session: Session| shelf.undoable.undelete(shelf.news, session.deleted());
    let ask = move |session: Session| shelf.doing.set(Some((session.id, Doing::Purging)));
    view! {
        <span class="buttons">
            {button(session, "restore", "Restore", restore)}
            {button(session, "purge", "Delete for good…", ask)}
        </span>
    }
}
