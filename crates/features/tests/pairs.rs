//! Correlations of pairs in the situations that real receivers make.
#![allow(clippy::unwrap_used)]

use std::f64::consts::PI;
use std::ops::Range;

use heimdall_features::{
    CorrelationSettings, PairChannel, PairCorrelation, Segments, WeightedCorrelation, Weighting, correlate_pair,
};
use num_complex::Complex32;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rustfft::FftPlanner;

const RATE_HZ: f64 = 16_000.0;
const BANDWIDTH_HZ: f64 = 12_500.0;
const LEN: usize = 16_000;
const MAX_LAG_S: f64 = 1e-3;
/// A notch outside the band.
const NO_NOTCH: f64 = 9e9;
/// Below it a correlation counts as noise (heimdall-localize's verdict).
const DETECTED: f64 = 30.0;

fn gaussian(rng: &mut ChaCha8Rng) -> Complex32 {
    let (re, im): (f64, f64) = (StandardNormal.sample(rng), StandardNormal.sample(rng));
    Complex32::new(re as f32, im as f32) * std::f32::consts::FRAC_1_SQRT_2
}

/// Flat Gaussian noise of unit power over the band, as its spectrum.
fn emission(rng: &mut ChaCha8Rng) -> Vec<Complex32> {
    let scale = (RATE_HZ / BANDWIDTH_HZ).sqrt() as f32 / (LEN as f32).sqrt();
    (0..LEN)
        .map(|k| if frequency_hz(k).abs() <= BANDWIDTH_HZ / 2.0 { gaussian(rng) * scale } else { Complex32::ZERO })
        .collect()
}

fn frequency_hz(k: usize) -> f64 {
    let signed = if k < LEN / 2 { k as f64 } else { k as f64 - LEN as f64 };
    signed * RATE_HZ / LEN as f64
}

/// What a receiver hears of an emission over paths of (delay, amplitude), with white noise at −`snr_db` in the band.
fn heard(rng: &mut ChaCha8Rng, emission: &[Complex32], paths: &[(f64, f32)], snr_db: f64) -> Vec<Complex32> {
    let mut samples: Vec<Complex32> = emission
        .iter()
        .enumerate()
        .map(|(k, value)| {
            let turn = |delay_s: f64| Complex32::from_polar(1.0, (-2.0 * PI * frequency_hz(k) * delay_s) as f32);
            value * paths.iter().map(|(delay_s, amplitude)| turn(*delay_s) * *amplitude).sum::<Complex32>()
        })
        .collect();
    FftPlanner::new().plan_fft_inverse(LEN).process(&mut samples);
    let noise = (10f64.powf(-snr_db / 10.0) * RATE_HZ / BANDWIDTH_HZ).sqrt() as f32;
    // Receivers share no oscillator.
    let phase = Complex32::from_polar(1.0, 100.0 * gaussian(rng).re);
    samples.into_iter().map(|sample| sample * phase + gaussian(rng) * noise).collect()
}

fn correlate_present(
    channels: [&[Complex32]; 2],
    present: [Range<usize>; 2],
    notches_hz: [f64; 2],
) -> Option<PairCorrelation> {
    let settings = CorrelationSettings::choose(RATE_HZ, 15_000.0, channels[0].len(), MAX_LAG_S);
    let segments = [0, 1].map(|i| Segments::new(channels[i], &present[i], notches_hz[i], settings));
    let pair =
        [0, 1].map(|i| PairChannel { samples: channels[i], present: present[i].clone(), segments: &segments[i] });
    correlate_pair(&pair[0], &pair[1], MAX_LAG_S)
}

fn correlate(a: &[Complex32], b: &[Complex32]) -> PairCorrelation {
    correlate_present([a, b], [0..a.len(), 0..b.len()], [NO_NOTCH; 2]).unwrap()
}

fn with(correlation: &PairCorrelation, weighting: Weighting) -> &WeightedCorrelation {
    correlation.weighted.iter().find(|w| w.weighting == weighting).unwrap()
}

const ALL: [Weighting; 3] = [Weighting::Plain, Weighting::HalfWhitened, Weighting::MaximumLikelihood];

#[test]
fn a_common_emission_is_detected_at_its_lag_by_every_weighting() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let emission = emission(&mut rng);
    let a = heard(&mut rng, &emission, &[(400e-6, 1.0)], 20.0);
    let b = heard(&mut rng, &emission, &[(150e-6, 1.0)], 20.0);
    let result = correlate(&a, &b);
    for weighting in ALL {
        let found = with(&result, weighting);
        assert!((found.peaks[0].lag_s - 250e-6).abs() < 0.3e-6, "{weighting:?}: {}", found.peaks[0].lag_s);
        assert!(found.detection > 1000.0, "{weighting:?}: {}", found.detection);
    }
    // |γ| = s/(1+s) with s the ratio over the band of 15 kHz that is correlated, a little more than the emission's.
    let s = 100.0 * BANDWIDTH_HZ / 15_000.0;
    assert!((result.peak - s / (1.0 + s)).abs() < 0.06, "{}", result.peak);
    // The same, the other way round.
    let back = correlate(&b, &a);
    assert!((with(&back, Weighting::Plain).peaks[0].lag_s + 250e-6).abs() < 0.3e-6);
}

#[test]
fn two_different_emissions_are_not_detected() {
    let mut most: f64 = 0.0;
    for seed in 0..25 {
        let mut rng = ChaCha8Rng::seed_from_u64(100 + seed);
        let (one, other) = (emission(&mut rng), emission(&mut rng));
        let a = heard(&mut rng, &one, &[(0.0, 1.0)], 20.0);
        let b = heard(&mut rng, &other, &[(0.0, 1.0)], 20.0);
        let result = correlate(&a, &b);
        assert!(result.peak < 0.3, "{}", result.peak);
        for found in &result.weighted {
            most = most.max(found.detection);
            // What it says of the lag must not exclude anything by much.
            assert!(found.detection < DETECTED, "seed {seed}, {:?}: {}", found.weighting, found.detection);
        }
    }
    eprintln!("largest detection of nothing: {most}");
}

#[test]
fn noise_alone_is_not_detected() {
    for seed in 0..25 {
        let mut rng = ChaCha8Rng::seed_from_u64(200 + seed);
        let a: Vec<Complex32> = (0..LEN).map(|_| gaussian(&mut rng)).collect();
        let b: Vec<Complex32> = (0..LEN).map(|_| gaussian(&mut rng)).collect();
        for found in &correlate(&a, &b).weighted {
            assert!(found.detection < DETECTED, "seed {seed}, {:?}: {}", found.weighting, found.detection);
        }
    }
}

/// Local maxima of the drawn curve above a share of its highest, as lags.
fn humps_s(correlation: &PairCorrelation, share: f32) -> Vec<f64> {
    let least = share * correlation.curve.iter().copied().fold(0.0, f32::max);
    correlation
        .curve
        .windows(3)
        .enumerate()
        .filter(|(_, w)| w[1] >= w[0] && w[1] > w[2] && w[1] > least)
        .map(|(n, _)| correlation.curve_start_s + (n + 1) as f64 * correlation.curve_step_s)
        .collect()
}

#[test]
fn two_paths_show_as_two_peaks() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let emission = emission(&mut rng);
    let a = heard(&mut rng, &emission, &[(0.0, 1.0)], 20.0);
    // The second path is 400 µs longer, five times the width of the correlation's peak.
    let b = heard(&mut rng, &emission, &[(200e-6, 1.0), (600e-6, 0.8)], 20.0);
    let result = correlate(&a, &b);
    let humps = humps_s(&result, 0.6);
    assert_eq!(humps.len(), 2, "{humps:?}");
    for (hump, lag_s) in humps.iter().zip([-600e-6, -200e-6]) {
        assert!((hump - lag_s).abs() < 10e-6, "{humps:?}");
    }
    // The stronger path is the better peak.
    assert!((with(&result, Weighting::Plain).peaks[0].lag_s + 200e-6).abs() < 5e-6);
}

#[test]
fn where_noise_may_have_chosen_the_higher_of_two_paths_both_stay_candidates() {
    let mut both = 0;
    for seed in 0..10 {
        let mut rng = ChaCha8Rng::seed_from_u64(300 + seed);
        let emission = emission(&mut rng);
        let a = heard(&mut rng, &emission, &[(0.0, 1.0)], -9.0);
        let b = heard(&mut rng, &emission, &[(200e-6, 1.0), (600e-6, 1.0)], -9.0);
        let result = correlate(&a, &b);
        let peaks = &with(&result, Weighting::Plain).peaks;
        let near = |lag_s: f64| peaks.iter().any(|peak| (peak.lag_s - lag_s).abs() < 15e-6);
        both += usize::from(near(-200e-6) && near(-600e-6));
    }
    assert!(both >= 9, "{both} of 10");
}

#[test]
fn direct_current_of_both_receivers_makes_no_peak_at_lag_zero() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let emission = emission(&mut rng);
    let leakage = Complex32::new(20.0, 10.0);
    let leaky = |samples: Vec<Complex32>| -> Vec<Complex32> { samples.into_iter().map(|s| s + leakage).collect() };
    let a = leaky(heard(&mut rng, &emission, &[(400e-6, 1.0)], 10.0));
    let b = leaky(heard(&mut rng, &emission, &[(100e-6, 1.0)], 10.0));
    let whole = [0..LEN, 0..LEN];
    let result = correlate_present([&a, &b], whole.clone(), [0.0; 2]).unwrap();
    for found in &result.weighted {
        assert!((found.peaks[0].lag_s - 300e-6).abs() < 1e-6, "{:?}: {:?}", found.weighting, found.peaks);
    }
    // Without the notch the leakage, 27 dB above the signal, is what plain correlation finds.
    let without = correlate_present([&a, &b], whole.clone(), [NO_NOTCH; 2]).unwrap();
    assert!((with(&without, Weighting::Plain).peaks[0].lag_s - 300e-6).abs() > 50e-6);
    // Nothing in common but leakage is nothing.
    let a = leaky((0..LEN).map(|_| gaussian(&mut rng)).collect());
    let b = leaky((0..LEN).map(|_| gaussian(&mut rng)).collect());
    for found in &correlate_present([&a, &b], whole, [0.0; 2]).unwrap().weighted {
        assert!(found.detection < DETECTED, "{:?}: {}", found.weighting, found.detection);
    }
}

#[test]
fn oscillators_a_hertz_apart_do_not_move_the_lag() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let emission = emission(&mut rng);
    let a = heard(&mut rng, &emission, &[(400e-6, 1.0)], 20.0);
    let turn = |n: usize| Complex32::from_polar(1.0, (2.0 * PI * 1.0 * n as f64 / RATE_HZ) as f32);
    let b: Vec<Complex32> = heard(&mut rng, &emission, &[(100e-6, 1.0)], 20.0)
        .into_iter()
        .enumerate()
        .map(|(n, sample)| sample * turn(n))
        .collect();
    for found in &correlate(&a, &b).weighted {
        assert!((found.peaks[0].lag_s - 300e-6).abs() < 0.5e-6, "{:?}: {:?}", found.weighting, found.peaks[0]);
        assert!(found.detection > 1000.0);
    }
}

#[test]
fn recordings_that_overlap_in_part_are_correlated_where_both_are() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let emission = emission(&mut rng);
    let mut a = heard(&mut rng, &emission, &[(400e-6, 1.0)], 20.0);
    let mut b = heard(&mut rng, &emission, &[(100e-6, 1.0)], 20.0);
    // One starts late, the other ends early; what is missing is zero.
    let present = [LEN / 4..LEN, 0..LEN / 4 * 3];
    a[..LEN / 4].fill(Complex32::ZERO);
    b[LEN / 4 * 3..].fill(Complex32::ZERO);
    let whole = correlate(&a, &b);
    let result = correlate_present([&a, &b], present, [NO_NOTCH; 2]).unwrap();
    assert!(result.segments < whole.segments && result.segments >= whole.segments / 2 - 2, "{}", result.segments);
    for found in &result.weighted {
        assert!((found.peaks[0].lag_s - 300e-6).abs() < 0.5e-6, "{:?}: {:?}", found.weighting, found.peaks[0]);
    }
    // Half of the time knows the lag √2 times less well; zeros must not pass for certainty.
    let sigma = |correlation: &PairCorrelation| with(correlation, Weighting::MaximumLikelihood).thermal_sigma_s;
    let full = correlate(
        &heard(&mut rng, &emission, &[(400e-6, 1.0)], 20.0),
        &heard(&mut rng, &emission, &[(100e-6, 1.0)], 20.0),
    );
    let ratio = sigma(&result) / sigma(&full);
    assert!((1.2..1.7).contains(&ratio), "{ratio}");
}

#[test]
fn recordings_without_a_common_segment_have_no_correlation() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let samples: Vec<Complex32> = (0..LEN).map(|_| gaussian(&mut rng)).collect();
    for present in [[0..LEN / 2, LEN / 2..LEN], [0..0, 0..LEN], [0..100, 0..100]] {
        assert_eq!(correlate_present([&samples, &samples], present, [NO_NOTCH; 2]), None);
    }
}

#[test]
fn very_short_recordings_are_none_and_not_a_panic() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let samples: Vec<Complex32> = (0..600).map(|_| gaussian(&mut rng)).collect();
    for len in [0, 1, 2, 15, 16, 63, 64, 100, 127] {
        let cut = &samples[..len];
        assert_eq!(correlate_present([cut, cut], [0..len, 0..len], [NO_NOTCH; 2]), None, "{len} samples");
    }
    // From one segment on there may be an answer; it must not be nonsense.
    for len in [128, 129, 200, 255, 256, 400, 600] {
        let cut = &samples[..len];
        for found in correlate_present([cut, cut], [0..len, 0..len], [0.0; 2]).iter().flat_map(|r| &r.weighted) {
            assert!(found.thermal_sigma_s.is_finite() && found.thermal_sigma_s > 0.0, "{len} samples");
            assert!(found.peaks.iter().all(|peak| peak.lag_s.is_finite()), "{len} samples");
        }
    }
}

#[test]
fn silence_has_no_correlation() {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let silence = vec![Complex32::ZERO; LEN];
    let noise: Vec<Complex32> = (0..LEN).map(|_| gaussian(&mut rng)).collect();
    for other in [&silence, &noise] {
        assert_eq!(correlate_present([&silence, other], [0..LEN, 0..LEN], [NO_NOTCH; 2]), None);
    }
}
