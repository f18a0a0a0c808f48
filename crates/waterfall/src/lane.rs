//! Recordings on a common axis.

use heimdall_page::session::LentRecording;
use heimdall_recording::Recording;

use crate::view::{Limits, Span, View};

/// A recording's place on the common axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Name of the receiver.
    pub receiver: String,
    /// Time of sample 0 on the common axis.
    pub start_s: f64,
    /// Samples per second.
    pub rate_hz: f64,
    /// How many there are.
    pub samples: u64,
    /// Frequency of 0 Hz of the baseband.
    pub center_hz: f64,
    /// False where the rate is not known, and the axis says so.
    pub rate_known: bool,
}

/// Rate of recordings that do not say theirs.
const UNKNOWN_RATE_HZ: f64 = 1e6;
/// A silence between recordings that is longer than this many times all of them: they are shown side by side.
const LONGEST_GAP: f64 = 10.0;
/// The fewest samples that a view is wide.
const LEAST_SAMPLES: f64 = 64.0;

impl Lane {
    pub(crate) fn bin_hz(&self, fft_log2: u32) -> f64 {
        self.rate_hz / f64::from(1_u32 << fft_log2.min(16))
    }

    /// Where it lies.
    #[must_use]
    pub fn bounds(&self) -> View {
        View {
            time: Span { start: self.start_s, end: self.start_s + self.samples as f64 / self.rate_hz },
            frequency: Span { start: self.center_hz - self.rate_hz / 2.0, end: self.center_hz + self.rate_hz / 2.0 },
        }
    }
}

/// Lanes with their common axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    /// One a recording.
    pub lanes: Vec<Lane>,
    /// What second 0 of the axis is, nanoseconds since 1970; `None` where the recordings do not tell, or lie so far
    /// apart that all begin at 0.
    pub origin_unix_ns: Option<i64>,
}

impl Axes {
    /// Points of a transform that shows time and frequency about equally well when all is seen, as a power of two.
    #[must_use]
    pub fn balanced_fft_log2(&self) -> u32 {
        let most = self.lanes.iter().map(|lane| lane.samples).max().unwrap_or(0);
        // As many bins as columns, within what screens have.
        (most.max(1).ilog2() / 2).clamp(8, 11)
    }

    /// Everything that was recorded, and how far one can zoom in.
    #[must_use]
    pub fn limits(&self) -> Option<Limits> {
        let hull = |one: View, other: View| View {
            time: one.time.hull(&other.time),
            frequency: one.frequency.hull(&other.frequency),
        };
        let all = self.lanes.iter().map(Lane::bounds).reduce(hull)?;
        let fastest_hz = self.lanes.iter().map(|lane| lane.rate_hz).fold(1.0, f64::max);
        let slowest_hz = self.lanes.iter().map(|lane| lane.rate_hz).fold(f64::INFINITY, f64::min);
        Some(Limits { all, least_s: LEAST_SAMPLES / fastest_hz, least_hz: slowest_hz / 4096.0 })
    }
}

/// Puts recordings on one axis: by their clocks where they were made about the same time, else side by side.
#[must_use]
pub fn lanes(recordings: &[LentRecording]) -> Axes {
    let rate_hz = |recording: &Recording| {
        let known = recording.sample_rate_hz.as_ref().map(|rate| rate.value);
        known.filter(|rate| rate.is_finite() && *rate > 0.0)
    };
    let known_center = |recording: &Recording| recording.center_frequency_hz.as_ref().map(|center| center.value);
    let some_center = recordings.iter().find_map(|lent| known_center(&lent.recording)).unwrap_or(0.0);
    let mut lanes: Vec<Lane> = recordings
        .iter()
        .map(|LentRecording { receiver, recording, .. }| Lane {
            receiver: receiver.clone(),
            start_s: 0.0,
            rate_hz: rate_hz(recording).unwrap_or(UNKNOWN_RATE_HZ),
            samples: recording.sample_count,
            center_hz: known_center(recording).unwrap_or(some_center),
            rate_known: rate_hz(recording).is_some(),
        })
        .collect();
    let starts: Vec<Option<i64>> =
        recordings.iter().map(|lent| lent.recording.start_time_unix_ns.as_ref().map(|start| start.value)).collect();
    let origin_unix_ns = starts.iter().flatten().min().copied();
    let seconds = |start: i64| start.saturating_sub(origin_unix_ns.unwrap_or(0)) as f64 * 1e-9;
    let length = |lane: &Lane| lane.samples as f64 / lane.rate_hz;
    let longest_gap_s = LONGEST_GAP * lanes.iter().map(length).sum::<f64>();
    let mut spans: Vec<(f64, f64)> =
        lanes.iter().zip(&starts).filter_map(|(lane, start)| Some((seconds((*start)?), length(lane)))).collect();
    spans.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut end = 0.0_f64;
    let together = spans.iter().all(|(start, length)| {
        let near = start - end <= longest_gap_s;
        end = end.max(start + length);
        near
    });
    if !together {
        return Axes { lanes, origin_unix_ns: None };
    }
    for (lane, start) in lanes.iter_mut().zip(starts) {
        lane.start_s = start.map_or(0.0, seconds);
    }
    Axes { lanes, origin_unix_ns }
}
