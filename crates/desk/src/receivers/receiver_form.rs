//! The form of a receiver: text until it is saved.

use leptos::prelude::*;

use super::entry::{Receiver, ReceiverDraft};
use super::entry_form::entry_form;
use crate::fields::{field, notes_field};
use crate::place::Place;
use crate::place_fields::number;

#[derive(Clone, Copy)]
struct Fields {
    name: RwSignal<String>,
    latitude: RwSignal<String>,
    longitude: RwSignal<String>,
    altitude: RwSignal<String>,
    gain: RwSignal<String>,
    notes: RwSignal<String>,
}

impl Fields {
    fn new(seen: Option<&Receiver>) -> Self {
        let draft = seen.map(|seen| &seen.draft);
        let text =
            |of: &dyn Fn(&ReceiverDraft) -> Option<String>| RwSignal::new(draft.and_then(of).unwrap_or_default());
        Self {
            name: text(&|draft| Some(draft.name.clone())),
            latitude: text(&|draft| Some(draft.place.latitude_deg.to_string())),
            longitude: text(&|draft| Some(draft.place.longitude_deg.to_string())),
            altitude: text(&|draft| Some(draft.place.altitude_m?.to_string())),
            gain: text(&|draft| Some(draft.gain_db?.to_string())),
            notes: text(&|draft| Some(draft.notes.clone())),
        }
    }

    fn draft(self) -> Result<ReceiverDraft, String> {
        let degrees = number(&self.latitude.get_untracked()).zip(number(&self.longitude.get_untracked()));
        let place = degrees.and_then(|(latitude, longitude)| Place::new(latitude, longitude));
        let place = place.ok_or("Latitude and longitude are degrees such as 45.0703 and 7.6869.")?;
        let maybe = |field: RwSignal<String>, sentence: &str| {
            let text = field.get_untracked();
            if text.trim().is_empty() { Ok(None) } else { number(&text).map(Some).ok_or_else(|| sentence.to_owned()) }
        };
        let altitude_m =
            maybe(self.altitude, "The altitude is a number of metres; leave it empty where it is not known.")?;
        let gain_db = maybe(self.gain, "The gain is a number of decibels; leave it empty where it is not known.")?;
        let (name, notes) = (self.name.get_untracked().trim().to_owned(), self.notes.get_untracked());
        Ok(ReceiverDraft { name, place: Place { altitude_m, ..place }, gain_db, notes })
    }
}

#[component]
pub(super) fn ReceiverForm(#[prop(optional)] seen: Option<Receiver>) -> impl IntoView {
    let fields = Fields::new(seen.as_ref());
    let lines = view! {
        {field("receiver-name", "Name", fields.name)}
        {field("receiver-latitude", "Latitude", fields.latitude)}
        {field("receiver-longitude", "Longitude", fields.longitude)}
        {field("receiver-altitude", "Metres above the ellipsoid", fields.altitude)}
        {field("receiver-gain", "Gain offset, dB", fields.gain)}
        {notes_field("receiver-notes", fields.notes)}
    };
    entry_form("receiver", seen, lines, move || fields.draft())
}
