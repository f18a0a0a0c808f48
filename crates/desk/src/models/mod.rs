//! Published versions: what they can do, what was asked of them, which is in use, and what they say of the scene in
//! the page.

mod calibration;
mod changelog;
mod comparison;
mod error_map;
mod facts;
mod fetch;
mod held_out;
mod learning;
mod results;
mod trial;
mod version;

use heimdall_model::{IndexEntry, ModelIndex};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::desk::News;
use comparison::ComparisonTable;
use version::Version;

pub(crate) use trial::{Trial, TrialNote};

/// What every part of the list needs.
#[derive(Clone, Copy)]
struct Shared {
    /// The list, once it is there.
    index: RwSignal<Option<ModelIndex>>,
    /// What went wrong last, a sentence.
    trouble: RwSignal<Option<String>>,
    /// The version that this page tries.
    trial: Trial,
}

#[component]
pub(crate) fn Models() -> impl IntoView {
    let news: News = expect_context();
    let (index, trouble, trial) = (RwSignal::new(None), RwSignal::new(None), expect_context::<Trial>());
    provide_context(Shared { index, trouble, trial });
    trial.look();
    Effect::new(move |_| {
        news.models.track();
        spawn_local(async move {
            match fetch::json::<ModelIndex>("index.json").await {
                Ok(found) => index.set(Some(found)),
                Err(sentence) => trouble.set(Some(sentence)),
            }
        });
    });
    // What is open stays open when the same list comes again.
    let list = Memo::new(move |_| index.get());
    let shown = move || match list.get() {
        None => view! { <p class="small">"Asking the server…"</p> }.into_any(),
        Some(index) if index.constellations.is_empty() => {
            view! { <p class="desk-empty">"No version is published yet. A training that ends is published here."</p> }
                .into_any()
        }
        Some(index) => index.constellations.into_iter().map(versions).collect_view().into_any(),
    };
    view! {
        {move || trouble.get().map(|sentence| view! { <p class="trouble" role="alert">{sentence}</p> })}
        <ComparisonTable/>
        {shown}
    }
}

/// The versions for one constellation, newest first.
fn versions(entry: IndexEntry) -> impl IntoView {
    let newest_first: Vec<String> = entry.versions.iter().rev().cloned().collect();
    let (name, receivers) = (entry.folder.clone(), entry.constellation.receivers.len());
    let rows = newest_first.into_iter().map(|version| view! { <Version entry=entry.clone() version/> });
    view! {
        <h3>{name} <span class="small">{format!("{receivers} receivers")}</span></h3>
        <ul class="versions">{rows.collect_view()}</ul>
    }
}
