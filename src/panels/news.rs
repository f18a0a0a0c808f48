//! What happened so far, errors included, the newest first.

use leptos::prelude::*;

use crate::state::state;

#[component]
pub(crate) fn NewsList() -> impl IntoView {
    let state = state();
    let news = state.part(|session| session.news.clone());
    let any = Memo::new(move |_| news.with(|news| !news.is_empty()));
    let list = move || {
        let shown = state.preferences.get();
        news.with(|news| {
            let row = |news: &heimdall_page::session::News| {
                let class = if news.kind.is_trouble() { "trouble" } else { "" };
                view! { <li class=class>{shown.sentence(&news.text)}</li> }
            };
            news.iter().rev().map(row).collect::<Vec<_>>()
        })
    };
    move || {
        any.get().then(|| {
            view! {
                <details id="happened" class="happened">
                    <summary><h2>"What happened"</h2></summary>
                    <ul>{list}</ul>
                </details>
            }
        })
    }
}
