//! Samples of one period of each waveform, before it is limited to its band.

use std::f64::consts::TAU;

use num_complex::Complex64;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use rustfft::FftPlanner;

/// Band of the noise that stands for a voice.
const VOICE_LOW_HZ: f64 = 300.0;
pub(crate) const VOICE_HIGH_HZ: f64 = 3000.0;
/// Syllables per second.
const SYLLABLE_HZ: f64 = 4.0;
/// A keyed carrier rises and falls in this time.
const KEY_EDGE_S: f64 = 0.005;
/// What its clicks are limited to.
pub(crate) const KEYED_BANDWIDTH_HZ: f64 = 500.0;
/// Where waveforms are computed before they are limited to their band.
pub(crate) struct Grid {
    pub(crate) points: usize,
    pub(crate) step_s: f64,
}

pub(crate) fn gaussian(rng: &mut ChaCha8Rng) -> Complex64 {
    Complex64::new(rng.sample(StandardNormal), rng.sample(StandardNormal))
}

/// Harmonics −order…order of one period of samples.
pub(crate) fn limited(mut samples: Vec<Complex64>, order: usize, planner: &mut FftPlanner<f64>) -> Vec<Complex64> {
    let points = samples.len();
    planner.plan_fft_forward(points).process(&mut samples);
    let wrapped = samples.iter().skip(points - order.min(points));
    wrapped.chain(samples.iter().take(order + 1)).copied().collect()
}

pub(crate) fn fsk(grid: &Grid, symbol_rate_hz: f64, deviation_hz: f64, rng: &mut ChaCha8Rng) -> Vec<Complex64> {
    let mut phase_turns = 0.0;
    let mut symbol = None;
    let mut sign = 1.0;
    (0..grid.points)
        .map(|n| {
            let current = (n as f64 * grid.step_s * symbol_rate_hz) as u64;
            if symbol != Some(current) {
                symbol = Some(current);
                sign = if rng.random::<bool>() { 1.0 } else { -1.0 };
            }
            phase_turns += sign * deviation_hz * grid.step_s;
            Complex64::cis(TAU * phase_turns)
        })
        .collect()
}

pub(crate) fn frequency_modulated(grid: &Grid, deviation_hz: f64, audio: &[f64]) -> Vec<Complex64> {
    let mut phase_turns = 0.0;
    audio
        .iter()
        .map(|value| {
            phase_turns += value * deviation_hz * grid.step_s;
            Complex64::cis(TAU * phase_turns)
        })
        .collect()
}

/// Noise of the voice band with the envelope of syllables, −1…1, peaks at three times the mean.
pub(crate) fn voice(grid: &Grid, rng: &mut ChaCha8Rng, planner: &mut FftPlanner<f64>) -> Vec<f64> {
    let tone = real_noise(grid, VOICE_LOW_HZ, VOICE_HIGH_HZ, rng, planner);
    let syllables = real_noise(grid, 0.0, SYLLABLE_HZ, rng, planner);
    let spoken = tone.iter().zip(&syllables).map(|(tone, envelope)| tone * envelope.abs());
    spoken.map(|value| (value / 3.0).clamp(-1.0, 1.0)).collect()
}

/// Real Gaussian noise of one band with unit variance.
fn real_noise(grid: &Grid, low_hz: f64, high_hz: f64, rng: &mut ChaCha8Rng, planner: &mut FftPlanner<f64>) -> Vec<f64> {
    let harmonic_hz = 1.0 / (grid.points as f64 * grid.step_s);
    let first = (low_hz / harmonic_hz).ceil() as usize;
    let last = ((high_hz / harmonic_hz) as usize).min(grid.points / 2).max(first);
    let mut bins = vec![Complex64::default(); grid.points];
    // One-sided: the real part of the result has half the power.
    let scale = 1.0 / ((last + 1 - first) as f64).sqrt();
    for bin in bins.iter_mut().take(last + 1).skip(first) {
        *bin = gaussian(rng) * scale;
    }
    planner.plan_fft_inverse(grid.points).process(&mut bins);
    bins.into_iter().map(|x| x.re).collect()
}

pub(crate) fn keyed(grid: &Grid, words_per_minute: f64, rng: &mut ChaCha8Rng) -> Vec<Complex64> {
    // The word PARIS has 50 units.
    let unit_s = 60.0 / (50.0 * words_per_minute);
    let duration_s = grid.points as f64 * grid.step_s;
    let mut level = vec![Complex64::default(); grid.points];
    let mut start_s = 0.0;
    while start_s < duration_s {
        let mark_s = if rng.random::<bool>() { unit_s } else { 3.0 * unit_s };
        let end_s = start_s + mark_s;
        let first = (start_s / grid.step_s).ceil() as usize;
        let last = (((end_s + KEY_EDGE_S) / grid.step_s) as usize).min(grid.points);
        for (n, value) in level.iter_mut().enumerate().take(last).skip(first) {
            let t_s = n as f64 * grid.step_s;
            let up = edge((t_s - start_s) / KEY_EDGE_S);
            let down = edge((end_s + KEY_EDGE_S - t_s) / KEY_EDGE_S);
            *value = Complex64::from(up.min(down));
        }
        let gap_units = match rng.random_range(0..10) {
            0..6 => 1.0,
            6..9 => 3.0,
            _ => 7.0,
        };
        start_s = end_s + gap_units * unit_s;
    }
    level
}

/// Points whose sub-carriers are summed at a time: independent sums keep the processor busy.
const LANES: usize = 8;

pub(crate) fn ofdm(
    grid: &Grid,
    subcarriers: usize,
    spacing_hz: f64,
    prefix: f64,
    rng: &mut ChaCha8Rng,
) -> Vec<Complex64> {
    let symbol_s = (1.0 + prefix) / spacing_hz;
    let lowest = -0.5 * (subcarriers as f64 - 1.0);
    let mut samples = Vec::with_capacity(grid.points);
    let mut data = vec![Complex64::default(); subcarriers];
    let mut symbol = 0;
    while samples.len() < grid.points {
        for value in &mut data {
            let sign = |one: bool| if one { 1.0 } else { -1.0 };
            *value = Complex64::new(sign(rng.random()), sign(rng.random()));
        }
        symbol += 1;
        let end = ((f64::from(symbol) * symbol_s / grid.step_s).ceil() as usize).min(grid.points);
        let start_s = f64::from(symbol - 1) * symbol_s;
        while samples.len() < end {
            let first = samples.len();
            let turns: [f64; LANES] =
                std::array::from_fn(|i| ((first + i) as f64 * grid.step_s - start_s) * spacing_hz);
            let z = turns.map(|turns| Complex64::cis(TAU * turns.fract()));
            let mut sums = [Complex64::default(); LANES];
            // Horner's scheme in z, from the highest sub-carrier down.
            for value in data.iter().rev() {
                for (sum, z) in sums.iter_mut().zip(&z) {
                    *sum = *sum * z + value;
                }
            }
            let shifted = sums.iter().zip(&turns).map(|(sum, turns)| sum * Complex64::cis(TAU * lowest * turns));
            samples.extend(shifted.take(end - first));
        }
    }
    samples
}

/// Raised-cosine step from 0 at 0 to 1 at 1.
fn edge(x: f64) -> f64 {
    0.5 - 0.5 * (x.clamp(0.0, 1.0) * TAU / 2.0).cos()
}
