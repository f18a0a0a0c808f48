//! What a session's metadata say in the classic layout, by the names that programs give it. Other names are kept, to be
//! named to the user.

use std::collections::BTreeMap;

use heimdall_catalogue::{Place, SessionDraft};
use heimdall_recording::Recording;
use serde_json::{Map, Value, json};

use super::refused;
use crate::problem::Outcome;

/// Names of what is said of the whole session.
const TITLE: &[&str] = &["title", "name", "description"];
const NOTES: &[&str] = &["notes", "comment"];
const SOURCE: &[&str] = &["source", "transmitter"];
const FILES: &[&str] = &["files", "receivers", "websdrs", "recordings"];
/// Facts of a recording, by the keys of `heimdall locate --fact`; what is said of the session holds for each file that
/// does not say it itself.
const FACTS: [(&str, &[&str]); 5] = [
    ("rate", &["sample_rate_hz", "sample_rate", "rate"]),
    ("frequency", &["center_frequency_hz", "frequency_hz", "center_frequency", "frequency"]),
    ("start", &["start", "start_time", "datetime", "timestamp"]),
    ("clock", &["clock", "time_grade"]),
    ("station", &["station", "name", "receiver_name"]),
];
/// The last of them is of a file alone.
const SHARED: usize = 4;
const FULL_SCALE: &[&str] = &["full_scale_dbm"];
const FILE: &[&str] = &["file", "file_name"];
const POSITION: &[&str] = &["position", "place", "location", "receiver"];
const LATITUDE: &[&str] = &["latitude_deg", "latitude", "lat"];
const LONGITUDE: &[&str] = &["longitude_deg", "longitude", "lon", "lng"];
const ALTITUDE: &[&str] = &["altitude_m", "altitude"];
const ERROR: &[&str] = &["error_m"];
/// How far a source may be off where nothing says so, metres.
const USUAL_ERROR_M: f64 = 50.0;
/// What says nothing more about the samples.
const IGNORED: &[&str] = &["from", "sha256", "duration_s", "id", "session_id"];

/// Facts of one array.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FileFacts {
    pub(super) told: BTreeMap<String, String>,
    /// Where its receiver is.
    pub(super) place: Option<Place>,
    pub(super) full_scale_dbm: Option<f64>,
    pub(super) synthetic: bool,
}

/// What the metadata say.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    /// Of the session, as a SigMF collection says it.
    pub(super) collection: Value,
    /// Of each array, by its name without the extension.
    files: Vec<(String, FileFacts)>,
    /// Of arrays that are not named.
    shared: FileFacts,
    /// Names that mean nothing here.
    unknown: Vec<String>,
}

impl Metadata {
    /// Reads JSON or YAML, as the file's name says.
    pub(super) fn read(name: &str, text: &str) -> Outcome<Self> {
        let read: Result<Value, String> = if name.ends_with(".json") {
            serde_json::from_str(text).map_err(|error| error.to_string())
        } else {
            serde_saphyr::from_str(text).map_err(|error| error.to_string().replace('\n', " "))
        };
        let wrong =
            |reason: &str| refused(format!("These metadata cannot be read ({reason}); write them again: {name}"));
        match read.map_err(|reason| wrong(&reason))? {
            Value::Object(all) => Ok(Self::of_session(all)),
            _ => Err(wrong("they are no mapping")),
        }
    }

    /// Facts of an array.
    pub(super) fn of(&self, stem: &str) -> FileFacts {
        let own = self.files.iter().find(|(of, _)| of == stem).map(|(_, facts)| facts);
        own.unwrap_or(&self.shared).clone()
    }

    /// A sentence for the session's notes.
    pub(super) fn remark(&self) -> Option<String> {
        let names = self.unknown.join(", ");
        (!names.is_empty()).then(|| format!("Not understood in the metadata of the import: {names}."))
    }

    fn of_session(mut all: Map<String, Value>) -> Self {
        let mut collection = Map::new();
        let mut unknown = Vec::new();
        // As this server writes it; else its keys are as good as those beside it.
        match all.remove("session") {
            Some(session) if serde_json::from_value::<SessionDraft>(session.clone()).is_ok() => {
                collection.insert("heimdall:session".to_owned(), session);
            }
            Some(Value::Object(session)) => all.extend(session),
            Some(_) => unknown.push("session".to_owned()),
            None => {}
        }
        if let Some(position) = take(&mut all, SOURCE).and_then(|source| surveyed(source, &mut unknown)) {
            collection.insert("heimdall:source".to_owned(), position);
        }
        for (key, names) in [("core:description", TITLE), ("heimdall:notes", NOTES)] {
            if let Some(text) = take(&mut all, names).as_ref().and_then(text) {
                collection.insert(key.to_owned(), text.into());
            }
        }
        let files = take(&mut all, FILES);
        let mut shared = FileFacts::default();
        for (key, names) in FACTS.iter().take(SHARED) {
            tell(&mut shared, key, take(&mut all, names));
        }
        shared.full_scale_dbm = take(&mut all, FULL_SCALE).and_then(|level| level.as_f64());
        unknown.extend(left(all));
        let mut of_files = Vec::new();
        for (stem, file) in named(files) {
            let Value::Object(file) = file else { continue };
            let (stem, facts) = of_file(stem, file, &shared, &mut unknown);
            of_files.push((stem, facts));
        }
        unknown.dedup();
        Self { collection: Value::Object(collection), files: of_files, shared, unknown }
    }
}

/// Entries of files with the names that they have without one of their own: the array's number, or the key.
fn named(files: Option<Value>) -> Vec<(String, Value)> {
    match files {
        Some(Value::Array(list)) => {
            (1..).zip(list).map(|(number, file): (u32, Value)| (format!("websdr_{number}"), file)).collect()
        }
        Some(Value::Object(map)) => map.into_iter().collect(),
        _ => Vec::new(),
    }
}

fn of_file(
    stem: String,
    mut file: Map<String, Value>,
    shared: &FileFacts,
    unknown: &mut Vec<String>,
) -> (String, FileFacts) {
    let stem = take(&mut file, FILE).as_ref().and_then(text).unwrap_or(stem);
    let stem = stem.rsplit('/').next().unwrap_or_default().trim_end_matches(".npy").to_owned();
    let mut facts = shared.clone();
    if let Some(Ok(recording)) = file.get("facts").cloned().map(serde_json::from_value::<Recording>) {
        file.remove("facts");
        read_by_us(&mut facts, recording);
    }
    for (key, names) in FACTS {
        tell(&mut facts, key, take(&mut file, names));
    }
    facts.full_scale_dbm = take(&mut file, FULL_SCALE).and_then(|level| level.as_f64()).or(facts.full_scale_dbm);
    // Beside the other facts, or in a mapping of its own, which may also name the receiver.
    let own = place(&mut file);
    let within = POSITION.iter().find_map(|name| match file.get_mut(*name)? {
        Value::Object(within) => Some((*name, place(within)?)),
        _ => None,
    });
    if let Some((name, _)) = within
        && let Some(Value::Object(rest)) = file.remove(name)
    {
        unknown.extend(left(rest).map(|key| format!("{name}.{key}")));
    }
    facts.place = own.or(within.map(|(_, place)| place)).or(facts.place);
    unknown.extend(left(file).map(|key| format!("{key} ({stem})")));
    (stem, facts)
}

/// Facts as this server's export writes them.
fn read_by_us(facts: &mut FileFacts, recording: Recording) {
    let nanoseconds = |ns: i64| jiff::Timestamp::from_nanosecond(i128::from(ns)).ok();
    let start = recording.start_time_unix_ns.and_then(|start| nanoseconds(start.value));
    let texts = [
        ("rate", recording.sample_rate_hz.map(|rate| rate.value.to_string())),
        ("frequency", recording.center_frequency_hz.map(|hertz| hertz.value.to_string())),
        ("start", start.map(|start| format!("{start:.9}"))),
        ("station", recording.station.map(|name| name.value)),
        ("clock", serde_json::to_value(recording.time_grade).ok().as_ref().and_then(text)),
    ];
    facts.told.extend(texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text?))));
    facts.full_scale_dbm = recording.full_scale_dbm.map(|level| level.value).or(facts.full_scale_dbm);
    facts.synthetic = recording.synthetic;
    let at = recording.position.map(|position| position.value);
    facts.place =
        at.map(|at| Place { latitude_deg: at.latitude_deg, longitude_deg: at.longitude_deg, altitude_m: None });
}

/// The value of the first of these names, which is then no longer there.
fn take(all: &mut Map<String, Value>, names: &[&str]) -> Option<Value> {
    let name = names.iter().find(|name| all.get(**name).is_some_and(|value| !value.is_null()))?;
    all.remove(*name)
}

/// Names that are left and say something.
fn left(all: Map<String, Value>) -> impl Iterator<Item = String> {
    all.into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, _)| name)
        .filter(|name| !IGNORED.contains(&name.as_str()))
}

/// A text or number as a person would write it.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn tell(facts: &mut FileFacts, key: &str, value: Option<Value>) {
    let told = match (key, &value) {
        // Seconds since 1970.
        ("start", Some(Value::Number(number))) => number.as_f64().and_then(seconds),
        _ => value.as_ref().and_then(text),
    };
    if let Some(told) = told {
        facts.told.insert(key.to_owned(), told);
    }
}

fn seconds(unix_s: f64) -> Option<String> {
    let whole = unix_s.floor();
    let nanoseconds = whole as i128 * 1_000_000_000 + ((unix_s - whole) * 1e9).round() as i128;
    let time = jiff::Timestamp::from_nanosecond(nanoseconds).ok()?;
    Some(format!("{time:.9}"))
}

/// Takes latitude, longitude and altitude out of a mapping.
fn place(all: &mut Map<String, Value>) -> Option<Place> {
    let mut number = |names: &[&str]| take(all, names).and_then(|value| value.as_f64());
    let (latitude_deg, longitude_deg) = (number(LATITUDE)?, number(LONGITUDE)?);
    Some(Place { latitude_deg, longitude_deg, altitude_m: number(ALTITUDE) })
}

/// The place of the source as a collection of this server says it.
fn surveyed(source: Value, unknown: &mut Vec<String>) -> Option<Value> {
    let Value::Object(mut source) = source else { return None };
    let within = match source.remove("place") {
        Some(Value::Object(mut within)) => place(&mut within),
        _ => None,
    };
    let place = within.or_else(|| place(&mut source));
    let error_m = take(&mut source, ERROR).and_then(|error| error.as_f64()).unwrap_or(USUAL_ERROR_M);
    unknown.extend(left(source).map(|key| format!("source.{key}")));
    Some(json!({ "place": place?, "error_m": error_m }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "
title: Two metres
sample_rate: 16000
frequency: 145.5 MHz
timestamp: 1577836800.25
transmitter: { lat: 45.07, lon: 7.69, power: 20 }
operator: Anna
receivers:
  - { name: Torino, lat: 45.04, lon: 7.67, clock: gnss }
  - { file: websdr_7.npy, station: Genova, position: { latitude: 44.4, longitude: 8.9, grid: JN44 }, rate: 8000, antenna: dipole }
";

    #[test]
    fn the_names_of_other_programs_are_understood_and_what_is_not_is_named() {
        let metadata = Metadata::read("metadata.yaml", YAML).unwrap();
        assert_eq!(metadata.collection["core:description"], "Two metres");
        assert_eq!(metadata.collection["heimdall:source"]["place"]["latitude_deg"], 45.07);
        let told = |facts: &FileFacts, key: &str| facts.told.get(key).cloned().unwrap_or_default();
        let torino = metadata.of("websdr_1");
        assert_eq!(told(&torino, "start"), "2020-01-01T00:00:00.250000000Z");
        assert_eq!((told(&torino, "rate"), told(&torino, "frequency")), ("16000".into(), "145.5 MHz".into()));
        assert_eq!((told(&torino, "station"), told(&torino, "clock")), ("Torino".into(), "gnss".into()));
        let genova = metadata.of("websdr_7");
        assert_eq!((told(&genova, "station"), told(&genova, "rate")), ("Genova".into(), "8000".into()));
        assert_eq!(genova.place.unwrap().longitude_deg, 8.9);
        let remark = metadata.remark().unwrap();
        for name in ["source.power", "operator", "position.grid", "antenna (websdr_7)"] {
            assert!(remark.contains(name), "{remark}");
        }
    }

    #[test]
    fn metadata_that_are_none_are_refused_in_a_sentence() {
        for (name, text) in [("metadata.json", "{"), ("metadata.yaml", "- a\n- b\n"), ("metadata.yml", "a: [")] {
            assert!(Metadata::read(name, text).unwrap_err().detail.contains(name));
        }
    }
}
