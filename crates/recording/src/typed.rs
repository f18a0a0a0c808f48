//! What the user typed in; it beats everything that was found.

use serde::{Deserialize, Serialize};

use crate::{Position, TimeGrade};

/// The user's answers and corrections for one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedFacts {
    /// Samples per second.
    pub sample_rate_hz: Option<f64>,
    /// Frequency at 0 Hz of the baseband.
    pub center_frequency_hz: Option<f64>,
    /// Name of the sample format, see [`crate::NamedCoding::parse`].
    pub coding: Option<String>,
    /// Time of sample 0, nanoseconds since 1970-01-01 UTC.
    pub start_time_unix_ns: Option<i64>,
    /// The receiver's position.
    pub position: Option<Position>,
    /// The receiver's name.
    pub station: Option<String>,
    /// Exchange I and Q, or do not although the file name says so.
    pub iq_swap: Option<bool>,
    /// How well the clock is known ("trust this clock").
    pub time_grade: Option<TimeGrade>,
    /// Two channels are I and Q, although they look like audio.
    pub treat_as_iq: Option<bool>,
}
