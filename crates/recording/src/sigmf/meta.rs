//! The `global` object.

use serde_json::Value;

use crate::bytes::Bytes;
use crate::draft::Clock;
use crate::{Error, NamedCoding, Position, TimeGrade};

/// Digits from which on a time could be of a disciplined clock.
const FINE_DIGITS: usize = 7;

/// What the metadata says of the recording as a whole.
pub(super) struct Meta {
    pub(super) datatype: NamedCoding,
    pub(super) sample_rate_hz: Option<f64>,
    pub(super) channels: u32,
    pub(super) trailing_bytes: u64,
    /// Index of the first sample within a longer original (`core:offset`).
    pub(super) offset: u64,
    pub(super) position: Option<Position>,
    pub(super) sha512: Option<String>,
    pub(super) station: Option<String>,
    /// `heimdall:full_scale_dbm`
    pub(super) full_scale_dbm: Option<f64>,
    pub(super) synthetic: bool,
    pub(super) grade: Option<TimeGrade>,
    pub(super) captures: Vec<Value>,
    pub(super) annotations: Vec<Value>,
}

impl Meta {
    pub(super) fn read(text: &str, file: &Bytes) -> Result<Self, Error> {
        let mut value: Value = serde_json::from_str(text).map_err(|error| {
            let at = byte_of(text, error.line(), error.column());
            file.corrupt(at, format!("JSON that cannot be read ({error})"))
        })?;
        let mut list = |key: &str| match value.get_mut(key).map(Value::take) {
            Some(Value::Array(values)) => values,
            _ => Vec::new(),
        };
        let (captures, annotations) = (list("captures"), list("annotations"));
        let global = value.get("global").unwrap_or(&Value::Null);
        let text = |key: &str| global.get(key).and_then(Value::as_str);
        let Some(datatype) = text("core:datatype") else {
            return Err(file.corrupt(0, "The metadata has no \"core:datatype\""));
        };
        let Some(coding) = NamedCoding::parse(datatype) else {
            let what = format!("The datatype \"{datatype}\"");
            return Err(file.unsupported(0, what, "convert it to cf32_le"));
        };
        let grade = match text("heimdall:time_grade") {
            Some("gnss") => Some(TimeGrade::Gnss),
            Some("reference") => Some(TimeGrade::Reference),
            Some("ntp") => Some(TimeGrade::Ntp),
            Some("none") => Some(TimeGrade::None),
            _ => None,
        };
        let count = |key: &str| global.get(key).map(natural);
        Ok(Self {
            datatype: coding,
            sample_rate_hz: global.get("core:sample_rate").and_then(Value::as_f64),
            channels: match count("core:num_channels") {
                None => 1,
                Some(channels) => channels.and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
            },
            trailing_bytes: count("core:trailing_bytes").flatten().unwrap_or(0),
            offset: count("core:offset").flatten().unwrap_or(0),
            position: global.get("core:geolocation").and_then(geolocation),
            sha512: text("core:sha512").map(str::to_ascii_lowercase),
            station: text("heimdall:station").map(str::to_owned),
            full_scale_dbm: global.get("heimdall:full_scale_dbm").and_then(Value::as_f64),
            synthetic: global.get("heimdall:synthetic").and_then(Value::as_bool).unwrap_or(false),
            grade,
            captures,
            annotations,
        })
    }

    /// The clock of a segment. Only the metadata's word makes it a disciplined one.
    pub(super) fn clock(&self, start_ns: Option<i64>, fraction_digits: usize) -> Option<Clock> {
        start_ns?;
        let reason = match (self.grade, fraction_digits) {
            (Some(TimeGrade::Gnss), _) => "The metadata says that satellites disciplined the clock",
            (Some(TimeGrade::Reference), _) => "The metadata says that a reference set the clock",
            (Some(TimeGrade::Ntp), _) => "The metadata says that this is a computer's clock",
            (Some(TimeGrade::None), _) => "The metadata says that the clock is not to be trusted",
            (None, FINE_DIGITS..) => {
                "The start time has a fine resolution, but nothing says that satellites \
                 disciplined the clock"
            }
            (None, _) => "Nothing says that satellites disciplined the clock",
        };
        Some(Clock::new(self.grade.unwrap_or(TimeGrade::Ntp), reason))
    }
}

/// `core:dataset`: the name of the file that holds the samples, where the metadata names one.
pub(crate) fn dataset(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    value.get("global")?.get("core:dataset")?.as_str().map(str::to_owned)
}

/// A count, also where it is written as 5.0.
pub(super) fn natural(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let float = value.as_f64()?;
        (float >= 0.0 && float.fract() == 0.0 && float < 9e15).then_some(float as u64)
    })
}

/// A GeoJSON point: longitude, latitude, and an altitude that is not used.
pub(super) fn geolocation(value: &Value) -> Option<Position> {
    let coordinate = |index: usize| value.get("coordinates")?.get(index)?.as_f64();
    Position::new(coordinate(1)?, coordinate(0)?)
}

fn byte_of(text: &str, line: usize, column: usize) -> u64 {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)) as u64
}
