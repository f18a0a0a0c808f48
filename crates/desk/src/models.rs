//! Published versions: what they can do, what was asked of them, which is in use.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::api::{self, checked};
use crate::desk::News;
use crate::page;

#[derive(Clone, Deserialize)]
struct Index {
    constellations: Vec<Entry>,
}

#[derive(Clone, Deserialize)]
struct Entry {
    folder: String,
    versions: Vec<String>,
    promoted: Option<String>,
}

#[derive(Clone, Deserialize)]
struct Card {
    created: String,
    size: String,
    parameters: u64,
    files: Vec<Published>,
    #[serde(default)]
    sessions: Vec<String>,
    #[serde(default)]
    metrics: Vec<Metrics>,
    #[serde(default)]
    baselines: Vec<Metrics>,
    #[serde(default)]
    checks: Vec<Check>,
}

#[derive(Clone, Deserialize)]
struct Published {
    name: String,
    bytes: u64,
}

#[derive(Clone, Deserialize)]
struct Metrics {
    method: String,
    world: String,
    scenes: u64,
    rmse_m: Estimate,
    median_m: Estimate,
    coverage_68: Option<Estimate>,
    coverage_95: Option<Estimate>,
}

#[derive(Clone, Copy, Deserialize)]
struct Estimate {
    value: f64,
    low: f64,
    high: f64,
}

#[derive(Clone, Deserialize)]
struct Check {
    sentence: String,
    passed: bool,
}

async fn published<T: DeserializeOwned>(path: &str) -> Result<T, String> {
    let answer = checked(gloo_net::http::Request::get(&format!("models/{path}")).send().await).await?;
    answer.json().await.map_err(|error| format!("models/{path} cannot be read ({error})."))
}

#[component]
pub(crate) fn Models() -> impl IntoView {
    let news: News = expect_context();
    let (index, trouble) = (RwSignal::new(None::<Index>), RwSignal::new(None::<String>));
    Effect::new(move |_| {
        news.models.track();
        spawn_local(async move {
            match published("index.json").await {
                Ok(found) => index.set(Some(found)),
                Err(sentence) => trouble.set(Some(sentence)),
            }
        });
    });
    let shown = move || {
        index.get().map(|index| {
            let entry = |Entry { folder, versions, promoted }: Entry| {
                let rows = versions.into_iter().rev().map(|version| {
                    let in_use = promoted.as_ref() == Some(&version);
                    view! { <Version folder=folder.clone() version in_use trouble/> }
                });
                view! { <h3>{folder.clone()}</h3> <ul class="versions">{rows.collect_view()}</ul> }
            };
            index.constellations.into_iter().map(entry).collect_view()
        })
    };
    view! {
        {move || trouble.get().map(|sentence| view! { <p class="trouble">{sentence}</p> })}
        {shown}
    }
}

#[component]
fn Version(folder: String, version: String, in_use: bool, trouble: RwSignal<Option<String>>) -> impl IntoView {
    let card = RwSignal::new(None::<Card>);
    let path = format!("{folder}/{version}/metadata.json");
    spawn_local(async move {
        match published(&path).await {
            Ok(found) => card.set(Some(found)),
            Err(sentence) => trouble.set(Some(sentence)),
        }
    });
    let because = RwSignal::new(String::new());
    let promote = {
        let (folder, version) = (folder.clone(), version.clone());
        move |_| {
            let reason = Some(because.get_untracked()).filter(|reason| !reason.trim().is_empty());
            let body = json!({ "version": version, "because": reason });
            let path = format!("models/{folder}/promote");
            spawn_local(async move {
                match api::post::<Value>(&path, &body).await {
                    Ok(_) => {
                        trouble.set(None);
                        page::tell_models_changed();
                    }
                    Err(sentence) => trouble.set(Some(sentence)),
                }
            });
        }
    };
    let label = format!("Why {version} is to be used");
    view! {
        <li data-version=version.clone() data-in-use=in_use.to_string()>
            <span class="name">{version.clone()}</span>
            <span class="state">{if in_use { "in use" } else { "" }}</span>
            {move || card.get().map(|card| view! { <Facts card/> })}
            <span class="buttons">
                <input type="text" aria-label=label placeholder="reason, where a check failed" disabled=in_use on:input=move |event| because.set(event_target_value(&event))/>
                <button type="button" class="promote" disabled=in_use on:click=promote>"Use this version"</button>
            </span>
        </li>
    }
}

#[component]
fn Facts(card: Card) -> impl IntoView {
    let weights = card.files.iter().find(|file| file.name == "model.onnx").map_or(0, |file| file.bytes);
    let line = format!(
        "{} · {} · {:.1} M parameters · {:.1} MB · {} sessions",
        card.created,
        card.size,
        card.parameters as f64 / 1e6,
        weights as f64 / 1e6,
        card.sessions.len()
    );
    let distance = |estimate: Estimate| {
        let Estimate { value, low, high } = estimate;
        if value < 1e3 {
            format!("{value:.0} m ({low:.0}–{high:.0})")
        } else {
            format!("{:.1} km ({:.1}–{:.1})", value / 1e3, low / 1e3, high / 1e3)
        }
    };
    let percent = |share: Option<Estimate>| share.map_or(String::new(), |share| format!("{:.1}", share.value * 100.0));
    let row = move |one: &Metrics| {
        view! {
            <tr>
                <th scope="row">{one.method.clone()}</th>
                <td>{distance(one.rmse_m)}</td>
                <td>{distance(one.median_m)}</td>
                <td>{percent(one.coverage_68)}</td>
                <td>{percent(one.coverage_95)}</td>
            </tr>
        }
    };
    let rows: Vec<_> = card.metrics.iter().chain(&card.baselines).map(row).collect();
    let checks: Vec<_> = card
        .checks
        .iter()
        .map(|check| {
            let mark = if check.passed { "passed: " } else { "failed: " };
            view! { <li class:failed=!check.passed>{mark} {check.sentence.clone()}</li> }
        })
        .collect();
    let caption = card.metrics.first().map(|one| format!("{}, {} scenes in held-out blocks", one.world, one.scenes));
    let table = (!rows.is_empty()).then(|| {
        view! {
            <div class="scrolls">
                <table>
                    <caption>{caption}</caption>
                    <thead><tr><th>"method"</th><th>"RMSE"</th><th>"median"</th><th>"68 % holds"</th><th>"95 % holds"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <span class="small">{line}</span>
        <details>
            <summary>"Held-out results and checks"</summary>
            <ul class="checks">{checks}</ul>
            {table}
        </details>
    }
}
