//! A session as a SigMF 1.2 collection.
//!
//! What came as SigMF goes as it came, byte for byte. Other recordings are decoded to `cf32_le`, which holds samples of
//! up to 24 bits exactly; what the file said of them is in the metadata, with the extension `heimdall` for the station's
//! name, the clock's grade and the level of full scale. The collection has `heimdall:session`: what is said of the
//! session, its source included; and `heimdall:told`, what was told of recordings beside their own metadata.

use std::fs::File;
use std::io::{self, Read, Write};

use heimdall_catalogue::{Place, Session};
use heimdall_recording::Recording;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha512};

use super::tar::Archive;
use super::{Source, samples};
use crate::digest::hex;
use crate::import::TOLD;

/// Bytes that are copied at a time.
const BYTES: usize = 128 << 10;
const VERSION: &str = "1.2.0";

pub(super) fn write(session: &Session, sources: &[Source], archive: &mut Archive<impl Write>) -> io::Result<()> {
    let mut streams = Vec::new();
    let mut told = Map::new();
    let mut add = |archive: &mut Archive<_>, base: String, meta: &[u8]| {
        archive.file(&format!("{base}.sigmf-meta"), meta)?;
        streams.push(json!({ "name": base, "hash": hex(&Sha512::digest(meta)) }));
        Ok::<_, io::Error>(())
    };
    for (number, source) in (1..).zip(sources) {
        let base = format!("{}-{number}", session.id);
        let draft = &source.recording.draft;
        if let (Some(meta), true) = (&draft.sigmf_meta, draft.file_name.ends_with(".sigmf-data")) {
            copy(source, &base, archive)?;
            if !draft.told.is_empty() {
                told.insert(base.clone(), json!(draft.told));
            }
            add(archive, base, meta.as_bytes())?;
            continue;
        }
        let recordings: Vec<Recording> = serde_json::from_value(draft.facts.clone()).map_err(io::Error::other)?;
        let several = recordings.len() > 1;
        for (part, recording) in (1..).zip(&recordings) {
            let base = if several { format!("{base}-{part}") } else { base.clone() };
            let length = samples::length(recording)?;
            archive.begin(&format!("{base}.sigmf-data"), length)?;
            let sha512 = samples::write(&source.path, recording, &mut |bytes| archive.content(bytes))?;
            archive.end(length)?;
            let mut meta = metadata(&draft.file_name, source.place, recording, &sha512)?;
            meta["global"]["core:collection"] = json!(session.id);
            let meta = text(&meta)?;
            add(archive, base, &meta)?;
        }
    }
    let mut collection = json!({ "collection": {
        "core:version": VERSION,
        "core:description": session.draft.title,
        "core:extensions": extensions(),
        "core:streams": streams,
        "heimdall:session": session.draft,
        "heimdall:source": session.position,
    }});
    if !told.is_empty() {
        collection["collection"][TOLD] = Value::Object(told);
    }
    archive.file(&format!("{}.sigmf-collection", session.id), &text(&collection)?)
}

/// The stored file as it is.
fn copy(source: &Source, base: &str, archive: &mut Archive<impl Write>) -> io::Result<()> {
    let length = source.recording.bytes;
    archive.begin(&format!("{base}.sigmf-data"), length)?;
    let mut file = File::open(&source.path)?.take(length);
    let mut buffer = vec![0; BYTES];
    let mut copied = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        archive.content(buffer.get(..read).unwrap_or_default())?;
        copied += read as u64;
    }
    if copied < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    archive.end(length)
}

/// Metadata of samples that were decoded from a file. What is known, and nothing else: a field that is missing is asked for by who opens the file.
pub(crate) fn metadata(
    file_name: &str,
    surveyed: Option<Place>,
    recording: &Recording,
    sha512: &str,
) -> io::Result<Value> {
    let mut global = json!({
        "core:datatype": "cf32_le",
        "core:version": VERSION,
        "core:num_channels": 1,
        "core:sha512": sha512,
        "core:recorder": "Heimdall",
        "core:description": format!("Decoded from {file_name} ({})", recording.container),
        "core:extensions": extensions(),
        "heimdall:time_grade": recording.time_grade,
        "heimdall:synthetic": recording.synthetic,
    });
    let mut capture = json!({ "core:sample_start": 0 });
    let set = |object: &mut Value, key: &str, value: Option<Value>| {
        if let (Some(object), Some(value)) = (object.as_object_mut(), value) {
            object.insert(key.to_owned(), value);
        }
    };
    set(&mut global, "core:sample_rate", recording.sample_rate_hz.as_ref().map(|rate| json!(rate.value)));
    set(&mut global, "heimdall:station", recording.station.as_ref().map(|name| json!(name.value)));
    set(&mut global, "heimdall:full_scale_dbm", recording.full_scale_dbm.as_ref().map(|level| json!(level.value)));
    set(&mut capture, "core:frequency", recording.center_frequency_hz.as_ref().map(|hz| json!(hz.value)));
    let start = recording.start_time_unix_ns.as_ref().map(|start| date_time(start.value)).transpose()?;
    set(&mut capture, "core:datetime", start.map(Value::from));
    set(&mut capture, "core:geolocation", point(surveyed, recording));
    Ok(json!({ "global": global, "captures": [capture], "annotations": [] }))
}

/// The surveyed position, else the file's own.
fn point(surveyed: Option<Place>, recording: &Recording) -> Option<Value> {
    let coordinates = match surveyed {
        Some(Place { latitude_deg, longitude_deg, altitude_m: Some(altitude_m) }) => {
            json!([longitude_deg, latitude_deg, altitude_m])
        }
        Some(Place { latitude_deg, longitude_deg, altitude_m: None }) => json!([longitude_deg, latitude_deg]),
        None => {
            let position = recording.position.as_ref()?.value;
            json!([position.longitude_deg, position.latitude_deg])
        }
    };
    Some(json!({ "type": "Point", "coordinates": coordinates }))
}

fn extensions() -> Value {
    json!([{ "name": "heimdall", "version": "1.0.0", "optional": true }])
}

/// RFC 3339 with nanoseconds.
fn date_time(unix_ns: i64) -> io::Result<String> {
    let time = jiff::Timestamp::from_nanosecond(i128::from(unix_ns)).map_err(io::Error::other)?;
    Ok(format!("{time:.9}"))
}

fn text(value: &Value) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
