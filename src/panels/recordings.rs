//! What was dropped: recordings, receivers from tables, and files that were refused.

use heimdall_page::session::{Event, GroupState, TableRow};
use leptos::prelude::*;

use super::recording_row::Row;
use crate::state::state;

#[component]
pub(crate) fn Recordings() -> impl IntoView {
    let state = state();
    let ids = state.part(|session| session.recording_ids());
    let tables = state.part(|session| session.table_rows());
    let remembered = state.part(|session| session.places.len());
    let list = move || {
        (!ids.with(Vec::is_empty)).then(|| {
            view! {
                <ul>
                    <For each=move || ids.get() key=String::clone children=|id| view! { <Row id/> }/>
                </ul>
            }
        })
    };
    let reports = move || (!tables.with(Vec::is_empty)).then(|| view! { <Tables rows=tables.get()/> });
    let forget = move || {
        (remembered.get() > 0).then(|| view! {
        <p class="small">
            {format!("Positions remembered in this browser: {}. ", remembered.get())}
            <button type="button" id="forget" class="link" on:click=move |_| state.send(Event::Forgot)>"Forget them"</button>
        </p>
    })
    };
    view! {
        <section id="recordings" aria-label="Recordings">
            <h2>"Recordings"</h2>
            <Refusals/>
            <Remarks/>
            {list}
            {reports}
            <Opening/>
            {forget}
        </section>
    }
}

/// Files on their way.
#[component]
fn Opening() -> impl IntoView {
    let state = state();
    let opening = state.part(|session| {
        let waiting = session.groups.iter().filter(|group| group.state == GroupState::Opening);
        waiting.map(heimdall_page::session::Group::name).collect::<Vec<_>>()
    });
    let items =
        move || opening.get().into_iter().map(|name| view! { <li class="opening">{name}" …"</li> }).collect::<Vec<_>>();
    move || (!opening.with(Vec::is_empty)).then(|| view! { <ul>{items()}</ul> })
}

/// Files that gave no data, by name and with the reason.
#[component]
fn Refusals() -> impl IntoView {
    let state = state();
    let refused = state.part(|session| session.refusals());
    let items = move || {
        let row = |refusal: heimdall_page::session::PartRefusal| {
            let dismiss = move |_| state.send(Event::Dismissed(refusal.group));
            let label = format!("Dismiss {}", refusal.name);
            view! {
                <li class="refused" data-refused=refusal.name.clone()>
                    <span class="sign" aria-hidden="true">"✕"</span>
                    <div><b>{refusal.name.clone()}</b><p>{refusal.reason}</p></div>
                    <button type="button" class="quiet" aria-label=label on:click=dismiss>"Dismiss"</button>
                </li>
            }
        };
        refused.get().into_iter().map(row).collect::<Vec<_>>()
    };
    move || {
        (!refused.with(Vec::is_empty)).then(|| view! { <ul class="refusals" aria-label="Refused files">{items()}</ul> })
    }
}

/// What is worth knowing about tables and collections.
#[component]
fn Remarks() -> impl IntoView {
    let remarks = state().part(|session| session.remarks());
    let items = move || {
        let row = |remark: heimdall_page::session::Remark| {
            view! { <li class="remark"><b>{remark.name}</b><p>{remark.sentence}</p></li> }
        };
        remarks.get().into_iter().map(row).collect::<Vec<_>>()
    };
    move || {
        (!remarks.with(Vec::is_empty))
            .then(|| view! { <ul class="remarks" aria-label="Remarks on files">{items()}</ul> })
    }
}

/// Receivers that are known from tables only.
#[component]
fn Tables(rows: Vec<TableRow>) -> impl IntoView {
    let state = state();
    let row = move |row: TableRow| {
        let name = row.receiver.clone();
        let switch = move |event| state.send(Event::Switched(name.clone(), event_target_checked(&event)));
        view! {
            <li class="table-row" class:off=!row.on>
                <label>
                    <input type="checkbox" data-toggle=row.receiver.clone() prop:checked=row.on on:change=switch/>
                    <b>{row.receiver.clone()}</b>
                </label>
                <span class="numbers">{row.key_facts.join(" · ")}</span>
                {row.why_not.map(|reason| view! { <p class="why-not">{reason}</p> })}
            </li>
        }
    };
    view! { <ul class="tables" aria-label="Receivers from tables">{rows.into_iter().map(row).collect::<Vec<_>>()}</ul> }
}
