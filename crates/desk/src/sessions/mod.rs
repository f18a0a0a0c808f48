//! What was given to the server: found, looked at on a map, edited, decided on, deleted, taken away and brought back.

mod actions;
mod edit;
mod edit_fields;
mod filter;
mod import;
mod listing;
mod map;
mod questions;
mod row;
mod session;

use leptos::prelude::*;

use crate::desk::News;
use crate::undo::Undoable;
use filter::Filters;
use import::Import;
use listing::Listing;
use map::{Legend, SessionsMap};
use row::Row;

/// What is open below a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Editing,
    Rejecting,
    Purging,
}

/// What the parts of the list share.
#[derive(Clone, Copy)]
struct Shelf {
    news: News,
    undoable: Undoable,
    listing: Listing,
    /// The one form that is open, by the id of its session.
    doing: RwSignal<Option<(String, Doing)>>,
    /// The session that is marked in list and map.
    chosen: RwSignal<Option<String>>,
    /// The one that the map shall move to.
    sought: RwSignal<Option<String>>,
    /// What became of the newest action, and whether that is good.
    said: RwSignal<Option<(bool, String)>>,
}

/// The id of a row in the document.
fn row_id(session: &str) -> String {
    format!("session-{session}")
}

#[component]
pub(crate) fn Sessions() -> impl IntoView {
    let (news, undoable): (News, Undoable) = (expect_context(), expect_context());
    let listing = Listing::new(news.sessions);
    let shelf = Shelf {
        news,
        undoable,
        listing,
        doing: RwSignal::new(None),
        chosen: RwSignal::new(None),
        sought: RwSignal::new(None),
        said: RwSignal::new(None),
    };
    provide_context(shelf);
    let said = move || {
        shelf.said.get().map(|(good, sentence)| {
            view! { <p id="sessions-said" class=if good { "said" } else { "trouble" }>{sentence}</p> }
        })
    };
    view! {
        <div class="find">
            <Filters filter=listing.filter/>
            <Import/>
        </div>
        <div role="status">{said}</div>
        <Found/>
    }
}

/// The list, or why there is none.
#[component]
fn Found() -> impl IntoView {
    let shelf: Shelf = expect_context();
    let listing = shelf.listing;
    let (ids, points) = (listing.ids(), listing.points());
    let trouble = move || {
        listing.trouble.get().map(|sentence| {
            view! {
                <p class="trouble" role="alert">{sentence} " " <button type="button" on:click=move |_| listing.refresh()>"Try again"</button></p>
            }
        })
    };
    let empty = move || {
        let sentence = if listing.filter.with(filter::Filter::is_any) {
            "No sessions yet. What you give under Contribute is listed here, and archives can be imported."
        } else {
            "No session fits. Search for fewer words, or for any state and source."
        };
        (ids.with(|ids| ids.as_ref().is_some_and(Vec::is_empty)))
            .then(|| view! { <p class="desk-empty">{sentence}</p> })
    };
    let asking = move || {
        (ids.with(Option::is_none) && listing.trouble.with(Option::is_none))
            .then(|| view! { <p class="desk-empty">"Asking the server…"</p> })
    };
    let rows = move || {
        let mut ids = ids.get().unwrap_or_default();
        // A form stays while it is open, also where its session does not fit any more: somebody may type in it.
        if let Some((open, _)) = shelf.doing.get()
            && !ids.contains(&open)
        {
            ids.insert(0, open);
        }
        ids
    };
    view! {
        {trouble}
        <SessionsMap points/>
        <div class="counted">
            <p class="small" role="status">{move || listing.count()}</p>
            <Legend points/>
        </div>
        {asking}
        {empty}
        <ul class="sessions" aria-label="Sessions">
            <For each=rows key=Clone::clone let(id)>
                <Row id/>
            </For>
        </ul>
        {move || listing.has_more().then(|| view! {
            <button type="button" id="sessions-more" disabled=move || listing.busy.get() on:click=move |_| listing.more()>"Show more"</button>
        })}
    }
}
