//! Clocks of a scene's recordings from the signal of a reference transmitter.

use std::ops::{ControlFlow, Range};
use std::rc::Rc;

use heimdall_features::{ClockChannel, ClockSearch, NoClock, PairClock, band_level, compare_clocks};
use heimdall_localize::{Geodesy, Propagation, SPEED_OF_LIGHT_M_PER_S};
use heimdall_recording::{ByteSource, ClockFit, Position, TimeGrade};
use num_complex::Complex32;

use super::{AlignedClock, Clocks, RecordingClock, ReferenceScheme, ReferenceSettings};
use crate::band::center_hz;
use crate::evidence::bias_sigma_s;
use crate::plan::is_synchronised;
use crate::receivers::{SceneReceiver, receivers};
use crate::{Band, Plan, Scene, SceneRecording, extract};

/// Stamps of a computer's clock are wrong by this at most.
const STAMP_REACH_S: f64 = 2.5;
/// Recordings without a stamp are searched as far as they overlap, and at most this far.
const UNSTAMPED_REACH_S: f64 = 10.0;
/// Tuners are off by this at most: so much wider is the band that is looked at.
const TUNER_PPM: f64 = 30.0;
/// Grid rate over bandwidth, as in the plan of the experts.
const OVERSAMPLING: f64 = 1.28;
/// Share of a recording's rate that its own filter leaves flat.
const USABLE_SHARE: f64 = 0.94;
/// More is not read of a recording.
const MOST_SECONDS: f64 = 90.0;
/// Samples of all channels together.
const MOST_SAMPLES: f64 = 1.2e7;
/// Share of a part that a tuner takes to settle, at either end.
const SETTLING: f64 = 0.04;
/// Less than this much of the reference's band is not it.
const LEAST_SHARE: f64 = 0.35;

/// One recording and what it holds of the reference.
struct Heard<'a> {
    entry: &'a SceneRecording,
    receiver: &'a SceneReceiver,
    position: Position,
    samples: Vec<Complex32>,
    present: Vec<Range<usize>>,
    /// Middle of the reference's band in the recording, Hz.
    offset_hz: f64,
    snr: f64,
}

impl Heard<'_> {
    fn channel(&self) -> ClockChannel<'_> {
        // The receiver's own direct current lies in the middle of its baseband.
        ClockChannel { samples: &self.samples, present: &self.present, notch_hz: -self.offset_hz }
    }
}

/// Aligns the recordings whose clocks are not comparable, where the settings name a reference; `None` where they name
/// none, or where every clock is comparable already. `sources` are the bytes of the scene's recordings in their order.
/// `progress` gets the share done.
pub fn align_clocks(
    scene: &Scene,
    sources: &[Rc<dyn ByteSource>],
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Option<Clocks> {
    let settings = scene.settings.reference.clone()?;
    let mut clocks = Clocks { settings, base: None, recordings: Vec::new() };
    if scene.recordings.iter().all(is_synchronised) {
        return matches!(clocks.settings.scheme, ReferenceScheme::Parts { .. }).then_some(clocks);
    }
    let all = receivers(scene);
    let refuse = |clocks: &mut Clocks, entry: &SceneRecording, receiver: &SceneReceiver, why: String| {
        let clock =
            RecordingClock { id: entry.id.clone(), receiver: receiver.name.clone(), aligned: None, why_not: Some(why) };
        clocks.recordings.extend((!is_synchronised(entry)).then_some(clock));
    };
    let band = band_hz(scene, &clocks.settings);
    let mut heard: Vec<Heard> = Vec::new();
    for (index, (entry, source)) in scene.recordings.iter().zip(sources).enumerate() {
        let Some(receiver) = all.iter().find(|receiver| receiver.recording == Some(index)) else { continue };
        if receiver.why_not.is_some() || receiver.switched_off {
            continue;
        }
        match listen(scene, &clocks.settings, entry, receiver, source.as_ref(), band) {
            Ok(channel) => heard.push(channel),
            Err(why) => refuse(&mut clocks, entry, receiver, why),
        }
        if progress(0.5 * (index + 1) as f32 / scene.recordings.len() as f32).is_break() {
            return Some(clocks);
        }
    }
    // A clock that satellites discipline is better than any; among equals the one that hears best.
    let rank = |one: &Heard| (one.entry.recording.time_grade == TimeGrade::Gnss && is_synchronised(one.entry), one.snr);
    let best = heard.iter().enumerate().max_by(|a, b| {
        let (a, b) = (rank(a.1), rank(b.1));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let Some((base_index, base)) = best else { return Some(clocks) };
    clocks.base = Some(base.receiver.name.clone());
    let mut found: Vec<(usize, PairClock)> = Vec::new();
    for (index, other) in heard.iter().enumerate().filter(|(index, _)| *index != base_index) {
        if is_synchronised(other.entry) {
            continue;
        }
        match compare(scene, &clocks.settings, base, other, band) {
            Ok(pair) => found.push((index, pair)),
            Err(why) => {
                let why = reason(why, &clocks.settings, other, base);
                refuse(&mut clocks, other.entry, other.receiver, why);
            }
        }
        if progress(0.5 + 0.5 * (index + 1) as f32 / heard.len() as f32).is_break() {
            break;
        }
    }
    write_down(scene, &mut clocks, &heard, base_index, &found);
    Some(clocks)
}

/// Bandwidth that every recording can give of the reference, Hz; wider than its emission by what tuners are off.
fn band_hz(scene: &Scene, settings: &ReferenceSettings) -> f64 {
    let reference = &settings.reference;
    let wanted = reference.bandwidth_hz + 2e-6 * TUNER_PPM * reference.frequency_hz;
    let widths = scene.recordings.iter().filter_map(|entry| room_hz(entry, settings));
    widths.filter(|room| *room > LEAST_SHARE * reference.bandwidth_hz).fold(wanted, f64::min)
}

/// Middle of the reference's band in a recording's baseband.
fn offset_hz(entry: &SceneRecording, settings: &ReferenceSettings) -> f64 {
    match settings.scheme {
        ReferenceScheme::Inside => settings.reference.frequency_hz - center_hz(entry),
        // The tuner went there.
        ReferenceScheme::Parts { .. } => 0.0,
    }
}

/// Width of the band around the reference that a recording holds.
fn room_hz(entry: &SceneRecording, settings: &ReferenceSettings) -> Option<f64> {
    let rate_hz = entry.recording.sample_rate_hz.as_ref()?.value;
    Some(rate_hz * USABLE_SHARE - 2.0 * offset_hz(entry, settings).abs())
}

/// Length of a part of the scheme in a recording, seconds.
fn part_s(entry: &SceneRecording, part_s: Option<f64>) -> Option<f64> {
    let duration_s = entry.recording.sample_count as f64 / entry.recording.sample_rate_hz.as_ref()?.value;
    let third = duration_s / 3.0;
    Some(part_s.filter(|part| part.is_finite() && *part > 0.0).unwrap_or(third).min(duration_s / 2.0))
}

/// Seconds after sample 0 between which a recording holds the wanted signal; `None` where it always does.
pub(super) fn target_part_s(entry: &SceneRecording, scheme: ReferenceScheme) -> Option<[f64; 2]> {
    let ReferenceScheme::Parts { part_s: typed } = scheme else { return None };
    let part = part_s(entry, typed)?;
    Some([part * (1.0 + SETTLING), part * (2.0 - SETTLING)])
}

/// The reference's channel of a recording on its own time axis.
fn listen<'a>(
    scene: &Scene,
    settings: &ReferenceSettings,
    entry: &'a SceneRecording,
    receiver: &'a SceneReceiver,
    source: &dyn ByteSource,
    bandwidth_hz: f64,
) -> Result<Heard<'a>, String> {
    let name = &settings.reference.name;
    let position = receiver.position.as_ref().map(|fact| fact.value);
    let position = position.ok_or_else(|| format!("Not aligned on {name}: its position is not known"))?;
    let rate_hz = entry.recording.sample_rate_hz.as_ref().map(|rate| rate.value);
    let rate_hz = rate_hz.ok_or_else(|| format!("Not aligned on {name}: its sample rate is not known"))?;
    if room_hz(entry, settings).is_none_or(|room| room < bandwidth_hz - 1.0) {
        return Err(format!(
            "Not aligned on {name}: {:.3} kHz is not in the band that it recorded",
            settings.reference.frequency_hz / 1e3
        ));
    }
    let grid_hz = bandwidth_hz * OVERSAMPLING;
    let most_s = MOST_SECONDS.min(MOST_SAMPLES / scene.recordings.len().max(1) as f64 / grid_hz);
    let duration_s = entry.recording.sample_count as f64 / rate_hz;
    let offset_hz = offset_hz(entry, settings);
    let plan = Plan {
        band: Band { center_hz: center_hz(entry) + offset_hz, bandwidth_hz },
        rate_hz: grid_hz,
        start_unix_ns: entry.recording.start_time_unix_ns.as_ref().map_or(0, |start| start.value),
        offset_s: 0.0,
        samples: (duration_s.min(most_s) * grid_hz) as usize,
        recordings: vec![entry.id.clone()],
    };
    let channel =
        extract(entry, source, &plan, &mut |_| ControlFlow::Continue(())).map_err(|error| error.to_string())?;
    let whole = channel.facts.present.clone();
    let present = match settings.scheme {
        ReferenceScheme::Inside => vec![whole],
        ReferenceScheme::Parts { part_s: typed } => {
            let part = part_s(entry, typed).unwrap_or(duration_s / 3.0);
            let sample = |s: f64| ((s * grid_hz) as usize).clamp(whole.start, whole.end);
            let first = sample(0.0)..sample(part * (1.0 - SETTLING));
            vec![first, sample(part * (2.0 + SETTLING))..sample(part * 3.0)]
        }
    };
    let levels = present.iter().filter_map(|range| channel.samples.get(range.clone()));
    let levels: Vec<f64> = levels.map(|part| band_level(part, grid_hz, bandwidth_hz).snr()).collect();
    let snr = levels.iter().sum::<f64>() / levels.len().max(1) as f64;
    Ok(Heard { entry, receiver, position, samples: channel.samples, present, offset_hz, snr })
}

fn compare(
    scene: &Scene,
    settings: &ReferenceSettings,
    base: &Heard,
    other: &Heard,
    bandwidth_hz: f64,
) -> Result<PairClock, NoClock> {
    let rate_hz = bandwidth_hz * OVERSAMPLING;
    let start = |heard: &Heard| heard.entry.recording.start_time_unix_ns.as_ref().map(|start| start.value);
    let length_s = |heard: &Heard| heard.samples.len() as f64 / rate_hz;
    let starts = start(base).zip(start(other));
    let (expected_delay_s, reach_s) = match starts {
        Some((base, other)) => ((base - other) as f64 * 1e-9, STAMP_REACH_S),
        None => (0.0, length_s(base).max(length_s(other)).min(UNSTAMPED_REACH_S)),
    };
    let wanted_s = match target_part_s(base.entry, settings.scheme) {
        Some(part) => part,
        None => {
            let window =
                scene.settings.window.filter(|window| window.start_s.is_finite() && window.duration_s.is_finite());
            let (from, length) = window.map_or((0.0, 60.0), |window| (window.start_s, window.duration_s));
            [from, (from + length).min(length_s(base))]
        }
    };
    let stamped = starts.is_some();
    let search = ClockSearch { rate_hz, bandwidth_hz, expected_delay_s, reach_s, stamped, wanted_s };
    compare_clocks(&base.channel(), &other.channel(), &search)
}

fn reason(why: NoClock, settings: &ReferenceSettings, other: &Heard, base: &Heard) -> String {
    let (name, base_name) = (&settings.reference.name, &base.receiver.name);
    match why {
        NoClock::TooShort => format!("Not aligned on {name}: {base_name} holds too little of it; record longer"),
        NoClock::NotFound => format!(
            "Not aligned on {name}: {} does not hold what {base_name} has of it ({:.0} dB over noise there)",
            other.receiver.name,
            10.0 * other.snr.max(1e-9).log10()
        ),
        NoClock::Ambiguous => format!(
            "Not aligned on {name}: several delays against {base_name} fit equally well; record longer or take a reference \
             with a wider band"
        ),
    }
}

/// From delays against the base to clocks.
fn write_down(scene: &Scene, clocks: &mut Clocks, heard: &[Heard], base_index: usize, found: &[(usize, PairClock)]) {
    let Some(base) = heard.get(base_index) else { return };
    let settings = clocks.settings.clone();
    let geodesy = Geodesy::default();
    let disciplined = is_synchronised(base.entry);
    let base_start_ns = base.entry.recording.start_time_unix_ns.as_ref().map_or(0, |start| start.value);
    let distance_m = |heard: &Heard| geodesy.distance_m(settings.reference.position, heard.position);
    let path_s = bias_sigma_s(scene, Propagation::at(Some(settings.reference.frequency_hz)));
    let place_s = settings.reference.position_sigma_m / SPEED_OF_LIGHT_M_PER_S;
    // Per receiver: its path's bias, and what the reference's position adds, which is independent from one receiver to
    // the next as far as the directions to the reference differ.
    let own_variance = path_s * path_s + place_s * place_s;
    let mut base_variances: Vec<f64> = Vec::new();
    for (index, pair) in found {
        let Some(other) = heard.get(*index) else { continue };
        let stated = &other.entry.recording;
        let Some(stated_hz) = stated.sample_rate_hz.as_ref().map(|rate| rate.value) else { continue };
        let geometric_s = (distance_m(other) - distance_m(base)) / SPEED_OF_LIGHT_M_PER_S;
        let axis = TimeAxis::of(pair.delay, geometric_s);
        let start_correction_ns = (axis.start_s * 1e9).round() as i64;
        let start_time_unix_ns = base_start_ns.saturating_add(start_correction_ns);
        let sample_rate_hz = stated_hz / (1.0 + axis.rate);
        // The reference was mixed down by the receiver's own clock, so its rate shows as a frequency too.
        let mut offset_hz = pair.frequency[0] + other.offset_hz * pair.delay[1];
        let mut drift_hz_per_s = pair.frequency[1] + other.offset_hz * pair.delay[2];
        if matches!(settings.scheme, ReferenceScheme::Parts { .. }) {
            // An oscillator is off by a part of what it is tuned to.
            let scale = center_hz(other.entry) / settings.reference.frequency_hz;
            offset_hz *= scale;
            drift_hz_per_s *= scale;
        }
        let variance = pair.sigma_s * pair.sigma_s;
        // Noise of a delay is that of both receivers, 1/s each (s the signal-to-noise ratio).
        let noise = |heard: &Heard| 1.0 / heard.snr.max(1e-3);
        let share = if disciplined { 1.0 } else { noise(other) / (noise(other) + noise(base)) };
        base_variances.push(variance * (1.0 - share));
        let others_variance = if disciplined { 2.0 * own_variance } else { own_variance };
        let start_ns = stated.start_time_unix_ns.as_ref().map(|start| start.value);
        clocks.recordings.push(RecordingClock {
            id: other.entry.id.clone(),
            receiver: other.receiver.name.clone(),
            why_not: None,
            aligned: Some(AlignedClock {
                sample_rate_hz,
                rate_ppm: 1e6 * (sample_rate_hz / stated_hz - 1.0),
                start_time_unix_ns,
                start_correction_s: start_ns.map(|stated| (start_time_unix_ns - stated) as f64 * 1e-9),
                fit: ClockFit {
                    rate_drift_per_s: axis.drift_per_s / (1.0 + axis.rate).powi(2),
                    frequency_offset_hz: offset_hz + drift_hz_per_s * axis.start_s,
                    frequency_drift_hz_per_s: drift_hz_per_s,
                    tuned_s: None,
                },
                sigma_s: (variance * share + others_variance).sqrt(),
                fit_sigma_s: pair.sigma_s,
                scatter: pair.scatter,
                segments: pair.blocks,
            }),
        });
    }
    if disciplined || found.is_empty() {
        let why = "Not aligned: no other recording could be aligned with it".to_owned();
        let clock = RecordingClock {
            id: base.entry.id.clone(),
            receiver: base.receiver.name.clone(),
            aligned: None,
            why_not: Some(why),
        };
        clocks.recordings.extend((!disciplined).then_some(clock));
        return;
    }
    let fit_variance = base_variances.iter().sum::<f64>() / base_variances.len() as f64;
    let sample_rate_hz = base.entry.recording.sample_rate_hz.as_ref().map_or(0.0, |rate| rate.value);
    clocks.recordings.push(RecordingClock {
        id: base.entry.id.clone(),
        receiver: base.receiver.name.clone(),
        why_not: None,
        aligned: Some(AlignedClock {
            sample_rate_hz,
            rate_ppm: 0.0,
            start_time_unix_ns: base_start_ns,
            start_correction_s: None,
            fit: ClockFit::default(),
            sigma_s: (fit_variance + own_variance).sqrt(),
            fit_sigma_s: fit_variance.sqrt(),
            scatter: 1.0,
            segments: 0,
        }),
    });
}

/// A receiver's time u (seconds by its stated rate after its sample 0) in the base's: start + (1 + rate)·u + ½·drift·u².
struct TimeAxis {
    start_s: f64,
    rate: f64,
    drift_per_s: f64,
}

impl TimeAxis {
    /// What the base has at t, the receiver has at u = t + D(t), and it was sent so much earlier for the base as
    /// `geometric_s` says: the receiver took it at t + `geometric_s`. Solved for t(u) to second order in D's curvature.
    fn of(delay: [f64; 3], geometric_s: f64) -> Self {
        let [d0, d1, d2] = delay;
        let stretch = 1.0 + d1;
        let at_zero = -d0 / stretch;
        Self {
            start_s: geometric_s + at_zero - 0.5 * d2 * at_zero * at_zero / stretch,
            rate: (1.0 - d2 * at_zero / stretch) / stretch - 1.0,
            drift_per_s: -d2 / stretch.powi(3),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_axis_undoes_the_delay() {
        let delay = [-0.83, 31e-6, 2e-8];
        let axis = TimeAxis::of(delay, 1.5e-4);
        for t in [0.0, 3.0, 20.0] {
            let u = t + delay[0] + delay[1] * t + 0.5 * delay[2] * t * t;
            let back = axis.start_s + (1.0 + axis.rate) * u + 0.5 * axis.drift_per_s * u * u;
            assert!((back - t - 1.5e-4).abs() < 1e-10, "{t}: {back}");
        }
    }
}
