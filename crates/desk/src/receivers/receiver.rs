//! A receiver in the list.

use heimdall_desk::stations::ago;
use heimdall_page::format;
use heimdall_recording::Position;
use leptos::prelude::*;

use super::entry::{Receiver, ReceiverDraft};
use super::receiver_form::ReceiverForm;
use super::{Doing, Rack, row_id};

#[component]
pub(super) fn ReceiverRow(id: String) -> impl IntoView {
    let rack: Rack = expect_context();
    let wanted = id.clone();
    let receiver =
        Memo::new(move |_| rack.receivers.with(|all| all.iter().flatten().find(|one| one.id == wanted).cloned()));
    let doing = Doing::Receiver(Some(id.clone()));
    let (this, edits) = (doing.clone(), Memo::new(move |_| rack.doing.with(|now| now.as_ref() == Some(&doing))));
    let edit = move |_| rack.doing.set(Some(this.clone()));
    let delete = move |_| {
        if let Some(receiver) = receiver.get_untracked() {
            rack.delete(receiver);
        }
    };
    let name = move || receiver.with(|one| one.as_ref().map(|one| one.draft.name.clone()).unwrap_or_default());
    view! {
        <li id=row_id(&id) tabindex="-1" data-receiver=name>
            {move || receiver.get().map(|receiver| view! { <Told receiver/> })}
            <span class="buttons" role="group" aria-label=name>
                <button type="button" class="edit" on:click=edit>"Edit"</button>
                <button type="button" class="delete" on:click=delete>"Delete"</button>
            </span>
            {move || edits.get().then(|| receiver.get_untracked()).flatten().map(|seen| view! { <ReceiverForm seen/> })}
        </li>
    }
}

/// What is said of it.
#[component]
fn Told(receiver: Receiver) -> impl IntoView {
    let Receiver { draft: ReceiverDraft { name, place, gain_db, notes }, heard, .. } = receiver;
    let position = Position { latitude_deg: place.latitude_deg, longitude_deg: place.longitude_deg };
    let altitude = place.altitude_m.map(|metres| format!("{} m up", format::number(metres, 0)));
    let gain = gain_db.map(|gain_db| format!("gain {}", format::decibels(gain_db, "dB")));
    let facts = [Some(format::coordinates(position)), altitude, gain];
    let facts = facts.into_iter().flatten().map(|fact| fact.replace(' ', "\u{a0}")).collect::<Vec<_>>().join(" · ");
    let heard = match heard {
        None => view! { <span class="badge">"never heard"</span> }.into_any(),
        Some(time) => {
            let age_s = (js_sys::Date::now() - js_sys::Date::parse(&time)) * 1e-3;
            view! { <span class="badge good" title=format::time(&time)>{format!("heard {}", ago(age_s))}</span> }
                .into_any()
        }
    };
    let notes = Some(notes).filter(|notes| !notes.trim().is_empty());
    view! {
        <span class="name">{name}</span>
        {heard}
        <span class="small">{facts}</span>
        {notes.map(|notes| view! { <p class="notes">{notes}</p> })}
    }
}
