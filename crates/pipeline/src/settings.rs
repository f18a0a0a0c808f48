//! What the user may choose; everything absent is chosen from the evidence.

use serde::{Deserialize, Serialize};

use crate::ReferenceSettings;

/// A frequency band, absolute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// Middle, Hz.
    pub center_hz: f64,
    /// Width, Hz.
    pub bandwidth_hz: f64,
}

/// A stretch of time, relative to the start of what all used recordings have in common.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeWindow {
    /// Seconds after the common start.
    pub start_s: f64,
    /// Seconds.
    pub duration_s: f64,
}

/// Settings of one solution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Band used by the experts.
    pub band: Option<Band>,
    /// Time window used by the experts.
    pub window: Option<TimeWindow>,
    /// Arrival-time bias per receiver, 1 σ, seconds (propagation, receiver position, front end).
    pub bias_sigma_s: Option<f64>,
    /// Gain uncertainty of receivers whose level is not calibrated, 1 σ, dB.
    pub gain_sigma_db: Option<f64>,
    /// Transmitter of known place that recordings without a common clock are aligned on.
    pub reference: Option<ReferenceSettings>,
    /// Receivers that the user switched off, by name.
    pub switched_off: Vec<String>,
    /// Experts that the user switched off: "tdoa", "level", "bearing", "neural".
    pub experts_off: Vec<String>,
    /// Whether the report says how well these receivers would locate elsewhere.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bounds: bool,
}
