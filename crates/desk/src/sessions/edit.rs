//! The form in which a session is edited.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::Value;
use web_sys::SubmitEvent;

use super::Shelf;
use super::edit_fields::{Fields, POSITION, TRANSMITTER, UNKNOWN};
use super::session::Session;
use crate::api::{self, Change};
use crate::fields::{field, notes_field};
use crate::focus::focus;
use crate::place::{Place, Station};
use crate::place_fields::PlaceFields;

/// A transmitter of the catalogue.
#[derive(Clone, Deserialize)]
struct Transmitter {
    id: String,
    name: String,
}

/// A recording of the session.
#[derive(Deserialize)]
struct Recording {
    /// What the reader found, a recording after the other.
    facts: Value,
}

#[component]
pub(super) fn EditForm(session: Session) -> impl IntoView {
    let shelf: Shelf = expect_context();
    let fields = Fields::new(&session);
    let id = StoredValue::new(session.id.clone());
    // The state that the user saw.
    let seen = StoredValue::new(session);
    let (trouble, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let transmitters = RwSignal::new(Vec::<Transmitter>::new());
    let receivers = RwSignal::new(Vec::<Station>::new());
    spawn_local(async move {
        match api::get("transmitters").await {
            Ok(all) => transmitters.set(all),
            Err(sentence) => trouble.set(Some(sentence)),
        }
        if let Ok(recordings) = api::get::<Vec<Recording>>(&format!("sessions/{}/recordings", id.get_value())).await {
            receivers.set(recordings.iter().filter_map(station).collect());
        }
    });
    focus("edit-title");
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let draft = seen
            .with_value(|seen| fields.draft(seen))
            .and_then(|draft| serde_json::to_value(draft).map_err(|error| error.to_string()));
        let draft = match draft {
            Ok(draft) => draft,
            Err(sentence) => return trouble.set(Some(sentence)),
        };
        busy.set(true);
        spawn_local(async move {
            let (path, revision) = seen.with_value(|seen| (format!("sessions/{}", seen.id), seen.revision));
            match api::change(Method::PUT, &path, revision, Some(draft)).await {
                Ok(Change::Done) => shelf.leave(&id.get_value()),
                Ok(Change::Overtaken) => trouble.set(Some(match api::get::<Session>(&path).await {
                    Ok(now) => {
                        let both = seen.with_value(|seen| fields.merge(seen, &now));
                        seen.set_value(now);
                        overtaken(&both)
                    }
                    Err(sentence) => sentence,
                })),
                Err(sentence) => trouble.set(Some(sentence)),
            }
            busy.set(false);
            shelf.changed();
        });
    };
    view! {
        <form class="edit" aria-label="Edit the session" on:submit=save on:keydown=move |event| id.with_value(|id| shelf.leave_on_escape(id, &event))>
            <div class="fields">
                {field("edit-title", "Title", fields.title)}
                {field("edit-frequency", "Frequency, MHz", fields.megahertz)}
                {field("edit-start", "Start, UTC", fields.start)}
                {field("edit-duration", "Duration, seconds", fields.seconds)}
                {notes_field("edit-notes", fields.notes)}
                <label for="edit-source">"Source"</label>
                <SourceChoice source=fields.source transmitters/>
                {move || (fields.source.get() == POSITION).then(|| view! { <PlaceFields prefix="edit" form=fields.place receivers/> })}
            </div>
            {move || trouble.get().map(|sentence| view! { <p id="edit-trouble" class="trouble" role="alert">{sentence}</p> })}
            <span class="buttons">
                <button type="submit" class="primary" id="edit-save" disabled=move || busy.get()>"Save"</button>
                <button type="button" id="edit-cancel" on:click=move |_| id.with_value(|id| shelf.leave(id))>"Cancel"</button>
            </span>
        </form>
    }
}

#[component]
fn SourceChoice(source: RwSignal<String>, transmitters: RwSignal<Vec<Transmitter>>) -> impl IntoView {
    let option = move |value: String, label: String| {
        let this = value.clone();
        view! { <option value=value prop:selected=move || source.with(|source| *source == this)>{label}</option> }
    };
    let known = move || {
        let of = |transmitter: Transmitter| option(format!("{TRANSMITTER}{}", transmitter.id), transmitter.name);
        transmitters.get().into_iter().map(of).collect_view()
    };
    view! {
        <select id="edit-source" on:change=move |event| source.set(event_target_value(&event))>
            {option(UNKNOWN.to_owned(), "unknown".to_owned())}
            {option(POSITION.to_owned(), "at a place".to_owned())}
            {known}
        </select>
    }
}

/// Where a recording was made, where its file says so.
fn station(recording: &Recording) -> Option<Station> {
    let facts = &recording.facts[0];
    let position = &facts["position"]["value"];
    let place = Place::new(position["lat"].as_f64()?, position["lon"].as_f64()?)?;
    Some(Station { name: facts["station"]["value"].as_str().unwrap_or_default().to_owned(), place })
}

fn overtaken(both: &[&str]) -> String {
    let what = if both.is_empty() {
        "The fields show the new state, with what you typed.".to_owned()
    } else {
        format!("You both changed {}: the fields show what you typed, and elsewhere the new state.", both.join(", "))
    };
    format!(
        "Somebody else changed this session meanwhile, and nothing was saved. {what} Press Save again to save them."
    )
}
