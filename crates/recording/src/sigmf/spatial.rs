//! Bearings of the `spatial` extension, version 1.1.0 (`extensions/spatial.sigmf-ext.md` of the SigMF project).
//!
//! An annotation's bearing is relative to the boresight of the antenna, which the capture states. What a file says of
//! the emitter itself (`emitter_bearing`, `emitter_location`) is the truth of a test, not a measurement: it is not read.

use serde_json::Value;

use super::meta::{Meta, natural};

/// Readings further from their mean than this, and than three times their error, are of another emission, degrees.
const MOST_APART_DEG: f64 = 15.0;

/// What the annotations of a recording say together.
pub(super) struct Bearing {
    /// Clockwise from true north, 0…360.
    pub(super) azimuth_deg: f64,
    /// Mean of the stated errors, where there are any: readings of one antenna share its error.
    pub(super) error_deg: Option<f64>,
    /// Middle of the emission, where its edges are stated.
    pub(super) frequency_hz: Option<f64>,
}

struct Reading {
    azimuth_deg: f64,
    error_deg: Option<f64>,
    frequency_hz: Option<f64>,
    /// Nothing says where the antenna points.
    unaimed: bool,
}

/// The bearing of the recording's emission, and what is worth knowing of it.
pub(super) fn bearing(meta: &Meta) -> (Option<Bearing>, Option<String>) {
    let readings: Vec<Reading> =
        meta.annotations.iter().filter_map(|annotation| Reading::of(annotation, meta)).collect();
    let sum = |part: fn(f64) -> f64| readings.iter().map(|reading| part(reading.azimuth_deg.to_radians())).sum::<f64>();
    let azimuth_deg = sum(f64::sin).atan2(sum(f64::cos)).to_degrees().rem_euclid(360.0);
    let apart = |reading: &Reading| {
        let apart_deg = (reading.azimuth_deg - azimuth_deg + 180.0).rem_euclid(360.0) - 180.0;
        apart_deg.abs() > MOST_APART_DEG.max(3.0 * reading.error_deg.unwrap_or(0.0))
    };
    if readings.iter().any(apart) {
        let count = readings.len();
        let notice = format!("Its {count} annotated bearings are of more than one emission; none of them is used");
        return (None, Some(notice));
    }
    let errors: Vec<f64> = readings.iter().filter_map(|reading| reading.error_deg).collect();
    let bearing = readings.first().map(|first| Bearing {
        azimuth_deg,
        error_deg: (!errors.is_empty()).then(|| errors.iter().sum::<f64>() / errors.len() as f64),
        frequency_hz: first.frequency_hz,
    });
    let unaimed = "Nothing says where its antenna points: its bearing counts from true north";
    let notice = readings.iter().any(|reading| reading.unaimed).then(|| unaimed.to_owned());
    (bearing, notice)
}

impl Reading {
    fn of(annotation: &Value, meta: &Meta) -> Option<Self> {
        let (relative_deg, error_deg) = direction(annotation, "spatial:signal_bearing", "spatial:signal_azimuth")?;
        let start = annotation.get("core:sample_start").and_then(natural).unwrap_or(0);
        let begins = |capture: &&Value| capture.get("core:sample_start").and_then(natural).unwrap_or(0);
        let before = meta.captures.iter().filter(|capture| begins(capture) <= start);
        let capture = before.max_by_key(begins).unwrap_or(&Value::Null);
        if capture.get("spatial:calibration").is_some() {
            return None;
        }
        let boresight = direction(capture, "spatial:aperture_bearing", "spatial:aperture_azimuth");
        let edge = |name: &str| annotation.get(name).and_then(Value::as_f64);
        let edges = edge("core:freq_lower_edge").zip(edge("core:freq_upper_edge"));
        Some(Self {
            azimuth_deg: (boresight.map_or(0.0, |boresight| boresight.0) + relative_deg).rem_euclid(360.0),
            error_deg: error_deg.filter(|error| *error > 0.0),
            frequency_hz: edges.map(|(lower, upper)| (lower + upper) / 2.0),
            unaimed: boresight.is_none(),
        })
    }
}

/// Azimuth and error of a bearing object, or of the number that stands for one.
fn direction(value: &Value, bearing: &str, azimuth: &str) -> Option<(f64, Option<f64>)> {
    let number = |value: &Value| value.as_f64().filter(|degrees| degrees.is_finite());
    let of = |bearing: &Value| {
        let azimuth_deg = bearing.get("azimuth").and_then(number)?;
        Some((azimuth_deg, bearing.get("az_error").and_then(number)))
    };
    let simple = || value.get(azimuth).and_then(number).map(|azimuth_deg| (azimuth_deg, None));
    value.get(bearing).and_then(of).or_else(simple)
}
