//! Recordings whose clocks nobody disciplined, aligned on a transmitter of known place.
//!
//! [`align_clocks`] finds rate, start and oscillator of each recording against one that is the clock's base;
//! [`Clocks::apply`] writes them into the scene, whose recordings then have the grade *reference* and go the way of all
//! others.

mod align;
mod apply;
mod reference;

use heimdall_recording::ClockFit;
use serde::{Deserialize, Serialize};

pub use align::align_clocks;
pub use reference::{Reference, ReferenceScheme, ReferenceSettings};

/// What became of the clocks of a scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clocks {
    /// On what they were aligned.
    pub settings: ReferenceSettings,
    /// Receiver whose clock the others were aligned with.
    pub base: Option<String>,
    /// The recordings that needed it, and the base.
    pub recordings: Vec<RecordingClock>,
}

/// What became of the clock of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordingClock {
    /// The recording in the scene.
    pub id: String,
    /// Its receiver.
    pub receiver: String,
    /// How it runs, where that was found.
    pub aligned: Option<AlignedClock>,
    /// Why it was not.
    pub why_not: Option<String>,
}

/// How a clock runs against the base.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlignedClock {
    /// True samples per second.
    pub sample_rate_hz: f64,
    /// By how much that is above the stated rate.
    pub rate_ppm: f64,
    /// True time of sample 0, nanoseconds since 1970-01-01 UTC by the base's clock.
    pub start_time_unix_ns: i64,
    /// True start less the stated one, where one was stated.
    pub start_correction_s: Option<f64>,
    /// What goes beyond rate and start.
    pub fit: ClockFit,
    /// 1 σ of the arrival times: the fit's covariance, the reference's position and its paths.
    pub sigma_s: f64,
    /// Of these, 1 σ of the fit.
    pub fit_sigma_s: f64,
    /// Root mean square of the segments' residuals over what noise explains.
    pub scatter: f64,
    /// Segments that took part; none in the base.
    pub segments: usize,
}
