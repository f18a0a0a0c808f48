//! The answer as files.

use heimdall_page::session::Event;
use heimdall_pipeline::export::ExportFormat;
use leptos::prelude::*;

use crate::state::state;

#[component]
pub(crate) fn Exports() -> impl IntoView {
    let state = state();
    let ready = state.part(|session| session.report.is_some());
    let buttons = ExportFormat::ALL.map(|format| {
        view! {
            <button
                type="button"
                id=format!("export-{}", format.extension())
                disabled=move || !ready.get()
                on:click=move |_| state.send(Event::ExportWanted(format))
            >
                {format.label()}
            </button>
        }
    });
    view! {
        <section class="exports" aria-label="Export">
            <h2>"Export"</h2>
            <div class="buttons">
                {buttons}
                <button type="button" id="save-session" title="Recordings, settings and places as one file" on:click=move |_| state.send(Event::SessionWanted)>"Session"</button>
            </div>
        </section>
    }
}
