//! Scenes as SigMF collections in memory (SigMF 1.2.0).
//!
//! Beside the standard's fields a recording carries the extension namespace `heimdall`:
//!
//! | field | where | meaning |
//! |---|---|---|
//! | `heimdall:station` | global | name of the receiver |
//! | `heimdall:time_grade` | global | `gnss`, `reference`, `ntp` or `none` |
//! | `heimdall:full_scale_dbm` | global | level in dBm is level in dBFS plus this; amplitude 1 is full scale |
//! | `heimdall:synthetic` | global, collection | `true`: nobody measured this |
//! | `heimdall:truth` | collection | where the transmitter was, for tests only |

use num_complex::Complex32;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use crate::{Error, SimulatedReceiver, SimulatedScene};

/// A file that is not on any disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedBytes {
    /// File name without a folder.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// How samples are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleFormat {
    /// Signed bytes, 128 is full scale.
    Ci8,
    /// Signed 16-bit integers, 32768 is full scale.
    #[default]
    Ci16Le,
    /// Floats, 1 is full scale.
    Cf32Le,
}

impl SampleFormat {
    /// The standard's name of the format.
    pub fn datatype(self) -> &'static str {
        match self {
            Self::Ci8 => "ci8",
            Self::Ci16Le => "ci16_le",
            Self::Cf32Le => "cf32_le",
        }
    }

    /// The samples in this format; what exceeds full scale is clipped, as a converter does.
    fn encode(self, iq: &[Complex32]) -> Vec<u8> {
        let values = iq.iter().flat_map(|x| [x.re, x.im]);
        // `as` saturates.
        match self {
            Self::Ci8 => values.flat_map(|v| ((v * 128.0).round() as i8).to_le_bytes()).collect(),
            Self::Ci16Le => values.flat_map(|v| ((v * 32_768.0).round() as i16).to_le_bytes()).collect(),
            Self::Cf32Le => values.flat_map(f32::to_le_bytes).collect(),
        }
    }
}

/// The scene as files: `.sigmf-meta` and `.sigmf-data` for each receiver and one
/// `.sigmf-collection`. `name` begins all file names.
///
/// # Errors
/// Where a stamp is not a date.
pub fn sigmf_collection(scene: &SimulatedScene, name: &str, format: SampleFormat) -> Result<Vec<NamedBytes>, Error> {
    let mut files = Vec::with_capacity(2 * scene.receivers.len() + 1);
    let mut streams = Vec::with_capacity(scene.receivers.len());
    for (index, receiver) in scene.receivers.iter().enumerate() {
        let base = format!("{name}-{}-{}", index + 1, slug(&receiver.spec.name));
        let data = format.encode(&receiver.iq);
        let frequency_hz = scene.scene.center_frequency_hz;
        let meta = recording_metadata(receiver, name, frequency_hz, format, &data)?;
        let meta = text(&meta)?;
        streams.push(json!({ "name": base, "hash": sha512(&meta) }));
        files.push(NamedBytes { name: format!("{base}.sigmf-meta"), bytes: meta });
        files.push(NamedBytes { name: format!("{base}.sigmf-data"), bytes: data });
    }
    let truth = scene.scene.transmitter.position;
    let collection = json!({ "collection": {
        "core:version": "1.2.0",
        "core:description": "Simulated by Heimdall: one emission at several receivers",
        "core:extensions": extensions(),
        "core:streams": streams,
        "heimdall:synthetic": true,
        "heimdall:truth": { "lat": truth.latitude_deg, "lon": truth.longitude_deg },
    }});
    files.push(NamedBytes { name: format!("{name}.sigmf-collection"), bytes: text(&collection)? });
    Ok(files)
}

fn recording_metadata(
    receiver: &SimulatedReceiver,
    collection: &str,
    frequency_hz: f64,
    format: SampleFormat,
    data: &[u8],
) -> Result<Value, Error> {
    let position = receiver.spec.position;
    Ok(json!({
        "global": {
            "core:datatype": format.datatype(),
            "core:sample_rate": receiver.spec.sample_rate_hz,
            "core:version": "1.2.0",
            "core:num_channels": 1,
            "core:description": "Simulated by Heimdall, not a measurement",
            "core:recorder": "Heimdall simulator",
            "core:collection": collection,
            "core:extensions": extensions(),
            "core:sha512": sha512(data),
            "heimdall:station": receiver.spec.name,
            "heimdall:time_grade": receiver.spec.time_grade,
            "heimdall:full_scale_dbm": receiver.full_scale_dbm,
            "heimdall:synthetic": true,
        },
        "captures": [{
            "core:sample_start": 0,
            "core:frequency": frequency_hz,
            "core:datetime": date_time(receiver.start_time_unix_ns)?,
            "core:geolocation": {
                "type": "Point",
                "coordinates": [position.longitude_deg, position.latitude_deg],
            },
        }],
        "annotations": [],
    }))
}

fn extensions() -> Value {
    json!([{ "name": "heimdall", "version": "1.0.0", "optional": true }])
}

/// RFC 3339 with nanoseconds.
fn date_time(unix_ns: i64) -> Result<String, Error> {
    let time = jiff::Timestamp::from_nanosecond(i128::from(unix_ns));
    time.map(|time| format!("{time:.9}")).map_err(|_| Error::StartTime { unix_ns })
}

fn text(value: &Value) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn sha512(bytes: &[u8]) -> String {
    Sha512::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lower-case letters, digits and single dashes.
fn slug(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if words.is_empty() { "receiver".to_owned() } else { words.join("-") }
}
