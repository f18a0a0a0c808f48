//! Asks for trainings and watches them.

mod ask;
mod row;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use crate::api;
use crate::desk::News;
use ask::Ask;
use row::TrainingRow;

/// A training as the list has it.
#[derive(Clone, PartialEq, Deserialize)]
struct Training {
    id: String,
    request: Asked,
    state: State,
}

#[derive(Clone, PartialEq, Deserialize)]
struct Asked {
    name: String,
    size: String,
    epochs: u32,
    budget_s: Option<u32>,
}

#[derive(Clone, PartialEq, Deserialize)]
struct State {
    stage: String,
    sentence: String,
    sessions: Vec<String>,
}

#[derive(Deserialize)]
struct List {
    trainings: Vec<Training>,
}

#[component]
pub(crate) fn TrainingsPart() -> impl IntoView {
    let news: News = expect_context();
    let (list, trouble) = (RwSignal::new(None::<Vec<Training>>), RwSignal::new(None::<String>));
    Effect::new(move |_| {
        news.trainings.track();
        spawn_local(async move {
            match api::get::<List>("trainings").await {
                Ok(answer) => list.set(Some(answer.trainings)),
                Err(sentence) => trouble.set(Some(sentence)),
            }
        });
    });
    // Rows stay while their numbers change: a button under the pointer must not be another one.
    let ids = Memo::new(move |_| {
        list.with(|list| list.as_ref().map(|list| list.iter().map(|one| one.id.clone()).collect::<Vec<_>>()))
    });
    let shown = move || match ids.get() {
        None => view! { <p class="small">"Asking the server…"</p> }.into_any(),
        Some(ids) if ids.is_empty() => view! { <p class="desk-empty">"No training yet."</p> }.into_any(),
        Some(ids) => {
            let rows = ids.into_iter().map(|id| view! { <TrainingRow id list trouble/> });
            view! { <ul class="trainings">{rows.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <Ask trouble/>
        {move || trouble.get().map(|sentence| view! { <p class="trouble" role="alert">{sentence}</p> })}
        {shown}
    }
}
