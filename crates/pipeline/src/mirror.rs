//! A hint where a recording's spectrum looks mirrored beside the others': its I and Q may be exchanged.
//!
//! Exchanging I and Q mirrors a spectrum about its centre, and with it turns round what is odd in it and nothing else.
//! So the odd parts of two spectra (decibels above their floor) are correlated: near 1 where both show the same, near −1
//! where one is mirrored, near 0 where there is nothing to tell by. Slopes of filters are odd as well, and are taken
//! off. `cargo run --release -p heimdall-pipeline --example mirrored` prints how often this is right.

use crate::band::center_hz;
use crate::receivers::{SceneReceiver, unusable};
use crate::{Scene, SceneRecording};

/// Share of a recording's rate that its own filter leaves flat.
const USABLE_SHARE: f64 = 0.94;
/// Fewer pairs of bins tell nothing.
const LEAST_BINS: usize = 96;
/// Bins on either side of the centre that belong to the receiver's own offset.
const CENTER_BINS: usize = 4;
/// Correlation from which on two spectra are called the same, or mirror images.
const DECISIVE: f64 = 0.6;
/// Levels count up to this above the floor, so that one carrier does not speak for all, dB.
const MOST_DB: f64 = 20.0;
/// A weaker odd part may be what noise scatters by, or an even spectrum behind a filter that tilts, dB.
const LEAST_ODD_DB: f64 = 0.8;
/// Receivers that a sentence names.
const MOST_NAMED: usize = 3;

/// For each receiver with a recording: a sentence where it looks mirrored beside more of the others than not.
pub(crate) fn hints(scene: &Scene, receivers: &[SceneReceiver]) -> Vec<Option<String>> {
    let entries: Vec<Option<&SceneRecording>> = receivers
        .iter()
        .map(|receiver| scene.recordings.get(receiver.recording?).filter(|entry| unusable(entry).is_none()))
        .collect();
    let hint = |index: usize| {
        let this = entries.get(index).copied().flatten()?;
        let mut mirrored = Vec::new();
        let mut alike = 0_usize;
        for (other, receiver) in entries.iter().zip(receivers) {
            match other.filter(|other| other.id != this.id).and_then(|other| likeness(this, other)) {
                Some(likeness) if likeness <= -DECISIVE => mirrored.push(receiver.name.as_str()),
                Some(likeness) if likeness >= DECISIVE => alike += 1,
                _ => {}
            }
        }
        (mirrored.len() > alike).then(|| sentence(&mirrored))
    };
    (0..receivers.len()).map(hint).collect()
}

fn sentence(mirrored: &[&str]) -> String {
    let which = if mirrored.len() > 1 { "in it" } else { "in one of the two" };
    let more = if mirrored.len() > MOST_NAMED { " and others" } else { "" };
    let named: Vec<&str> = mirrored.iter().take(MOST_NAMED).copied().collect();
    format!("Its spectrum looks like the mirror image of {}{more}: I and Q may be exchanged {which}.", named.join(", "))
}

/// Correlation of the odd parts of two spectra about the centre of `this`; `None` where they do not tell.
fn likeness(this: &SceneRecording, other: &SceneRecording) -> Option<f64> {
    let half_width = |entry: &SceneRecording| {
        let known = entry.recording.center_frequency_hz.is_some();
        entry.recording.sample_rate_hz.as_ref().filter(|_| known).map(|rate| rate.value * USABLE_SHARE / 2.0)
    };
    let apart_hz = center_hz(this) - center_hz(other);
    let width_hz = half_width(this)?.min(half_width(other)? - apart_hz.abs());
    let step_hz = this.survey.spectrum.step_hz.max(other.survey.spectrum.step_hz);
    let bins = width_hz / step_hz;
    if bins.is_nan() || bins < LEAST_BINS as f64 {
        return None;
    }
    let mine = odd_part(this, 0.0, step_hz, bins as usize)?;
    let theirs = odd_part(other, apart_hz, step_hz, bins as usize)?;
    Some(dot(&mine, &theirs) / (dot(&mine, &mine) * dot(&theirs, &theirs)).sqrt())
}

/// Half the difference of the levels above and below `center_hz` (baseband), for each distance from it, without slopes.
fn odd_part(entry: &SceneRecording, center_hz: f64, step_hz: f64, bins: usize) -> Option<Vec<f64>> {
    let spectrum = &entry.survey.spectrum;
    let mut sorted = spectrum.power_dbfs.clone();
    sorted.sort_by(f32::total_cmp);
    let floor_db = f64::from(*sorted.get(sorted.len() / 2)?);
    // Mean power over the width of a step, so that a carrier between two bins is the same in both recordings.
    let level = |frequency_hz: f64| {
        let middle = (frequency_hz - spectrum.start_hz) / spectrum.step_hz;
        let reach = (step_hz / spectrum.step_hz).max(1.0);
        let (first, last) = ((middle - reach).ceil().max(0.0) as usize, (middle + reach).floor().max(0.0) as usize);
        let powers = spectrum.power_dbfs.get(first..=last).unwrap_or(&[]);
        let mean = powers.iter().map(|db| 10f64.powf(f64::from(*db) / 10.0)).sum::<f64>() / powers.len().max(1) as f64;
        (10.0 * mean.max(1e-20).log10() - floor_db).clamp(0.0, MOST_DB)
    };
    let distance_hz = |bin: usize| bin as f64 * step_hz;
    let odd = |bin: usize| (level(center_hz + distance_hz(bin)) - level(center_hz - distance_hz(bin))) / 2.0;
    let mut odd: Vec<f64> = (CENTER_BINS..bins).map(odd).collect();
    take_off_slopes(&mut odd);
    let strength_db = (dot(&odd, &odd) / odd.len().max(1) as f64).sqrt();
    (strength_db >= LEAST_ODD_DB).then_some(odd)
}

/// Takes off what is like x and like x³, by least squares.
fn take_off_slopes(odd: &mut [f64]) {
    let count = odd.len().max(1) as f64;
    let at = |index: usize| (index + 1) as f64 / count;
    let line: Vec<f64> = (0..odd.len()).map(at).collect();
    let mut cubic: Vec<f64> = line.iter().map(|x| x.powi(3)).collect();
    take_off(&mut cubic, &line);
    take_off(odd, &line);
    take_off(odd, &cubic);
}

fn take_off(values: &mut [f64], direction: &[f64]) {
    let share = dot(values, direction) / dot(direction, direction).max(f64::MIN_POSITIVE);
    values.iter_mut().zip(direction).for_each(|(value, direction)| *value -= share * direction);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
