//! A version in the list: its facts, what can be done with it, and everything else behind a fold.

use heimdall_model::{IndexEntry, ModelCard};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use web_sys::HtmlDetailsElement;

use super::changelog::Changelog;
use super::held_out::HeldOutPart;
use super::learning::Learning;
use super::results::Results;
use super::{Shared, facts, fetch};
use crate::api;

#[component]
pub(super) fn Version(entry: IndexEntry, version: String) -> impl IntoView {
    let Shared { trouble, trial, .. } = expect_context();
    let in_use = entry.promoted.as_ref() == Some(&version);
    let card = RwSignal::new(None::<ModelCard>);
    let path = format!("{}/{version}/metadata.json", entry.folder);
    spawn_local(async move {
        match fetch::json(&path).await {
            Ok(found) => card.set(Some(found)),
            Err(sentence) => trouble.set(Some(sentence)),
        }
    });
    let here = {
        let (folder, version) = (entry.folder.clone(), version.clone());
        Memo::new(move |_| trial.uses(&folder, &version, in_use))
    };
    let state = move || match (in_use, here.get()) {
        (true, true) => "in use",
        (true, false) => "in use, not in this page",
        (false, true) => "tried in this page",
        (false, false) => "",
    };
    let run = {
        let version = version.clone();
        move || trial.run_ms(&version).map(|ms| format!("{ms:.1}\u{a0}ms a run in this browser"))
    };
    let more = {
        let (entry, version) = (entry.clone(), version.clone());
        move || card.get().map(|card| view! { <More entry=entry.clone() version=version.clone() card/> })
    };
    view! {
        <li data-version=version.clone() data-in-use=in_use.to_string() data-here=move || here.get().to_string()>
            <span class="name">{version.clone()}</span>
            <span class="state">{state}</span>
            <span class="small">
                {move || card.with(|card| card.as_ref().map(facts::line))}
                {move || run().map(|run| format!(" · {run}"))}
            </span>
            <Actions entry version=version.clone() in_use here card/>
            {more}
        </li>
    }
}

/// Trying it here, and putting it in use for everybody.
#[component]
fn Actions(
    entry: IndexEntry,
    version: String,
    in_use: bool,
    here: Memo<bool>,
    card: RwSignal<Option<ModelCard>>,
) -> impl IntoView {
    let Shared { index, trouble, trial } = expect_context();
    let because = RwSignal::new(String::new());
    let place = |version: &String| entry.versions.iter().position(|listed| listed == version);
    let back = entry.promoted.as_ref().and_then(place) > place(&version);
    let verb = if back { "Roll back to this version" } else { "Use this version" };
    let (label, folder) = (format!("Why {version} is to be used although a check failed"), entry.folder);
    let promote = {
        let (version, path) = (version.clone(), format!("models/{folder}/promote"));
        move |_| {
            let reason = Some(because.get_untracked()).filter(|reason| !reason.trim().is_empty());
            let (path, body) = (path.clone(), json!({ "version": version, "because": reason }));
            spawn_local(async move {
                match api::post::<Value>(&path, &body).await {
                    Ok(_) => {
                        trouble.set(None);
                        trial.end();
                    }
                    Err(sentence) => trouble.set(Some(sentence)),
                }
            });
        }
    };
    let try_it = {
        let version = version.clone();
        move |_| match index.get_untracked() {
            Some(index) if !in_use && !here.get_untracked() => trial.begin(&index, &folder, &version),
            _ => trial.end(),
        }
    };
    // Never disabled: a button under the keyboard's focus must not lose it.
    let trying = move || if here.get() && !in_use { "Stop trying" } else { "Try on this scene" };
    let try_label = {
        let version = version.clone();
        move || format!("{}: {version}", trying())
    };
    let failed = move || !in_use && card.with(|card| card.as_ref().is_some_and(|card| !card.passed()));
    let reason = move || {
        let take = move |event| because.set(event_target_value(&event));
        failed().then(|| view! { <input type="text" aria-label=label.clone() placeholder="reason, since a check failed" on:input=take/> })
    };
    view! {
        <span class="buttons">
            <button type="button" class="try" aria-label=try_label aria-disabled=move || (in_use && here.get()).to_string() on:click=try_it>{trying}</button>
            <button type="button" class="promote" aria-label=format!("{verb}: {version}") disabled=in_use on:click=promote>{verb}</button>
            {reason}
        </span>
    }
}

/// What stands behind the fold; files are fetched when it is opened.
#[component]
fn More(entry: IndexEntry, version: String, card: ModelCard) -> impl IntoView {
    let opened = RwSignal::new(false);
    let toggle = move |event: web_sys::Event| {
        let open = event.target().and_then(|target| target.dyn_into::<HtmlDetailsElement>().ok());
        if open.is_some_and(|details| details.open()) {
            opened.set(true);
        }
    };
    let fetched = {
        let card = card.clone();
        move || {
            let (folder, card) = (format!("{}/{version}", entry.folder), card.clone());
            opened.get().then(|| {
                view! {
                    <HeldOutPart folder=folder.clone() card=card.clone()/>
                    <Learning folder=folder.clone() card=card.clone()/>
                    <Changelog entry=entry.clone() version=version.clone() card/>
                }
            })
        }
    };
    view! {
        <details on:toggle=toggle>
            <summary>"Checks, held-out results, training, changes"</summary>
            <div class="more">
                <Results card/>
                {fetched}
            </div>
        </details>
    }
}
