//! Gains of receivers from known transmitters, against what was drawn.
#![allow(clippy::unwrap_used)]

use heimdall_localize::{GainModel, GainReading, NoGains, estimate_gains};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

const MODEL: GainModel = GainModel { exponent_mean: 3.0, exponent_sigma: 0.5, shadowing_db: 6.0 };

/// Gains, and levels of `emissions` at all receivers with shadowing of `shadowing_db`.
fn drawn(seed: u64, receivers: usize, emissions: usize, shadowing_db: f64) -> (Vec<f64>, Vec<GainReading>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    let gains: Vec<f64> = (0..receivers).map(|_| 10.0 * normal()).collect();
    let exponent = 3.0 + 0.5 * normal();
    let mut readings = Vec::new();
    for emission in 0..emissions {
        let power = 30.0 * normal();
        for (receiver, gain) in gains.iter().enumerate() {
            let distance_m = 40e3 * (0.8 * normal()).exp();
            let loss = 10.0 * exponent * (distance_m / 1e3).log10();
            let level_db = power - loss + gain + shadowing_db * normal() + normal();
            readings.push(GainReading { emission, receiver, distance_m, level_db, sigma_db: 1.0 });
        }
    }
    (gains, readings)
}

fn relative(gains: &[f64]) -> Vec<f64> {
    let mean = gains.iter().sum::<f64>() / gains.len() as f64;
    gains.iter().map(|gain| gain - mean).collect()
}

#[test]
fn errors_are_as_large_as_stated_whatever_the_shadowing_is() {
    for (shadowing_db, receivers, emissions) in [(3.0, 5, 10), (6.0, 5, 10), (9.0, 5, 10), (6.0, 4, 7), (6.0, 8, 25)] {
        let (mut squares, mut within, mut count) = (0.0f64, 0.0, 0.0);
        for seed in 0..300 {
            let (truth, readings) = drawn(seed, receivers, emissions, shadowing_db);
            let found = estimate_gains(&readings, receivers, MODEL, None).unwrap();
            for (gain, truth) in found.gains.iter().zip(relative(&truth)) {
                let gain = gain.unwrap();
                let off = (gain.offset_db - truth) / gain.sigma_db;
                squares += off * off;
                within += f64::from(u8::from(off.abs() < 1.96));
                count += 1.0;
            }
        }
        let (root, share) = ((squares / count).sqrt(), within / count);
        println!(
            "shadowing {shadowing_db} dB, {receivers} receivers, {emissions} emissions: errors {root:.3} σ, 95 % hold {:.1} %",
            100.0 * share
        );
        assert!((0.85..1.15).contains(&root), "shadowing {shadowing_db} dB: {root} σ");
        assert!((0.92..0.98).contains(&share), "shadowing {shadowing_db} dB: {share}");
    }
}

#[test]
fn without_noise_the_gains_are_exact() {
    // The sums of the normal equations leave a few parts in 1e9.
    let (truth, mut readings) = drawn(5, 4, 6, 0.0);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for reading in &mut readings {
        let power = 10.0 * reading.emission as f64;
        reading.level_db = power - 30.0 * (reading.distance_m / 1e3).log10() + truth[reading.receiver];
    }
    let fixed = estimate_gains(&readings, 4, MODEL, Some(2)).unwrap();
    for (gain, truth_db) in fixed.gains.iter().zip(&truth) {
        assert!((gain.unwrap().offset_db - (truth_db - truth[2])).abs() < 1e-3);
    }
    assert_eq!(fixed.gains[2].unwrap().sigma_db, 0.0);
    // One level that is 40 dB off hardly moves them and is named.
    let wrong = rng.random_range(0..readings.len());
    for reading in &mut readings {
        reading.level_db += 0.5 * <StandardNormal as Distribution<f64>>::sample(&StandardNormal, &mut rng);
    }
    readings[wrong].level_db += 40.0;
    let robust = estimate_gains(&readings, 4, MODEL, None).unwrap();
    assert_eq!(robust.contradicted, [wrong]);
    for (gain, truth) in robust.gains.iter().zip(relative(&truth)) {
        assert!((gain.unwrap().offset_db - truth).abs() < 1.5, "{gain:?} is not {truth}");
    }
}

#[test]
fn receivers_without_a_common_emission_are_not_compared() {
    let (_, readings) = drawn(1, 4, 4, 3.0);
    let apart: Vec<GainReading> =
        readings.into_iter().filter(|reading| (reading.emission < 2) == (reading.receiver < 2)).collect();
    assert_eq!(estimate_gains(&apart, 4, MODEL, None), Err(NoGains::Apart(2, 0)));
    assert_eq!(estimate_gains(&[], 4, MODEL, None), Err(NoGains::NoLevels));
    assert_eq!(estimate_gains(&apart[..1], 4, MODEL, Some(3)), Err(NoGains::FixedUnheard));
}
