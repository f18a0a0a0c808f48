//! A constellation of the receivers of the scene that is open in the page.

use heimdall_desk::stations::{SceneStation, of_scene};
use heimdall_localize::Geodesy;
use heimdall_page::format;
use heimdall_recording::Position;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};
use web_sys::SubmitEvent;

use super::Rack;
use super::entry::{Constellation, ConstellationDraft, Entry, Receiver};
use crate::api;
use crate::fields::field;
use crate::focus::focus;
use crate::page;

/// A kept receiver that is farther from where the scene has it is worth a word, metres.
const APART_M: f64 = 100.0;

/// A receiver that was made.
#[derive(Deserialize)]
struct Made {
    id: String,
}

#[component]
pub(super) fn SceneForm() -> impl IntoView {
    let rack: Rack = expect_context();
    let stations = page::lent().map(|lent| of_scene(&lent.recordings)).unwrap_or_default();
    let cancel = view! { <button type="button" on:click=move |_| rack.leave()>"Cancel"</button> };
    if stations.is_empty() {
        return view! {
            <div class="ask" on:keydown=move |event| rack.leave_on_escape(&event)>
                <p id="scene-trouble">"Nothing is open. Drop recordings on the page, or try the sample; their receivers are then listed here."</p>
                <span class="buttons">{cancel}</span>
            </div>
        }
        .into_any();
    }
    let lost: Vec<String> =
        stations.iter().filter(|station| station.position.is_none()).map(|station| station.name.clone()).collect();
    let is_whole = lost.is_empty();
    let rows = stations.clone().into_iter().map(|station| {
        let SceneStation { name, position } = station;
        let (of, place) = (name.clone(), position.map_or("position unknown".to_owned(), format::coordinates));
        view! {
            <li>
                <span class="name">{name}</span>
                <span class="small">{place} " " {move || rack.kept(&of).map_or("· is added".to_owned(), |kept| told(&kept, position))}</span>
            </li>
        }
    });
    let name = RwSignal::new(default_name(&stations));
    let (trouble, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    focus("scene-name");
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let stations = stations.clone();
        busy.set(true);
        spawn_local(async move {
            match make(rack, name.get_untracked().trim(), &stations).await {
                Ok(()) => {
                    rack.leave();
                    rack.said.set(Some((true, format!("The constellation “{}” was made.", name.get_untracked()))));
                }
                Err(sentence) => trouble.set(Some(sentence)),
            }
            busy.set(false);
            rack.changed();
        });
    };
    view! {
        <form class="edit" aria-label="A constellation of the open scene's receivers" on:submit=submit on:keydown=move |event| rack.leave_on_escape(&event)>
            <div class="fields">{field("scene-name", "Name", name)}</div>
            <ol class="of-scene">{rows.collect_view()}</ol>
            {(!is_whole).then(|| view! {
                <p id="scene-trouble" class="trouble">{format!("Place {} in the page first: a constellation needs the position of each.", lost.join(", "))}</p>
            })}
            {move || trouble.get().map(|sentence| view! { <p id="scene-refused" class="trouble" role="alert">{sentence}</p> })}
            <span class="buttons">
                <button type="submit" class="primary" id="scene-make" disabled=move || busy.get() || !is_whole>"Make the constellation"</button>
                {cancel}
            </span>
        </form>
    }
    .into_any()
}

impl Rack {
    /// The kept receiver of this name.
    fn kept(self, name: &str) -> Option<Receiver> {
        self.receivers.with(|all| all.iter().flatten().find(|one| one.draft.name.eq_ignore_ascii_case(name)).cloned())
    }
}

/// What is said of a receiver that the server keeps already.
fn told(kept: &Receiver, position: Option<Position>) -> String {
    let place = kept.draft.place;
    let there = Position { latitude_deg: place.latitude_deg, longitude_deg: place.longitude_deg };
    let apart_m = position.map(|here| Geodesy::default().distance_m(here, there)).filter(|metres| *metres > APART_M);
    match apart_m {
        Some(metres) => {
            format!("· kept already, {} from here: the kept position counts", format::distance(metres))
        }
        None => "· kept already".to_owned(),
    }
}

fn default_name(stations: &[SceneStation]) -> String {
    let names: Vec<&str> = stations.iter().map(|station| station.name.as_str()).collect();
    names.join(", ").chars().take(100).collect()
}

/// Adds the receivers that are missing, and then the constellation.
async fn make(rack: Rack, name: &str, stations: &[SceneStation]) -> Result<(), String> {
    let mut receivers = Vec::with_capacity(stations.len());
    for station in stations {
        let kept = rack.kept(&station.name).map(|kept| kept.id);
        receivers.push(match (kept, station.position) {
            (Some(id), _) => id,
            (None, Some(Position { latitude_deg, longitude_deg })) => {
                let place = json!({ "latitude_deg": latitude_deg, "longitude_deg": longitude_deg });
                let draft = json!({ "name": station.name, "place": place });
                api::post::<Made>(Receiver::LIST, &draft).await?.id
            }
            (None, None) => return Err(format!("The position of {} is not known.", station.name)),
        });
    }
    let draft = ConstellationDraft { name: name.to_owned(), receivers };
    api::post::<Value>(Constellation::LIST, &draft).await.map(drop)
}
