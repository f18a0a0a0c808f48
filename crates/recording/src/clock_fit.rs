//! A clock as its alignment on a reference transmitter left it.

use serde::{Deserialize, Serialize};

/// What the alignment found beside the true rate and start, which stand in the recording itself.
///
/// Sample n was taken v + ½·`rate_drift_per_s`·v² after the start, v = n / rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClockFit {
    /// Change of the sample clock's relative rate, per second.
    pub rate_drift_per_s: f64,
    /// By how much emissions appear too high at sample 0, Hz.
    pub frequency_offset_hz: f64,
    /// Change of that, Hz per second.
    pub frequency_drift_hz_per_s: f64,
    /// Seconds after sample 0 between which the receiver was tuned to the centre frequency; absent where it always was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned_s: Option<[f64; 2]>,
}
