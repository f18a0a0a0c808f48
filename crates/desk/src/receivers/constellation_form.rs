//! The form of a constellation: its name, and its receivers in their order.

use leptos::prelude::*;
use web_sys::Event;

use super::Rack;
use super::entry::{Constellation, ConstellationDraft};
use super::entry_form::entry_form;
use crate::fields::field;

#[component]
pub(super) fn ConstellationForm(#[prop(optional)] seen: Option<Constellation>) -> impl IntoView {
    let (name, chosen) = match seen.as_ref().map(|seen| seen.draft.clone()) {
        Some(draft) => (RwSignal::new(draft.name), RwSignal::new(draft.receivers)),
        None => (RwSignal::default(), RwSignal::new(Vec::new())),
    };
    let lines = view! {
        {field("constellation-name", "Name", name)}
        <Members chosen/>
    };
    entry_form("constellation", seen, lines, move || {
        let draft =
            ConstellationDraft { name: name.get_untracked().trim().to_owned(), receivers: chosen.get_untracked() };
        if draft.receivers.is_empty() { Err("Choose the receivers that belong to it.".to_owned()) } else { Ok(draft) }
    })
}

/// Receivers in their order, and a choice of the others.
#[component]
fn Members(chosen: RwSignal<Vec<String>>) -> impl IntoView {
    let rack: Rack = expect_context();
    let row = move |id: String| {
        let (up, out) = (id.clone(), id.clone());
        let name = rack.name_of(&id);
        let (up_label, out_label) = (format!("Move {name} up"), format!("Take {name} out"));
        let earlier = move |_| {
            chosen.update(|all| {
                if let Some(place) = all.iter().position(|one| *one == up).filter(|place| *place > 0) {
                    all.swap(place, place - 1);
                }
            });
        };
        view! {
            <li>
                <span>{name}</span>
                <button type="button" aria-label=up_label on:click=earlier>"↑"</button>
                <button type="button" aria-label=out_label on:click=move |_| chosen.update(|all| all.retain(|one| *one != out))>"×"</button>
            </li>
        }
    };
    let others = move || {
        let all = rack.receivers.get().unwrap_or_default().into_iter();
        let free = all.filter(|one| chosen.with(|chosen| !chosen.contains(&one.id)));
        free.map(|one| view! { <option value=one.id>{one.draft.name}</option> }).collect_view()
    };
    let add = move |event: Event| {
        let id = event_target_value(&event);
        if !id.is_empty() {
            chosen.update(|all| all.push(id));
        }
    };
    view! {
        <label for="constellation-member">"Receivers, in order"</label>
        <div class="members">
            <ol>
                <For each=move || chosen.get() key=Clone::clone children=row/>
            </ol>
            <select id="constellation-member" prop:value="" on:change=add>
                <option value="">"Add…"</option>
                {others}
            </select>
        </div>
    }
}
