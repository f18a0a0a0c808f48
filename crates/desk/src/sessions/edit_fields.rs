//! The fields of a session's form: text until they are saved.

use leptos::prelude::*;

use super::session::{Draft, Session, Source};
use crate::place::Surveyed;
use crate::place_fields::{PlaceForm, number};

/// What the choice of the source may be, beside `transmitter:ID`.
pub(super) const UNKNOWN: &str = "unknown";
pub(super) const POSITION: &str = "position";
pub(super) const TRANSMITTER: &str = "transmitter:";

/// Names in the order of [`Fields::all`].
const NAMES: [&str; 9] =
    ["title", "frequency", "start", "duration", "notes", "source", "latitude", "longitude", "margin of error"];

#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub(super) title: RwSignal<String>,
    pub(super) megahertz: RwSignal<String>,
    pub(super) start: RwSignal<String>,
    pub(super) seconds: RwSignal<String>,
    pub(super) notes: RwSignal<String>,
    pub(super) source: RwSignal<String>,
    pub(super) place: PlaceForm,
}

/// What the fields hold for a session.
fn texts(Session { draft, position, .. }: &Session) -> [String; 9] {
    let source = match &draft.source {
        Source::Unknown => UNKNOWN.to_owned(),
        Source::Position(_) => POSITION.to_owned(),
        Source::Transmitter { transmitter } => format!("{TRANSMITTER}{transmitter}"),
    };
    let [latitude, longitude, error_m] = match position {
        Some(Surveyed { place, error_m }) => [place.latitude_deg, place.longitude_deg, *error_m].map(|n| n.to_string()),
        None => [String::new(), String::new(), "50".to_owned()],
    };
    let megahertz = (draft.center_frequency_hz / 1e6).to_string();
    let (title, start, seconds) = (draft.title.clone(), draft.start.clone(), draft.duration_s.to_string());
    [title, megahertz, start, seconds, draft.notes.clone(), source, latitude, longitude, error_m]
}

impl Fields {
    pub(super) fn new(session: &Session) -> Self {
        let [title, megahertz, start, seconds, notes, source, latitude, longitude, error_m] =
            texts(session).map(RwSignal::new);
        let place = PlaceForm { latitude, longitude, error_m };
        Self { title, megahertz, start, seconds, notes, source, place }
    }

    fn all(self) -> [RwSignal<String>; 9] {
        let Self { title, megahertz, start, seconds, notes, source, place } = self;
        [title, megahertz, start, seconds, notes, source, place.latitude, place.longitude, place.error_m]
    }

    /// Takes over what somebody else changed from `before` to `now`, except where the user typed something else; the
    /// names of those fields.
    pub(super) fn merge(self, before: &Session, now: &Session) -> Vec<&'static str> {
        let mut both = Vec::new();
        for (((field, name), before), now) in self.all().into_iter().zip(NAMES).zip(texts(before)).zip(texts(now)) {
            let typed = field.get_untracked();
            if typed == before {
                field.set(now);
            } else if now != before && now != typed {
                both.push(name);
            }
        }
        both
    }

    /// What is to be saved. What was not touched stays exactly as it was in `before`, also where the fields round it.
    pub(super) fn draft(self, before: &Session) -> Result<Draft, String> {
        let [_, megahertz, start, seconds, _, _, latitude, longitude, _] = texts(before);
        let kept = |field: RwSignal<String>, text: &str| field.with_untracked(|typed| typed.trim() == text);
        let center_frequency_hz = if kept(self.megahertz, &megahertz) {
            before.draft.center_frequency_hz
        } else {
            let typed = number(&self.megahertz.get_untracked()).filter(|megahertz| *megahertz > 0.0);
            // Millihertz: what is finer comes of the multiplication.
            (typed.ok_or("The frequency is a number of MHz such as 145.5.")? * 1e9).round() / 1e3
        };
        let start = if kept(self.start, &start) { start } else { utc(&self.start.get_untracked())? };
        let duration_s = if kept(self.seconds, &seconds) {
            before.draft.duration_s
        } else {
            number(&self.seconds.get_untracked()).filter(|s| *s >= 0.0).ok_or("The duration is a number of seconds.")?
        };
        let mut source = self.source()?;
        if let (Source::Position(now), Some(was)) = (&mut source, before.position)
            && kept(self.place.latitude, &latitude)
            && kept(self.place.longitude, &longitude)
        {
            now.place.altitude_m = was.place.altitude_m;
        }
        Ok(Draft {
            title: self.title.get_untracked(),
            center_frequency_hz,
            start,
            duration_s,
            notes: self.notes.get_untracked(),
            constellation: before.draft.constellation.clone(),
            source,
        })
    }

    fn source(self) -> Result<Source, String> {
        let chosen = self.source.get_untracked();
        if let Some(id) = chosen.strip_prefix(TRANSMITTER) {
            return Ok(Source::Transmitter { transmitter: id.to_owned() });
        }
        if chosen == UNKNOWN {
            return Ok(Source::Unknown);
        }
        let place = self.place.read()?;
        Ok(Source::Position(place.ok_or("Say where the source is, or choose that it is unknown.")?))
    }
}

/// A time as people type it, in UTC where nothing else is said.
fn utc(typed: &str) -> Result<String, String> {
    let text = typed.trim().replacen(' ', "T", 1);
    let zoned = text.ends_with(['Z', 'z']) || text.get(10..).is_some_and(|time| time.contains(['+', '-']));
    let text = if zoned { text } else { format!("{text}Z") };
    if js_sys::Date::parse(&text).is_nan() {
        return Err("The start is a time in UTC such as 2026-01-31 12:00:00.".to_owned());
    }
    Ok(text)
}
