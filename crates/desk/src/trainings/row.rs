//! A training in the list.

use gloo_net::http::{Request, RequestBuilder};
use heimdall_desk::course::Course;
use heimdall_page::format;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use super::Training;
use crate::api::{self, API};
use crate::chart::Chart;
use crate::desk::News;

/// What is asked of one training only.
#[derive(Deserialize)]
struct Whole {
    course: Course,
}

#[component]
pub(super) fn TrainingRow(
    id: String,
    list: RwSignal<Option<Vec<Training>>>,
    trouble: RwSignal<Option<String>>,
) -> impl IntoView {
    let news: News = expect_context();
    let wanted = id.clone();
    let training = Memo::new(move |_| list.with(|list| list.as_ref()?.iter().find(|one| one.id == wanted).cloned()));
    let stage = Memo::new(move |_| training.get().map(|training| training.state.stage).unwrap_or_default());
    let path = StoredValue::new(format!("{API}/trainings/{id}"));
    let act = move |request: RequestBuilder| {
        spawn_local(async move {
            match api::tell(request).await {
                Ok(()) => news.trainings.set(None),
                Err(sentence) => trouble.set(Some(sentence)),
            }
        });
    };
    let wish = move |verb: &'static str| act(Request::post(&format!("{}/{verb}", path.get_value())));
    let is = move |stages: &'static [&'static str]| stages.contains(&stage.get().as_str());
    // Of one under way the course is shown; of others, when somebody asks for it.
    let open = RwSignal::new(false);
    let follows = Memo::new(move |_| open.get() || is(&["running"]));
    let course = course(id, follows);
    let head = move || {
        training.get().map(|Training { request, state, .. }| {
            let budget = request.budget_s.map(|seconds| format!("at most {}", format::duration(f64::from(seconds))));
            let sessions = (!state.sessions.is_empty()).then(|| format!("{} sessions", state.sessions.len()));
            let parts = [Some(request.size), Some(format!("{} epochs", request.epochs)), budget, sessions];
            let detail = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
            view! {
                <span class="name">{request.name}</span>
                <span class="state">{state.stage}</span>
                <span class="small">{detail} " " {move || course.with(Course::line)} " " {state.sentence}</span>
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
                <button type="button" class="course-of" aria-expanded=move || follows.get().to_string() disabled=move || is(&["running"]) on:click=move |_| open.update(|open| *open = !*open)>"Course"</button>
            </span>
        </li>
    }
}

/// The newest course of a training for as long as it is followed, and empty otherwise.
fn course(id: String, follows: Memo<bool>) -> Memo<Course> {
    let news: News = expect_context();
    let newest = RwSignal::new(Course::default());
    Effect::new(move |was_followed: Option<bool>| {
        let changed = news.trainings.get();
        let now = follows.get();
        let concerns = was_followed != Some(true) || changed.is_none_or(|changed| changed == id);
        if now && concerns {
            let path = format!("trainings/{id}");
            spawn_local(async move {
                // What cannot be read now is with the next change; the row may be gone by then.
                if let Ok(Whole { course }) = api::get(&path).await {
                    let _gone = newest.try_set(course);
                }
            });
        }
        now
    });
    Memo::new(move |_| if follows.get() { newest.get() } else { Course::default() })
}
