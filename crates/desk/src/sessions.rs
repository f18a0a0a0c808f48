//! What was given to the server, and whether it may be learnt from.

use gloo_net::http::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{self, API};
use crate::desk::News;

#[derive(Clone, Deserialize)]
struct Page {
    items: Vec<Session>,
}

#[derive(Clone, Deserialize)]
struct Session {
    id: Value,
    title: String,
    state: String,
    position: Option<Value>,
    recordings: u64,
    bytes: f64,
    created_by: String,
}

impl Session {
    fn id(&self) -> String {
        self.id.as_str().map_or_else(|| self.id.to_string(), str::to_owned)
    }
}

#[component]
pub(crate) fn Sessions() -> impl IntoView {
    let news: News = expect_context();
    let (list, trouble) = (RwSignal::new(None::<Vec<Session>>), RwSignal::new(None::<String>));
    Effect::new(move |_| {
        news.sessions.track();
        spawn_local(async move {
            match api::get::<Page>("sessions").await {
                Ok(page) => {
                    list.set(Some(page.items));
                    trouble.set(None);
                }
                Err(sentence) => trouble.set(Some(sentence)),
            }
        });
    });
    let decide = move |session: &Session, verb: &'static str, body: Value| {
        let path = format!("sessions/{}/{verb}", session.id());
        spawn_local(async move {
            match api::post::<Value>(&path, &body).await {
                Ok(_) => news.sessions.update(|count| *count += 1),
                Err(sentence) => trouble.set(Some(sentence)),
            }
        });
    };
    let remove = move |session: &Session| {
        let request = Request::delete(&format!("{API}/sessions/{}", session.id()));
        spawn_local(async move {
            match api::tell(request).await {
                Ok(()) => news.sessions.update(|count| *count += 1),
                Err(sentence) => trouble.set(Some(sentence)),
            }
        });
    };
    let row = move |session: Session| {
        let place = session.position.as_ref().map(|position| {
            let degrees = |name: &str| position["place"][name].as_f64().unwrap_or(f64::NAN);
            format!("{:.4}, {:.4}", degrees("latitude_deg"), degrees("longitude_deg"))
        });
        let (approve, reject, delete) = (session.clone(), session.clone(), session.clone());
        view! {
            <li data-state=session.state.clone()>
                <span class="name">{session.title.clone()}</span>
                <span class="state">{session.state.clone()}</span>
                <span class="small">
                    {session.recordings} " files, " {format!("{:.1} MB", session.bytes / 1e6)} " · "
                    {place.unwrap_or_else(|| "transmitter unknown".to_owned())} " · by " {session.created_by.clone()}
                </span>
                <span class="buttons">
                    <button type="button" class="approve" disabled=session.state == "approved" on:click=move |_| decide(&approve, "approve", json!({}))>"Approve"</button>
                    <button type="button" disabled=session.state == "rejected" on:click=move |_| decide(&reject, "reject", json!({ "reason": "rejected in the page" }))>"Reject"</button>
                    <button type="button" on:click=move |_| remove(&delete)>"Delete"</button>
                </span>
            </li>
        }
    };
    let shown = move || match list.get() {
        None => view! { <p class="small">"Asking the server…"</p> }.into_any(),
        Some(sessions) if sessions.is_empty() => {
            view! { <p class="desk-empty">"No sessions yet. What you give under Contribute is listed here."</p> }
                .into_any()
        }
        Some(sessions) => view! { <ul class="sessions">{sessions.into_iter().map(row).collect_view()}</ul> }.into_any(),
    };
    view! {
        {move || trouble.get().map(|sentence| view! { <p class="trouble">{sentence}</p> })}
        {shown}
    }
}
