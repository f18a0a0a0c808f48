//! Everything known of a recording, each fact with its origin.

use heimdall_page::session::{RecordingRow, ShownFact};
use leptos::prelude::*;

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
    view! {
        <details class="more">
            <summary>"Details"</summary>
            <dl class="facts">
                {facts}
                <div><dt>"Clock"</dt><dd>{clock}</dd></div>
            </dl>
        </details>
    }
}
