//! Receivers and signals that the tests share.
#![allow(dead_code, clippy::unwrap_used)]

use std::f64::consts::TAU;

use heimdall_model::{Constellation, ReceiverInput, Site};
use heimdall_recording::Position;
use num_complex::{Complex32, Complex64};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rustfft::FftPlanner;

pub const RATE_HZ: f64 = 192_000.0;

/// Receiver `index`, a degree of longitude (111 km) east of the one before; its name is its index.
pub fn site(index: usize) -> Site {
    let position = Position { latitude_deg: 0.1, longitude_deg: 10.0 + index as f64 };
    Site { name: index.to_string(), position }
}

/// `count` receivers in a row along the equator.
pub fn constellation(count: usize) -> Constellation {
    Constellation::new("row".into(), (0..count).map(site).collect()).unwrap()
}

/// A recording from time 0 with −30 dBm at full scale and a common clock.
pub fn input(samples: &[Complex32]) -> ReceiverInput<'_> {
    ReceiverInput { samples, sample_rate_hz: RATE_HZ, full_scale_dbm: -30.0, start_s: 0.0, common_clock: true }
}

/// A second of a tone.
pub fn tone(frequency_hz: f64, amplitude: f32) -> Vec<Complex32> {
    let sample = |n: i32| Complex64::cis(TAU * (frequency_hz * f64::from(n) / RATE_HZ).fract());
    (0..RATE_HZ as i32).map(sample).map(|z| Complex32::new(z.re as f32, z.im as f32) * amplitude).collect()
}

/// A second of white noise with this root mean square.
pub fn noise(rng: &mut ChaCha8Rng, rms: f32) -> Vec<Complex32> {
    let mut draw = || -> f32 { StandardNormal.sample(rng) };
    let scale = rms / 2f32.sqrt();
    (0..RATE_HZ as usize).map(|_| Complex32::new(draw(), draw()) * scale).collect()
}

/// A second of noise of power 1 in a band and nowhere else; it continues from its end to its beginning.
pub fn band_noise(rng: &mut ChaCha8Rng, center_hz: f64, bandwidth_hz: f64) -> Vec<Complex32> {
    let count = RATE_HZ as usize;
    // A second has a bin per hertz.
    let first = (center_hz - bandwidth_hz / 2.0) as i32;
    let mut draw = || -> f32 { StandardNormal.sample(rng) };
    let mut samples = vec![Complex32::default(); count];
    for bin in first..first + bandwidth_hz as i32 {
        samples[bin.rem_euclid(count as i32) as usize] = Complex32::new(draw(), draw());
    }
    FftPlanner::new().plan_fft_inverse(count).process(&mut samples);
    let power = samples.iter().map(|sample| f64::from(sample.norm_sqr())).sum::<f64>() / count as f64;
    samples.into_iter().map(|sample| sample / power.sqrt() as f32).collect()
}
