//! The lag's error against its Cramér–Rao bound, by Monte Carlo.
#![allow(clippy::unwrap_used)]

use std::f64::consts::PI;

use heimdall_features::{CorrelationSettings, PairChannel, Segments, Weighting, correlate_pair};
use num_complex::Complex32;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rustfft::FftPlanner;

const RATE_HZ: f64 = 16_000.0;
const BANDWIDTH_HZ: f64 = 12_500.0;

fn gaussian(rng: &mut ChaCha8Rng) -> Complex32 {
    let (re, im): (f64, f64) = (StandardNormal.sample(rng), StandardNormal.sample(rng));
    Complex32::new(re as f32, im as f32) * std::f32::consts::FRAC_1_SQRT_2
}

/// Flat noise of unit power over `BANDWIDTH_HZ`, delayed by each of `delays_s`, plus white noise of the
/// stated ratio inside the band; circular, made in the frequency domain, so the delays are exact.
fn pair(rng: &mut ChaCha8Rng, len: usize, delays_s: [f64; 2], snr: f64) -> [Vec<Complex32>; 2] {
    let inverse = FftPlanner::new().plan_fft_inverse(len);
    let inside = (len as f64 * BANDWIDTH_HZ / RATE_HZ).sqrt() as f32;
    let signal: Vec<Complex32> = (0..len).map(|_| gaussian(rng)).collect();
    delays_s.map(|delay_s| {
        let phase = 2.0 * PI * f64::from(gaussian(rng).re);
        let mut spectrum: Vec<Complex32> = (0..len)
            .map(|k| {
                let signed = if k < len / 2 { k as f64 } else { k as f64 - len as f64 };
                let frequency = signed * RATE_HZ / len as f64;
                let turn = Complex32::from_polar(1.0, (phase - 2.0 * PI * frequency * delay_s) as f32);
                let kept = if frequency.abs() <= BANDWIDTH_HZ / 2.0 { 1.0 / inside } else { 0.0 };
                signal[k] * turn * kept
            })
            .collect();
        inverse.process(&mut spectrum);
        let noise = (RATE_HZ / BANDWIDTH_HZ / snr).sqrt() as f32;
        spectrum.into_iter().map(|sample| sample + gaussian(rng) * noise).collect()
    })
}

/// √(mean error² / bound) and √(mean error² / mean stated variance) over `trials`.
fn ratios(snr_db: f64, trials: usize, seed: u64) -> (f64, f64) {
    let snr = 10f64.powf(snr_db / 10.0);
    let len = 16_000;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let settings = CorrelationSettings::choose(RATE_HZ, 15_000.0, len, 0.5e-3);
    let bound = (1.0 + 2.0 * snr) / (snr * snr) / (2.0 * (2.0 * PI).powi(2) * BANDWIDTH_HZ.powi(3) / 12.0);
    let (mut squares, mut stated) = (0.0, 0.0);
    for trial in 0..trials {
        let lag_s = 0.4e-3 * ((trial as f64 * 0.618_034).fract() * 2.0 - 1.0);
        let channels = pair(&mut rng, len, [lag_s / 2.0, -lag_s / 2.0], snr);
        let present = 0..len;
        let segments: Vec<Segments> =
            channels.iter().map(|samples| Segments::new(samples, &present, 9e9, settings)).collect();
        let pair: Vec<PairChannel> = channels
            .iter()
            .zip(&segments)
            .map(|(samples, segments)| PairChannel { samples, present: present.clone(), segments })
            .collect();
        let result = correlate_pair(&pair[0], &pair[1], 0.5e-3).unwrap();
        let best = result.weighted.iter().find(|w| w.weighting == Weighting::MaximumLikelihood).unwrap();
        squares += (best.peaks[0].lag_s - lag_s).powi(2);
        stated += best.thermal_sigma_s.powi(2);
    }
    let ratios = ((squares / trials as f64 / bound).sqrt(), (squares / stated).sqrt());
    eprintln!(
        "{snr_db} dB: error / bound {:.3}, error / stated {:.3}, bound {:.1} ns",
        ratios.0,
        ratios.1,
        bound.sqrt() * 1e9
    );
    ratios
}

/// Bound: var(τ) ≥ (1+2s)/s² / (2T(2π)²B³/12) for a flat band and two noisy copies.
#[test]
fn lag_error_reaches_the_bound_and_is_stated_honestly() {
    for (snr_db, seed) in [(10.0, 1), (20.0, 2), (30.0, 3)] {
        let (to_bound, to_stated) = ratios(snr_db, 300, seed);
        // 300 trials know a standard deviation to 4 %.
        assert!((0.9..1.15).contains(&to_bound), "{snr_db} dB: {to_bound} of the bound");
        assert!((0.88..1.13).contains(&to_stated), "{snr_db} dB: {to_stated} of the stated sigma");
    }
}
