//! A selection as a SigMF archive: a tar of metadata and samples, a pair for each receiver (SigMF 1.2.0).

use heimdall_recording::Recording;
use serde_json::{Map, Value, json};

use crate::Lane;
use crate::text::{date, frequency};
use crate::view::View;

/// Real and imaginary part as 32-bit floats.
const SAMPLE_BYTES: u64 = 8;
/// Blocks of a tar archive.
const BLOCK: u64 = 512;

/// What is cut out of a recording.
#[derive(Clone, Debug)]
pub struct Cut {
    receiver: String,
    recording: Recording,
    rate_hz: f64,
    /// The band, around the centre of the recording where that is not known.
    selection: View,
    center_hz: f64,
    /// First sample.
    pub first: u64,
    /// How many.
    pub samples: u64,
}

impl Cut {
    /// The samples of a recording within the selected time; `None` where there are none.
    #[must_use]
    pub fn new(lane: &Lane, receiver: &str, recording: &Recording, selection: &View) -> Option<Self> {
        let time = selection.time.common(&lane.bounds().time)?;
        let sample = |time: f64| ((time - lane.start_s) * lane.rate_hz).round().max(0.0) as u64;
        let (first, end) = (sample(time.start), sample(time.end).min(lane.samples));
        (first < end).then(|| Self {
            receiver: receiver.to_owned(),
            recording: recording.clone(),
            rate_hz: lane.rate_hz,
            selection: *selection,
            center_hz: lane.center_hz,
            first,
            samples: end - first,
        })
    }

    /// Bytes of its samples.
    #[must_use]
    pub const fn data_bytes(&self) -> u64 {
        self.samples.saturating_mul(SAMPLE_BYTES)
    }

    /// "selection-145.500MHz", what a file that holds it is called.
    #[must_use]
    pub fn stem(&self) -> String {
        // Hertz of a name need not be finer than the eye that drew the box.
        let frequency = frequency(self.selection.frequency.middle(), 100.0);
        format!("selection-{}", frequency.replace(' ', ""))
    }

    fn name(&self, ending: &str) -> String {
        let plain = |character: char| if character.is_alphanumeric() { character } else { '-' };
        let receiver: String = self.receiver.chars().map(plain).take(40).collect();
        format!("{}-{receiver}.{ending}", self.stem())
    }

    /// Name of the metadata in the archive.
    #[must_use]
    pub fn meta_name(&self) -> String {
        self.name("sigmf-meta")
    }

    /// Name of the samples in the archive.
    #[must_use]
    pub fn data_name(&self) -> String {
        self.name("sigmf-data")
    }

    /// The metadata: what is known of the recording, and the selected band as an annotation.
    #[must_use]
    pub fn meta(&self) -> String {
        let recording = &self.recording;
        let mut global = Map::new();
        let mut put = |key: &str, value: Value| global.insert(key.to_owned(), value);
        put("core:datatype", "cf32_le".into());
        put("core:version", "1.2.0".into());
        put("core:sample_rate", self.rate_hz.into());
        put("core:recorder", "Heimdall".into());
        put(
            "core:description",
            format!("Cut from {}, samples {} to {}", recording.name, self.first, self.first + self.samples).into(),
        );
        put("core:extensions", json!([{ "name": "heimdall", "version": "1.0.0", "optional": true }]));
        put("heimdall:station", self.receiver.clone().into());
        put("heimdall:time_grade", json!(recording.time_grade));
        if recording.synthetic {
            put("heimdall:synthetic", true.into());
        }
        if let Some(level) = &recording.full_scale_dbm {
            put("heimdall:full_scale_dbm", level.value.into());
        }
        let mut capture = Map::from_iter([("core:sample_start".to_owned(), json!(0))]);
        if let Some(start) = &recording.start_time_unix_ns {
            let since_ns = (self.first as f64 / self.rate_hz * 1e9).round() as i64;
            capture.insert("core:datetime".to_owned(), rfc3339(start.value.saturating_add(since_ns)).into());
        }
        if let Some(center) = &recording.center_frequency_hz {
            capture.insert("core:frequency".to_owned(), center.value.into());
        }
        if let Some(position) = &recording.position {
            let coordinates = [position.value.longitude_deg, position.value.latitude_deg];
            capture.insert("core:geolocation".to_owned(), json!({ "type": "Point", "coordinates": coordinates }));
        }
        // Relative to the centre where that is what the metadata can say.
        let shift = if recording.center_frequency_hz.is_some() { 0.0 } else { self.center_hz };
        let annotation = json!({
            "core:sample_start": 0,
            "core:sample_count": self.samples,
            "core:freq_lower_edge": self.selection.frequency.start - shift,
            "core:freq_upper_edge": self.selection.frequency.end - shift,
            "core:label": "selection",
            "core:generator": "Heimdall",
        });
        let meta = json!({ "global": global, "captures": [capture], "annotations": [annotation] });
        format!("{meta:#}\n")
    }
}

/// RFC 3339 with nanoseconds.
fn rfc3339(unix_ns: i64) -> String {
    let (second, ns) = (unix_ns.div_euclid(1_000_000_000).rem_euclid(86_400), unix_ns.rem_euclid(1_000_000_000));
    format!("{}T{:02}:{:02}:{:02}.{ns:09}Z", date(unix_ns), second / 3600, second / 60 % 60, second % 60)
}

/// The header of a member of the archive.
///
/// # Errors
/// Where the name does not fit.
pub fn header(name: &str, bytes: u64) -> Result<Vec<u8>, String> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name).map_err(|error| error.to_string())?;
    header.set_size(bytes);
    header.set_mode(0o644);
    header.set_cksum();
    Ok(header.as_bytes().to_vec())
}

/// What follows a member of so many bytes.
#[must_use]
pub fn padding(bytes: u64) -> Vec<u8> {
    vec![0; ((BLOCK - bytes % BLOCK) % BLOCK) as usize]
}

/// What follows the last member.
#[must_use]
pub fn end() -> Vec<u8> {
    vec![0; 2 * BLOCK as usize]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::rc::Rc;

    use heimdall_recording::{Content, InputFile, TimeGrade, TypedFacts, open};

    use super::*;
    use crate::view::Span;

    const META: &str = r#"{"global":{"core:datatype":"cf32_le","core:sample_rate":1000.0,"core:version":"1.2.0",
        "heimdall:station":"Ufer Nord","heimdall:time_grade":"gnss"},
        "captures":[{"core:sample_start":0,"core:frequency":145500000.0,"core:datetime":"2026-01-01T00:17:00.250Z",
        "core:geolocation":{"type":"Point","coordinates":[9.1,45.4]}}],"annotations":[]}"#;

    #[test]
    fn a_cut_opens_again_as_the_same_receiver_at_its_time_and_place() {
        let data = Rc::new(vec![0_u8; 8000]);
        let file = |name: &str, source| InputFile { name: name.into(), source };
        let files = [file("a.sigmf-meta", Rc::new(META.as_bytes().to_vec())), file("a.sigmf-data", data)];
        let contents = open(&files, &TypedFacts::default()).unwrap();
        let Some(Content::Recording(recording)) = contents.into_iter().next() else { panic!("no recording") };
        let lane = Lane {
            receiver: "Ufer Nord".into(),
            start_s: 2.0,
            rate_hz: 1000.0,
            samples: 1000,
            center_hz: 145.5e6,
            rate_known: true,
        };
        let selection = View { time: Span::new(2.25, 9.0), frequency: Span::new(145.4998e6, 145.5001e6) };
        let cut = Cut::new(&lane, "Ufer Nord", &recording, &selection).unwrap();
        assert_eq!((cut.first, cut.samples), (250, 750));

        let meta = cut.meta();
        let mut archive = header(&cut.meta_name(), meta.len() as u64).unwrap();
        archive.extend(meta.as_bytes());
        archive.extend(padding(meta.len() as u64));
        archive.extend(header(&cut.data_name(), cut.data_bytes()).unwrap());
        archive.extend(vec![0; cut.data_bytes() as usize]);
        archive.extend(padding(cut.data_bytes()));
        archive.extend(end());
        assert_eq!(archive.len() % 512, 0);
        let contents = open(&[file("selection.sigmf", Rc::new(archive))], &TypedFacts::default()).unwrap();
        let Some(Content::Recording(again)) = contents.into_iter().next() else { panic!("no recording") };
        assert_eq!(again.sample_count, 750);
        assert_eq!(again.station.unwrap().value, "Ufer Nord");
        assert_eq!(again.time_grade, TimeGrade::Gnss);
        assert_eq!(again.start_time_unix_ns.unwrap().value, recording.start_time_unix_ns.unwrap().value + 250_000_000);
        assert_eq!(again.position.unwrap().value, recording.position.unwrap().value);
        assert_eq!(again.center_frequency_hz.unwrap().value, 145.5e6);
    }

    #[test]
    fn times_before_1970_are_times() {
        assert_eq!(rfc3339(-1), "1969-12-31T23:59:59.999999999Z");
    }
}
