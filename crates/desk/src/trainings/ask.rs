//! The form that asks for a training.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::api;
use crate::desk::News;
use crate::place_fields::number;

const SECONDS_PER_MINUTE: f64 = 60.0;
/// Most sessions that the server names at once.
const MOST: usize = 200;
/// What may be learnt from: the choice's value, and its label.
const DATA: [(&str, &str); 3] = [
    ("both", "simulated scenes and approved sessions"),
    ("simulation", "simulated scenes"),
    ("sessions", "approved sessions"),
];
const SIZES: [&str; 6] = ["probe", "atto", "femto", "pico", "nano", "tiny"];

#[derive(Deserialize)]
struct Worlds {
    worlds: Vec<String>,
}

#[derive(Clone, Deserialize)]
struct Constellation {
    id: String,
    name: String,
    receivers: Vec<String>,
}

#[derive(Deserialize)]
struct Sessions {
    items: Vec<Value>,
}

#[derive(Clone, Copy)]
struct Fields {
    world: RwSignal<String>,
    /// An id, or empty for the world's own receivers.
    constellation: RwSignal<String>,
    data: RwSignal<String>,
    scenes: RwSignal<String>,
    epochs: RwSignal<String>,
    minutes: RwSignal<String>,
    size: RwSignal<String>,
}

impl Fields {
    fn new() -> Self {
        let text = |text: &str| RwSignal::new(text.to_owned());
        Self {
            world: text(""),
            constellation: text(""),
            data: text("both"),
            scenes: text("2000"),
            epochs: text("3"),
            minutes: text(""),
            size: text("atto"),
        }
    }

    fn simulates(self) -> bool {
        self.data.with(|data| data != "sessions")
    }

    /// The request; a sentence where the fields hold none.
    fn request(self, worlds: &[String], constellations: &[Constellation]) -> Result<Value, String> {
        let world = Some(self.world.get_untracked()).filter(|world| !world.is_empty()).or(worlds.first().cloned());
        let world = world.unwrap_or_default();
        let whole = |field: RwSignal<String>| field.with_untracked(|text| text.trim().parse::<u32>().ok());
        let sentence = "Scenes and epochs are whole numbers.";
        let epochs = whole(self.epochs).ok_or(sentence)?;
        let data = self.data.get_untracked();
        let scenes = if data == "sessions" { 0 } else { whole(self.scenes).ok_or(sentence)? };
        let minutes = self.minutes.get_untracked();
        let budget_s = match minutes.trim() {
            "" => None,
            text => {
                let minutes = number(text).filter(|minutes| *minutes > 0.0);
                let minutes = minutes.ok_or("The time is a number of minutes; leave it empty for no limit.")?;
                // The server takes whole seconds, and says so where they are too many.
                Some((minutes * SECONDS_PER_MINUTE).ceil() as u32)
            }
        };
        let constellation = self.constellation.get_untracked();
        let chosen = constellations.iter().find(|one| one.id == constellation);
        let receivers = chosen.map_or(&world, |one| &one.name);
        let learns = match data.as_str() {
            "sessions" => "sessions".to_owned(),
            "simulation" => format!("{scenes} scenes"),
            _ => format!("{scenes} scenes and sessions"),
        };
        // A name is at most a hundred characters.
        let name: String = receivers.chars().take(60).collect();
        Ok(json!({
            "name": format!("{name}, {learns}"), "world": world, "constellation": chosen.map(|one| &one.id),
            "simulated_scenes": scenes, "with_sessions": data != "simulation", "size": self.size.get_untracked(),
            "epochs": epochs, "budget_s": budget_s,
        }))
    }
}

#[component]
pub(super) fn Ask(trouble: RwSignal<Option<String>>) -> impl IntoView {
    let news: News = expect_context();
    let fields = Fields::new();
    let worlds = fetched("worlds", trouble, |Worlds { worlds }| worlds);
    let constellations = fetched("constellations", trouble, |all: Vec<Constellation>| all);
    let path = "sessions?state=approved&source_known=true&limit=200";
    let approved = fetched(path, trouble, |Sessions { items }| items);
    let ask = move |_| {
        let request = worlds.with_untracked(|worlds| {
            constellations.with_untracked(|constellations| fields.request(worlds, constellations))
        });
        let request = match request {
            Ok(request) => request,
            Err(sentence) => return trouble.set(Some(sentence)),
        };
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
    let option =
        |value: String, label: String, chosen: bool| view! { <option value=value selected=chosen>{label}</option> };
    let of_worlds = move || worlds.get().into_iter().map(|name| option(name.clone(), name, false)).collect_view();
    let of_constellations = move || {
        let label = |one: &Constellation| format!("{} ({})", one.name, one.receivers.len());
        constellations.get().into_iter().map(|one| option(one.id.clone(), label(&one), false)).collect_view()
    };
    let of_data = DATA.map(|(value, label)| option(value.to_owned(), label.to_owned(), value == "both"));
    let of_sizes = SIZES.map(|name| option(name.to_owned(), name.to_owned(), name == "atto"));
    let counted = move || match approved.with(Vec::len) {
        0 => "No session with a known transmitter is approved yet.".to_owned(),
        1 => "1 session with a known transmitter is approved.".to_owned(),
        MOST => format!("{MOST} sessions or more with known transmitters are approved."),
        count => format!("{count} sessions with known transmitters are approved."),
    };
    view! {
        <div class="fields">
            <label for="desk-constellation">"Receivers"</label>
            <select id="desk-constellation" on:change=move |event| fields.constellation.set(event_target_value(&event))>
                <option value="">"those of the world"</option>
                {of_constellations}
            </select>
            <label for="desk-world">"Simulated world"</label>
            <select id="desk-world" on:change=move |event| fields.world.set(event_target_value(&event))>{of_worlds}</select>
            <label for="desk-data">"Learn from"</label>
            <span class="choice">
                <select id="desk-data" aria-describedby="desk-approved" on:change=move |event| fields.data.set(event_target_value(&event))>{of_data}</select>
                <span class="small" id="desk-approved">{counted}</span>
            </span>
            {move || fields.simulates().then(|| line("desk-scenes", "Simulated scenes", "", fields.scenes))}
            {line("desk-epochs", "Epochs at most", "", fields.epochs)}
            {line("desk-minutes", "Minutes at most", "no limit", fields.minutes)}
            <label for="desk-size">"Size of the network"</label>
            <select id="desk-size" on:change=move |event| fields.size.set(event_target_value(&event))>{of_sizes}</select>
        </div>
        <div class="buttons">
            <button type="button" class="primary" id="desk-train-start" disabled=move || worlds.with(Vec::is_empty) on:click=ask>"Train"</button>
        </div>
    }
}

/// A label and a number's field.
fn line(id: &'static str, label: &'static str, empty: &'static str, text: RwSignal<String>) -> impl IntoView {
    view! {
        <label for=id>{label}</label>
        <input type="text" inputmode="decimal" id=id placeholder=empty prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event))/>
    }
}

/// What the server answers, once it has.
fn fetched<A: DeserializeOwned + 'static, T: Send + Sync + 'static>(
    path: &'static str,
    trouble: RwSignal<Option<String>>,
    take: fn(A) -> Vec<T>,
) -> RwSignal<Vec<T>> {
    let signal = RwSignal::new(Vec::new());
    spawn_local(async move {
        match api::get::<A>(path).await {
            Ok(answer) => signal.set(take(answer)),
            Err(sentence) => trouble.set(Some(sentence)),
        }
    });
    signal
}
