//! What is going on, and the way to stop it.

use heimdall_page::session::{Event, News, NewsKind};
use leptos::prelude::*;

use crate::state::state;

/// Shares its place with nothing, so that the panels below do not jump: it lies over the top edge.
#[component]
pub(crate) fn Progress() -> impl IntoView {
    let state = state();
    let activity = state.part(|session| session.activity());
    let share = move || {
        let activity = activity.get()?;
        let total = activity.jobs.len().max(1) as f32;
        let done =
            state.progress.with(|progress| activity.jobs.iter().filter_map(|job| progress.get(job)).sum::<f32>());
        Some((done / total * 100.0).round())
    };
    let label = move || activity.get().map(|activity| activity.label).unwrap_or_default();
    let class = move || match activity.get() {
        None => "progress idle",
        Some(activity) if activity.background => "progress background",
        Some(_) => "progress busy",
    };
    view! {
        <div id="progress" class=class role="status" aria-live="off">
            <span class="label">{label}</span>
            <progress max="100" value=move || share().unwrap_or(0.0) aria-label=label></progress>
            <button type="button" id="cancel" disabled=move || activity.get().is_none() on:click=move |_| state.send(Event::Cancelled)>
                "Cancel"
            </button>
        </div>
    }
}

/// Trouble that is not about one file, work that the user stopped, and in passing what was done.
#[component]
pub(crate) fn Message() -> impl IntoView {
    let state = state();
    // What shows elsewhere is heard there.
    let told = |news: &&News| matches!(news.kind, NewsKind::Done | NewsKind::Failure);
    let news = state.part(move |session| session.news.iter().rev().find(told).cloned());
    let closed = RwSignal::new(0);
    let trouble = state.part(|session| session.trouble.clone());
    let paused = state.part(|session| session.paused && !session.is_empty());
    let retry = move |label| {
        view! { <button type="button" id="resume" on:click=move |_| state.send(Event::Resumed)>{label}</button> }
    };
    view! {
        {move || news.get().filter(|news| news.number > closed.get()).map(|news| {
            let text = view! { <p>{news.text}</p> };
            if news.kind == NewsKind::Failure {
                view! {
                    <div class="message" role="alert">
                        {text}<button type="button" class="quiet" on:click=move |_| closed.set(news.number)>"Close"</button>
                    </div>
                }.into_any()
            } else {
                view! { <div class="toast" on:animationend=move |_| closed.set(news.number)>{text}</div> }.into_any()
            }
        })}
        // Screen readers hear of changes in an element that was there before.
        <p id="news" class="heard" role="status" aria-live="polite">{move || news.get().map(|news| news.text)}</p>
        {move || match (trouble.get(), paused.get()) {
            (Some(text), _) => Some(view! { <div class="message" role="alert"><p>{text}</p>{retry("Try again")}</div> }),
            (None, true) => Some(view! {
                <div class="message" role="alert"><p>{"Stopped. What was found so far is kept.".to_owned()}</p>{retry("Go on")}</div>
            }),
            (None, false) => None,
        }}
    }
}
