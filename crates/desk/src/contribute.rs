//! Gives the open recordings to the server, with the place of their transmitter where it is known.

use heimdall_desk::stations::Told;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::desk::News;
use crate::page::{self, META, SceneFacts};
use crate::place::{Place, Station};
use crate::place_fields::{PlaceFields, PlaceForm};
use crate::tus::{self, Next};
use crate::{api, page::OpenScene};

/// A file and how far it is.
#[derive(Clone)]
struct Row {
    name: String,
    bytes: f64,
    share: RwSignal<f64>,
    /// A sentence, once something went wrong.
    trouble: RwSignal<Option<String>>,
}

#[derive(Clone, Copy)]
struct Form {
    title: RwSignal<String>,
    place: PlaceForm,
    notes: RwSignal<String>,
}

/// A session that was made.
#[derive(Deserialize)]
struct Made {
    id: String,
}

#[component]
pub(crate) fn Contribute() -> impl IntoView {
    let news: News = expect_context();
    let scene = page::open_scene().filter(|scene| !scene.files.is_empty());
    let Some(OpenScene { files, metadata, facts, .. }) = scene else {
        return view! {
            <p class="desk-empty">"Nothing is open. Drop recordings on the page, or try the sample; what you want to give to this server is then listed here."</p>
        }
        .into_any();
    };
    let row = |file: &File| Row {
        name: file.name(),
        bytes: file.size(),
        share: RwSignal::new(0.0),
        trouble: RwSignal::new(None),
    };
    let rows: Vec<Row> = files.iter().map(row).collect();
    let total: f64 = rows.iter().map(|row| row.bytes).sum();
    let form =
        Form { title: RwSignal::new(default_title(&facts)), place: PlaceForm::new(), notes: RwSignal::default() };
    let receivers = stations(metadata.clone());
    let (busy, paused) = (news.uploading, RwSignal::new(false));
    let said = RwSignal::new(None::<(bool, String)>);
    // Files are handles of the browser and never leave this thread.
    let files = StoredValue::new_local(files);
    let metadata = StoredValue::new_local(metadata);
    let list = StoredValue::new(rows.clone());
    let send = move |_| {
        let position = match form.source() {
            Ok(position) => position,
            Err(sentence) => return said.set(Some((false, sentence))),
        };
        // Read anew: questions may have been answered since.
        let (facts, told) = page::open_scene().map(|scene| (scene.facts, scene.told)).unwrap_or_default();
        let Some(when_and_where) = facts.complete() else {
            let sentence = "The recordings do not say their frequency, or when they begin. Answer the questions beside them in the page, then press again.";
            return said.set(Some((false, sentence.to_owned())));
        };
        busy.set(true);
        paused.set(false);
        said.set(None);
        spawn_local(async move {
            let files = files.get_value();
            let result = upload(&files, &metadata.get_value(), &told, &list.get_value(), paused).await;
            let result = match result {
                Ok(Some(recordings)) => label(form, position, when_and_where, recordings).await.map(Some),
                Ok(None) => Ok(None),
                Err(sentence) => Err(sentence),
            };
            said.set(match result {
                Ok(Some(sentence)) => Some((true, sentence)),
                Ok(None) => Some((true, "Paused. What has arrived is kept on the server.".to_owned())),
                Err(sentence) => Some((false, sentence)),
            });
            news.sessions.update(|count| *count += 1);
            busy.set(false);
        });
    };
    let file_rows = rows.into_iter().map(|row| {
        let Row { name, bytes, share, trouble } = row;
        view! {
            <li>
                <span class="name">{name}</span>
                <span class="numbers">{megabytes(bytes)}</span>
                <progress max="1" prop:value=move || share.get()></progress>
                {move || trouble.get().map(|sentence| view! { <p class="trouble" role="alert">{sentence}</p> })}
            </li>
        }
    });
    view! {
        <p>
            "These " {list.with_value(Vec::len)} " files (" {megabytes(total)}
            ") go to the server that this page came from, and only when you press the button."
        </p>
        <ul class="uploads">{file_rows.collect_view()}</ul>
        <div class="fields">
            <label for="desk-title">"Title"</label>
            <input type="text" id="desk-title" prop:value=move || form.title.get() on:input=move |event| form.title.set(event_target_value(&event))/>
            <PlaceFields prefix="desk" form=form.place receivers/>
            <label for="desk-notes">"Notes"</label>
            <input type="text" id="desk-notes" on:input=move |event| form.notes.set(event_target_value(&event))/>
        </div>
        <div class="buttons">
            <button type="button" class="primary" id="desk-upload" disabled=move || busy.get() on:click=send>"Give to the server"</button>
            <button type="button" id="desk-pause" disabled=move || !busy.get() on:click=move |_| paused.set(true)>"Pause"</button>
        </div>
        {move || said.get().map(|(good, sentence)| view! { <p id="desk-said" role="status" class=if good { "said" } else { "trouble" }>{sentence}</p> })}
    }
    .into_any()
}

impl Form {
    /// The source as the API has it.
    fn source(self) -> Result<Value, String> {
        Ok(match self.place.read()? {
            None => json!({ "kind": "unknown" }),
            Some(surveyed) => json!({ "kind": "position", "place": surveyed.place, "error_m": surveyed.error_m }),
        })
    }
}

/// Where the receivers stand, as far as SigMF metadata say so: they show where on the map one is.
fn stations(metadata: Vec<File>) -> RwSignal<Vec<Station>> {
    let stations = RwSignal::new(Vec::new());
    spawn_local(async move {
        let mut found = Vec::new();
        for file in metadata {
            let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
            found.extend(text.and_then(|text| station(&text)));
        }
        stations.set(found);
    });
    stations
}

fn station(sigmf_meta: &str) -> Option<Station> {
    let meta: Value = serde_json::from_str(sigmf_meta).ok()?;
    let coordinates = [&meta["captures"][0], &meta["global"]].map(|part| &part["core:geolocation"]["coordinates"]);
    let coordinates = coordinates.into_iter().find(|coordinates| coordinates.is_array())?;
    let place = Place::new(coordinates[1].as_f64()?, coordinates[0].as_f64()?)?;
    let name = meta["global"]["heimdall:station"].as_str().unwrap_or_default().to_owned();
    Some(Station { name, place })
}

/// Sends one file after another; what a session says of each, or nothing where it was paused.
async fn upload(
    files: &[File],
    metadata: &[File],
    told: &[(String, Told)],
    rows: &[Row],
    paused: RwSignal<bool>,
) -> Result<Option<Vec<Value>>, String> {
    let (mut recordings, mut refused) = (Vec::new(), 0);
    for (file, row) in files.iter().zip(rows) {
        row.trouble.set(None);
        let progress = |share: f64| {
            row.share.set(share);
            if paused.get_untracked() { Next::Pause } else { Next::Go }
        };
        match tus::send(file, &progress).await {
            Ok(None) => return Ok(None),
            Ok(Some(stored)) => {
                let sha256 = stored.object.ok_or("The server did not keep the file.")?;
                let metadata = metadata_of(file, metadata).await?;
                let (name, nothing) = (file.name(), Told::new());
                let facts = told.iter().find(|(of, _)| *of == name).map_or(&nothing, |(_, facts)| facts);
                recordings.push(json!({ "object": sha256, "file_name": name, "facts": facts, "sigmf_meta": metadata }));
            }
            // A file that is refused does not stop the others.
            Err(sentence) => {
                row.trouble.set(Some(sentence));
                refused += 1;
            }
        }
    }
    match refused {
        0 => Ok(Some(recordings)),
        refused => Err(format!(
            "{refused} of the files could not be given, for the reasons beside them. No session was made; press the button to try again."
        )),
    }
}

/// The text of the metadata that belong to a file of SigMF samples.
async fn metadata_of(file: &File, metadata: &[File]) -> Result<Option<String>, String> {
    let name = file.name();
    let Some(stem) = name.strip_suffix(".sigmf-data") else { return Ok(None) };
    let Some(own) = metadata.iter().find(|other| other.name().strip_suffix(META) == Some(stem)) else {
        return Ok(None);
    };
    let text =
        JsFuture::from(own.text()).await.map_err(|error| format!("{} cannot be read ({error:?}).", own.name()))?;
    Ok(text.as_string())
}

/// Makes the session of what was uploaded.
async fn label(
    form: Form,
    source: Value,
    (center_frequency_hz, start, duration_s): (f64, String, f64),
    recordings: Vec<Value>,
) -> Result<String, String> {
    let known = source["kind"] != "unknown";
    let draft = json!({
        "title": form.title.get_untracked(),
        "center_frequency_hz": center_frequency_hz,
        "start": start,
        "duration_s": duration_s,
        "notes": form.notes.get_untracked(),
        "source": source,
    });
    let Made { id } = api::post("sessions", &draft).await?;
    for recording in recordings {
        let _attached: Value = api::post(&format!("sessions/{id}/recordings"), &recording).await?;
    }
    let more = if known {
        "It can be learnt from once it is approved."
    } else {
        "Say where its transmitter was, and it can be learnt from."
    };
    Ok(format!("Session {id} was made. {more}"))
}

fn default_title(facts: &SceneFacts) -> String {
    let megahertz = facts.center_frequency_hz.map(|hertz| format!("{:.4} MHz", hertz / 1e6));
    let start = facts.start().map(|start| start.chars().take(16).collect::<String>().replace('T', " "));
    let parts: Vec<String> = [megahertz, start].into_iter().flatten().collect();
    if parts.is_empty() { "A recorded emission".to_owned() } else { parts.join(", ") }
}

fn megabytes(bytes: f64) -> String {
    if bytes < 1e5 { format!("{:.1} kB", bytes / 1e3) } else { format!("{:.1} MB", bytes / 1e6) }
}
