//! Everything known of a recording, each fact with its origin.

use heimdall_page::session::{Event, RecordingRow, ShownFact};
use leptos::prelude::*;

use crate::state::state;

#[component]
pub(crate) fn Facts(row: Memo<Option<RecordingRow>>) -> impl IntoView {
    let fact = |fact: ShownFact| {
        let origin = (!fact.origin.is_empty()).then(|| view! { <small>{fact.origin}</small> });
        view! { <div><dt>{fact.name}</dt><dd>{fact.value} " " {origin}</dd></div> }
    };
    let facts = move || {
        let facts = row.with(|row| row.as_ref().map(|row| row.facts.clone())).unwrap_or_default();
        facts.into_iter().map(fact).collect::<Vec<_>>()
    };
    let clock = move || row.with(|row| row.as_ref().map(|row| row.grade_reason.clone()));
    let order = move || {
        row.with(|row| if row.as_ref().is_some_and(|row| row.exchanged) { "Exchanged " } else { "As recorded " })
    };
    let state = state();
    let exchange = move |_| {
        row.get_untracked().into_iter().for_each(|row| state.send(Event::Exchanged(row.id)));
    };
    view! {
        <details class="more">
            <summary>"Details"</summary>
            <dl class="facts">
                {facts}
                <div><dt>"Clock"</dt><dd>{clock}</dd></div>
                <div><dt>"I and Q"</dt><dd>{order}<button type="button" class="link" data-exchange on:click=exchange>"Exchange"</button></dd></div>
            </dl>
        </details>
    }
}
