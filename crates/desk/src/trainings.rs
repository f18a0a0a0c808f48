//! Asks for trainings and watches them.

use gloo_net::http::Request;
use heimdall_desk::course::Course;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{self, API};
use crate::chart::Chart;
use crate::desk::News;

#[derive(Clone, PartialEq, Deserialize)]
pub(crate) struct Training {
    id: String,
    request: Asked,
    state: State,
    course: Course,
}

#[derive(Clone, PartialEq, Deserialize)]
struct Asked {
    name: String,
    size: String,
    epochs: u32,
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

#[derive(Deserialize)]
struct Worlds {
    worlds: Vec<String>,
}

#[component]
pub(crate) fn TrainingsPart() -> impl IntoView {
    let news: News = expect_context();
    let (list, trouble) = (RwSignal::new(None::<Vec<Training>>), RwSignal::new(None::<String>));
    Effect::new(move |_| {
        let changed = news.trainings.get();
        spawn_local(async move {
            // Of a known one only its own course is asked for; one that is new or gone changes the list.
            let known = |id: &String| list.with_untracked(|list| list.iter().flatten().any(|one| one.id == *id));
            if let Some(id) = changed.filter(known)
                && let Ok(newer) = api::get::<Training>(&format!("trainings/{id}")).await
            {
                list.update(|list| {
                    list.iter_mut().flatten().filter(|one| one.id == id).for_each(|one| *one = newer.clone());
                });
                return;
            }
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

/// The form.
#[component]
fn Ask(trouble: RwSignal<Option<String>>) -> impl IntoView {
    let news: News = expect_context();
    let worlds = RwSignal::new(Vec::<String>::new());
    spawn_local(async move {
        match api::get::<Worlds>("worlds").await {
            Ok(answer) => worlds.set(answer.worlds),
            Err(sentence) => trouble.set(Some(sentence)),
        }
    });
    let world = RwSignal::new(String::new());
    let (scenes, epochs) = (RwSignal::new("2000".to_owned()), RwSignal::new("3".to_owned()));
    let (size, sessions) = (RwSignal::new("atto".to_owned()), RwSignal::new(true));
    let ask = move |_| {
        let chosen = world.get_untracked();
        let world =
            if chosen.is_empty() { worlds.get_untracked().first().cloned().unwrap_or_default() } else { chosen };
        let whole = |text: String| text.trim().parse::<u32>().ok();
        let (Some(scenes), Some(epochs)) = (whole(scenes.get_untracked()), whole(epochs.get_untracked())) else {
            return trouble.set(Some("Scenes and epochs are whole numbers.".to_owned()));
        };
        let name = format!("{world}, {} scenes", scenes);
        let request = json!({
            "name": name, "world": world, "simulated_scenes": scenes, "with_sessions": sessions.get_untracked(),
            "size": size.get_untracked(), "epochs": epochs,
        });
        spawn_local(async move {
            match api::post::<Value>("trainings", &request).await {
                Ok(_) => {
                    trouble.set(None);
                    news.trainings.set(None);
                }
                Err(sentence) => trouble.set(Some(sentence)),
            }
        });
    };
    let options = move || {
        worlds.get().into_iter().map(|name| view! { <option value=name.clone()>{name.clone()}</option> }).collect_view()
    };
    let sizes = ["probe", "atto", "femto", "pico", "nano", "tiny"]
        .map(|name| view! { <option value=name selected=name == "atto">{name}</option> });
    view! {
        <div class="fields">
            <label for="desk-world">"Receivers and simulated world"</label>
            <select id="desk-world" on:change=move |event| world.set(event_target_value(&event))>{options}</select>
            <label for="desk-scenes">"Simulated scenes"</label>
            <input type="text" inputmode="numeric" id="desk-scenes" prop:value=move || scenes.get() on:input=move |event| scenes.set(event_target_value(&event))/>
            <label for="desk-epochs">"Epochs"</label>
            <input type="text" inputmode="numeric" id="desk-epochs" prop:value=move || epochs.get() on:input=move |event| epochs.set(event_target_value(&event))/>
            <label for="desk-size">"Size"</label>
            <select id="desk-size" on:change=move |event| size.set(event_target_value(&event))>{sizes}</select>
            <label for="desk-with-sessions">"Approved sessions too"</label>
            <input type="checkbox" id="desk-with-sessions" prop:checked=move || sessions.get() on:change=move |event| sessions.set(event_target_checked(&event))/>
        </div>
        <div class="buttons">
            <button type="button" class="primary" id="desk-train-start" disabled=move || worlds.with(Vec::is_empty) on:click=ask>"Train"</button>
        </div>
    }
}

#[component]
fn TrainingRow(id: String, list: RwSignal<Option<Vec<Training>>>, trouble: RwSignal<Option<String>>) -> impl IntoView {
    let news: News = expect_context();
    let wanted = id.clone();
    let training = Memo::new(move |_| list.with(|list| list.as_ref()?.iter().find(|one| one.id == wanted).cloned()));
    let course = Memo::new(move |_| training.get().map(|training| training.course).unwrap_or_default());
    let stage = Memo::new(move |_| training.get().map(|training| training.state.stage).unwrap_or_default());
    let path = StoredValue::new(format!("{API}/trainings/{id}"));
    let act = move |request: gloo_net::http::RequestBuilder| {
        spawn_local(async move {
            match api::tell(request).await {
                Ok(()) => news.trainings.set(None),
                Err(sentence) => trouble.set(Some(sentence)),
            }
        });
    };
    let wish = move |verb: &'static str| act(Request::post(&format!("{}/{verb}", path.get_value())));
    let is = move |stages: &'static [&'static str]| stages.contains(&stage.get().as_str());
    let head = move || {
        training.get().map(|Training { request, state, course, .. }| {
            let sessions = match state.sessions.len() {
                0 => String::new(),
                count => format!(", {count} sessions"),
            };
            let detail = format!("{}, {} epochs{sessions}", request.size, request.epochs);
            view! {
                <span class="name">{request.name}</span>
                <span class="state">{state.stage}</span>
                <span class="small">{detail} " " {course.line()} " " {state.sentence}</span>
            }
        })
    };
    view! {
        <li data-stage=move || stage.get()>
            {head}
            <Chart course/>
            <span class="buttons">
                <button type="button" disabled=move || !is(&["queued", "running"]) on:click=move |_| wish("pause")>"Pause"</button>
                <button type="button" disabled=move || !is(&["paused", "failed", "cancelled"]) on:click=move |_| wish("resume")>"Resume"</button>
                <button type="button" disabled=move || !is(&["queued", "running", "paused"]) on:click=move |_| wish("cancel")>"Cancel"</button>
                <button type="button" disabled=move || !is(&["failed", "cancelled", "published"]) on:click=move |_| act(Request::delete(&path.get_value()))>"Delete"</button>
            </span>
        </li>
    }
}
