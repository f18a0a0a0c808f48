//! One recording: picture, name, numbers, clock, questions.

use heimdall_page::format;
use heimdall_page::session::Event;
use heimdall_recording::TimeGrade;
use leptos::prelude::*;

use super::facts::Facts;
use super::questions::{Asked, Questions};
use super::thumbnail::Picture;
use crate::state::state;

#[component]
pub(crate) fn Row(id: String) -> impl IntoView {
    let state = state();
    let row = {
        let id = id.clone();
        state.part(move |session| session.recording_row(&id))
    };
    let receiver = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.receiver.clone())).unwrap_or_default());
    let on = Memo::new(move |_| row.with(|row| row.as_ref().is_none_or(|row| row.on)));
    let group = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.group)));
    let switch = move |event| state.send(Event::Switched(receiver.get_untracked(), event_target_checked(&event)));
    let dismiss = move |_| group.get_untracked().into_iter().for_each(|group| state.send(Event::Dismissed(group)));
    let facts = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.key_facts.clone())).unwrap_or_default());
    let numbers = move || facts.get().into_iter().map(|fact| view! { <span>{fact}" "</span> }).collect::<Vec<_>>();
    let reason = move || row.with(|row| row.as_ref().and_then(|row| row.why_not.clone()));
    let asked = Memo::new(move |_| row.with(|row| row.as_ref().map(Asked::of)));
    let sentences = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.notices.clone())).unwrap_or_default());
    let notices = move || {
        let items: Vec<_> = sentences.get().into_iter().map(|notice| view! { <li>{notice}</li> }).collect();
        (!items.is_empty()).then(|| view! { <ul class="notices">{items}</ul> })
    };
    view! {
        <li class="recording" data-recording=id.clone() class:off=move || !on.get()>
            <Picture id=id.clone()/>
            <div class="head">
                <label>
                    <input type="checkbox" data-toggle=move || receiver.get() prop:checked=move || on.get() on:change=switch/>
                    <b>{move || receiver.get()}</b>
                </label>
                {move || row.with(|row| row.as_ref().map(|row| view! { <Grade grade=row.grade reason=row.grade_reason.clone()/> }))}
                <button type="button" class="quiet remove" aria-label=format!("Take {id} away") title="Take away" on:click=dismiss>"✕"</button>
            </div>
            <p class="file" title=id.clone()>{id.clone()}</p>
            <p class="numbers">{numbers}</p>
            {move || reason().map(|reason| view! { <p class="why-not">{reason}</p> })}
            {notices}
            {move || asked.get().map(|row| view! { <Questions row/> })}
            <Facts row/>
        </li>
    }
}

/// Quality of the clock, in words and colour, with the reason for the pointer.
#[component]
fn Grade(grade: TimeGrade, reason: String) -> impl IntoView {
    let class = match grade {
        TimeGrade::Gnss | TimeGrade::Reference => "badge good",
        TimeGrade::Ntp => "badge poor",
        TimeGrade::None => "badge none",
    };
    view! { <span class=class title=reason data-grade=format!("{grade:?}").to_ascii_lowercase()>{format::time_grade(grade)}</span> }
}
