//! The band to use: the whole of what narrow recordings share, the strongest common emission in wide ones.

use heimdall_recording::Recording;

use crate::{Band, SceneRecording};

/// Share of a recording's rate that its own filter leaves flat.
pub(crate) const USABLE_SHARE: f64 = 0.94;
/// Wider than this, a recording holds more than one emission.
const NARROW_HZ: f64 = 60e3;
/// Bins of the common axis in a wide recording.
const BINS: usize = 2048;
/// An emission's edge, dB above the median of its surroundings.
const EDGE_DB: f64 = 4.0;

/// Frequencies that a recording holds, absolute.
pub(crate) fn span_hz(entry: &SceneRecording) -> Option<(f64, f64)> {
    let rate = entry.recording.sample_rate_hz.as_ref()?.value;
    let center = center_hz(entry);
    Some((center - rate * USABLE_SHARE / 2.0, center + rate * USABLE_SHARE / 2.0))
}

/// Frequency at 0 Hz; 0 where nothing is known of it.
pub(crate) fn center_hz(entry: &SceneRecording) -> f64 {
    center_of_hz(&entry.recording)
}

/// The same of the recording alone.
pub(crate) fn center_of_hz(recording: &Recording) -> f64 {
    recording.center_frequency_hz.as_ref().map_or(0.0, |fact| fact.value)
}

/// The band that `recordings` share, or the strongest emission in it; `None` where they share none. What lies in `avoid`,
/// absolute, is another emission.
pub(crate) fn choose(recordings: &[&SceneRecording], avoid: Option<(f64, f64)>) -> Option<Band> {
    let spans: Vec<(f64, f64)> = recordings.iter().filter_map(|entry| span_hz(entry)).collect();
    let low = spans.iter().map(|span| span.0).fold(f64::NEG_INFINITY, f64::max);
    let high = spans.iter().map(|span| span.1).fold(f64::INFINITY, f64::min);
    if !(high > low && (high - low).is_finite()) {
        return None;
    }
    let avoid = avoid.filter(|(from, to)| *from < high && *to > low);
    if high - low <= NARROW_HZ && avoid.is_none() {
        return Some(Band { center_hz: (low + high) / 2.0, bandwidth_hz: high - low });
    }
    Some(strongest_emission(recordings, low, high, avoid))
}

fn strongest_emission(recordings: &[&SceneRecording], low: f64, high: f64, avoid: Option<(f64, f64)>) -> Band {
    let step = (high - low) / BINS as f64;
    let mut excess = vec![0.0f64; BINS];
    for entry in recordings {
        let spectrum = &entry.survey.spectrum;
        let mut sorted = spectrum.power_dbfs.clone();
        sorted.sort_by(f32::total_cmp);
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
        for (bin, sum) in excess.iter_mut().enumerate() {
            let absolute = low + (bin as f64 + 0.5) * step;
            let off = entry.recording.clock_fit.map_or(0.0, |fit| fit.frequency_offset_hz);
            let frequency = absolute - center_hz(entry) + off;
            let avoided = avoid.is_some_and(|(from, to)| (from..to).contains(&absolute));
            let index = ((frequency - spectrum.start_hz) / spectrum.step_hz).floor();
            let level = spectrum.power_dbfs.get(index.max(0.0) as usize).copied().unwrap_or(median);
            // The receiver's own direct current is no emission.
            let leakage = frequency.abs() < 2.0 * spectrum.step_hz;
            // Capped, so that one near receiver does not outvote the others.
            *sum += if leakage || avoided { 0.0 } else { f64::from((level - median).clamp(0.0, 30.0)) };
        }
    }
    let threshold = EDGE_DB * recordings.len() as f64;
    let best = (0..BINS).max_by(|a, b| excess[*a].total_cmp(&excess[*b])).unwrap_or(BINS / 2);
    let mut first = best;
    while first > 0 && excess[first - 1] > threshold {
        first -= 1;
    }
    let mut last = best;
    while last + 1 < BINS && excess[last + 1] > threshold {
        last += 1;
    }
    let middle = low + 0.5 * (first + last + 1) as f64 * step;
    // On its side of what is avoided.
    let (low, high) = match avoid {
        Some((from, _)) if middle < from => (low, from),
        Some((_, to)) => (to, high),
        None => (low, high),
    };
    let width = ((last + 1 - first) as f64 * step * 1.2).max(6_000.0).min(high - low);
    let center_hz = middle.clamp(low + width / 2.0, high - width / 2.0);
    Band { center_hz, bandwidth_hz: width }
}
