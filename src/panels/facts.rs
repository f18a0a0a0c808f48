//! Everything known of a recording, each fact with its origin.

use heimdall_page::session::RecordingRow;
use leptos::prelude::*;

#[component]
pub(crate) fn Facts(row: RecordingRow) -> impl IntoView {
    let facts: Vec<_> = row
        .facts
        .into_iter()
        .map(|fact| {
            let origin = (!fact.origin.is_empty()).then(|| view! { <small>{fact.origin}</small> });
            view! { <div><dt>{fact.name}</dt><dd>{fact.value} {origin}</dd></div> }
        })
        .collect();
    view! {
        <details class="more">
            <summary>"Details"</summary>
            <dl class="facts">
                {facts}
                <div><dt>"Clock"</dt><dd>{row.grade_reason}</dd></div>
            </dl>
        </details>
    }
}
