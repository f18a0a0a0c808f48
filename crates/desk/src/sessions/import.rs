//! A session from an archive.

use gloo_net::http::Request;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::File;

use super::session::Session;
use super::{Shelf, row_id};
use crate::api::{API, checked};
use crate::focus::focus;

#[component]
pub(super) fn Import() -> impl IntoView {
    let shelf: Shelf = expect_context();
    let busy = RwSignal::new(None::<String>);
    let input = NodeRef::<Input>::new();
    let chosen = move |_| {
        let Some(input) = input.get_untracked() else { return };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        busy.set(Some(file.name()));
        shelf.said.set(None);
        spawn_local(async move {
            let answer = import(&file).await;
            // The same file can be chosen again.
            input.set_value("");
            busy.set(None);
            shelf.said.set(Some(match answer {
                Ok(session) => {
                    shelf.chosen.set(Some(session.id.clone()));
                    focus(row_id(&session.id));
                    (true, format!("“{}” was imported and is pending.", session.draft.title))
                }
                Err(sentence) => (false, sentence),
            }));
            shelf.changed();
        });
    };
    let choose = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    view! {
        <button type="button" id="sessions-import" title="A tar archive with a SigMF collection, such as this server gives, or with arrays in the classic layout" disabled=move || busy.with(Option::is_some) on:click=choose>
            {move || busy.get().map_or_else(|| "Import…".to_owned(), |name| format!("Importing {name}…"))}
        </button>
        <input type="file" id="sessions-archive" accept=".tar,.sigmf,application/x-tar" hidden aria-label="Archive to import" node_ref=input on:change=chosen/>
    }
}

async fn import(file: &File) -> Result<Session, String> {
    let request = Request::post(&format!("{API}/sessions/import")).header("Content-Type", "application/x-tar");
    let request = request.body(file.clone()).map_err(|error| error.to_string())?;
    let answer = checked(request.send().await).await?;
    answer.json().await.map_err(|error| format!("The server's answer cannot be read ({error})."))
}
