//! What each expert says of a place, against exact likelihoods; and that `rise` bounds what a cell may hide.
#![allow(clippy::unwrap_used)]

mod common;

use common::{all_lags, at, generator, inverse, judged, lag, normal, ranges, receivers};
use heimdall_features::{LagPeak, PairCorrelation, WeightedCorrelation, Weighting};
use heimdall_localize::{
    BearingExpert, BearingObservation, Expert, LagComponent, LevelExpert, LevelObservation, LevelPrior, Likelihood,
    Receiver, SPEED_OF_LIGHT_M_PER_S, TdoaExpert, combine_weightings,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

const PLACES_M: [[f64; 2]; 6] = [[-20e3, 3e3], [14e3, -9e3], [6e3, 22e3], [-8e3, -17e3], [25e3, 11e3], [1e3, 9e3]];

fn gaussian(x: f64, mean: f64, sigma: f64) -> f64 {
    (-0.5 * ((x - mean) / sigma).powi(2)).exp() / sigma / (2.0 * std::f64::consts::PI).sqrt()
}

/// ∫∫ Σ_s p(s) Πᵢ N(Lᵢ; P − 10 n log₁₀ dᵢ, s² + σᵢ²) N(P) N(n) dP dn on a grid of ±8 σ.
fn level_by_integration(levels: &[LevelObservation], prior: &LevelPrior, distances_m: &[f64]) -> f64 {
    const STEPS: i32 = 1200;
    let step = 16.0 / f64::from(STEPS);
    let mut sum = 0.0;
    for power_step in 0..=STEPS {
        let power_sigmas = f64::from(power_step) * step - 8.0;
        let power_db = prior.power_mean_db + prior.power_sigma_db * power_sigmas;
        for exponent_step in 0..=STEPS / 4 {
            let exponent_sigmas = f64::from(exponent_step) * 4.0 * step - 8.0;
            let exponent = prior.exponent_mean + prior.exponent_sigma * exponent_sigmas;
            let weight = gaussian(power_sigmas, 0.0, 1.0) * gaussian(exponent_sigmas, 0.0, 1.0) * step * 4.0 * step;
            for (shadowing_db, probability) in &prior.shadowing_db {
                let product: f64 = levels
                    .iter()
                    .map(|level| {
                        let mean = power_db - 10.0 * exponent * (distances_m[level.receiver] / 1000.0).log10();
                        gaussian(level.level_db, mean, shadowing_db.hypot(level.sigma_db))
                    })
                    .product();
                sum += weight * probability * product;
            }
        }
    }
    sum.ln()
}

#[test]
fn level_expert_is_the_integral_over_power_exponent_and_shadowing() {
    let receivers = receivers(&PLACES_M[..4]);
    let levels: Vec<LevelObservation> = [(-95.0, 1.0), (-101.0, 2.0), (-88.0, 0.5), (-110.0, 3.0)]
        .into_iter()
        .enumerate()
        .map(|(receiver, (level_db, sigma_db))| LevelObservation { receiver, level_db, sigma_db })
        .collect();
    let prior = LevelPrior { power_sigma_db: 12.0, ..LevelPrior::default() };
    let expert = LevelExpert::new(levels.clone(), prior.clone());
    // The expert leaves out the constant (2π)^(−4/2).
    let constant = 2.0 * (2.0 * std::f64::consts::PI).ln();
    for place in [[3e3, 5e3], [-40e3, 10e3], [14.2e3, -9e3], [70e3, -60e3]] {
        let got = judged(&receivers, at(place), 0.0, |place| expert.judge(place).log_mean);
        let (distances_m, _) = ranges(&receivers, at(place));
        let want = level_by_integration(&levels, &prior, &distances_m) + constant;
        assert!((got - want).abs() < 1e-6, "{place:?}: {got} is not {want}");
    }
}

/// ln N(t; d/c + t₀·1, diag(σ²)) with t₀ of a flat prior integrated out:
/// −½ (e − ē)ᵀ W (e − ē), e = t − d/c, ē its weighted mean.
fn exact_tdoa(receivers: &[Receiver], arrival_s: &[f64], sigmas_s: &[f64], place: [f64; 2]) -> f64 {
    let (distances_m, _) = ranges(receivers, at(place));
    let error: Vec<f64> = arrival_s.iter().zip(&distances_m).map(|(t, d)| t - d / SPEED_OF_LIGHT_M_PER_S).collect();
    let weight: Vec<f64> = sigmas_s.iter().map(|s| 1.0 / (s * s)).collect();
    let mean = error.iter().zip(&weight).map(|(e, w)| e * w).sum::<f64>() / weight.iter().sum::<f64>();
    -0.5 * error.iter().zip(&weight).map(|(e, w)| w * (e - mean).powi(2)).sum::<f64>()
}

#[test]
fn all_pairs_together_are_the_exact_likelihood_with_the_emission_time_unknown() {
    let truth = [3e3, 5e3];
    let geodesy = heimdall_localize::Geodesy::default();
    let mut rng = generator(7);
    // Unequal receivers, with and without a bias common to all; two receivers and many.
    for (count, bias_s) in [(2, 0.0), (3, 0.0), (4, 40e-9), (6, 0.0), (6, 150e-9)] {
        let receivers = receivers(&PLACES_M[..count]);
        let noise_s: Vec<f64> = (0..count).map(|_| 1e-7 * (1.0 + 2.0 * rng.random::<f64>())).collect();
        let total_s: Vec<f64> = noise_s.iter().map(|noise: &f64| noise.hypot(bias_s)).collect();
        let errors_s: Vec<f64> = total_s.iter().map(|sigma| sigma * normal(&mut rng)).collect();
        let mut pairs = all_lags(&receivers, at(truth), &errors_s, &noise_s);
        // So long a range of lags that the floor of outliers vanishes.
        pairs.iter_mut().for_each(|pair| pair.max_lag_s = 1e6);
        let expert = TdoaExpert::new(&pairs, bias_s);
        let arrival_s: Vec<f64> = receivers
            .iter()
            .zip(&errors_s)
            .map(|(r, e)| geodesy.distance_m(r.position, at(truth)) / SPEED_OF_LIGHT_M_PER_S + e)
            .collect();
        let offset = |place: [f64; 2]| {
            judged(&receivers, at(place), 0.0, |place| expert.judge(place).log_mean)
                - exact_tdoa(&receivers, &arrival_s, &total_s, place)
        };
        let reference = offset(truth);
        for _ in 0..20 {
            let place = [truth[0] + 60.0 * normal(&mut rng), truth[1] + 60.0 * normal(&mut rng)];
            let off = (offset(place) - reference).abs();
            assert!(off < 1e-4, "{count} receivers, bias {bias_s} s: off by {off} at {place:?}");
        }
    }
}

/// The covariance σ²(I + 11ᵀ) of lags against a reference gives the same likelihood: Chan & Ho's form.
#[test]
fn the_reference_receiver_does_not_matter() {
    let receivers = receivers(&PLACES_M[..4]);
    let sigmas_s = [1e-7, 3e-7, 2e-7, 1.5e-7];
    let truth = [3e3, 5e3];
    let mut pairs = all_lags(&receivers, at(truth), &[2e-7, -1e-7, 0.5e-7, 1e-7], &sigmas_s);
    pairs.iter_mut().for_each(|pair| pair.max_lag_s = 1e6);
    let expert = TdoaExpert::new(&pairs, 0.0);
    for reference in 0..4 {
        let others: Vec<usize> = (0..4).filter(|other| *other != reference).collect();
        let lag_s = |other: usize| {
            let pair = pairs
                .iter()
                .find(|p| {
                    (p.first.min(p.second), p.first.max(p.second)) == (other.min(reference), other.max(reference))
                })
                .unwrap();
            if pair.first == other { pair.evidence.components[0].lag_s } else { -pair.evidence.components[0].lag_s }
        };
        let covariance: Vec<Vec<f64>> = others
            .iter()
            .map(|i| {
                others
                    .iter()
                    .map(|j| sigmas_s[reference].powi(2) + if i == j { sigmas_s[*i].powi(2) } else { 0.0 })
                    .collect()
            })
            .collect();
        let (weight, _) = inverse(&covariance);
        let exact = |place: [f64; 2]| {
            let (d, _) = ranges(&receivers, at(place));
            let error: Vec<f64> =
                others.iter().map(|i| lag_s(*i) - (d[*i] - d[reference]) / SPEED_OF_LIGHT_M_PER_S).collect();
            let mut sum = 0.0;
            for (i, a) in error.iter().enumerate() {
                for (j, b) in error.iter().enumerate() {
                    sum += a * weight[i][j] * b;
                }
            }
            -0.5 * sum
        };
        let got = |place: [f64; 2]| judged(&receivers, at(place), 0.0, |place| expert.judge(place).log_mean);
        let moved = [truth[0] + 80.0, truth[1] - 45.0];
        assert!(((got(moved) - got(truth)) - (exact(moved) - exact(truth))).abs() < 1e-4, "reference {reference}");
    }
}

#[test]
fn a_lag_that_no_peak_explains_costs_what_the_outlier_floor_says_and_no_more() {
    let receivers = receivers(&PLACES_M[..2]);
    let sigma_m = 30.0;
    let range_m = 2e-4 * SPEED_OF_LIGHT_M_PER_S;
    let pairs = [lag(0, 1, 0.0, sigma_m / SPEED_OF_LIGHT_M_PER_S, 1e-4)];
    let expert = TdoaExpert::new(&pairs, 0.0);
    // A mixture of 1 ‰ uniform over ±max_lag and the Gaussian, in units of 1/√(2π).
    let floor = 1e-3 * (2.0 * std::f64::consts::PI).sqrt() / range_m;
    let far = judged(&receivers, at([60e3, -40e3]), 0.0, |place| expert.judge(place).log_mean);
    assert!((far - floor.ln()).abs() < 1e-9, "{far} is not {}", floor.ln());
}

/// Places uniform in the disc of the cell, on the geodesics of the ellipsoid.
fn highest_within(
    rng: &mut ChaCha8Rng,
    receivers: &[Receiver],
    expert: &dyn Expert,
    middle: [f64; 2],
    radius_m: f64,
) -> f64 {
    (0..150)
        .map(|_| {
            let (r, angle) = (radius_m * rng.random::<f64>().sqrt(), rng.random::<f64>() * std::f64::consts::TAU);
            let place = [middle[0] + r * angle.cos(), middle[1] + r * angle.sin()];
            judged(receivers, at(place), 0.0, |place| expert.judge(place).log_mean)
        })
        .fold(f64::NEG_INFINITY, f64::max)
}

/// Largest violation of the promise over random cells.
fn worst_violation(
    rng: &mut ChaCha8Rng,
    receivers: &[Receiver],
    expert: &dyn Expert,
    truth_m: [f64; 2],
    cells: usize,
    extent_m: f64,
) -> f64 {
    let mut worst = f64::NEG_INFINITY;
    for _ in 0..cells {
        // Half of them near the truth, where narrow peaks hide; sizes over four decades.
        let radius_m = 0.2 * extent_m * 10f64.powf(-4.0 * rng.random::<f64>());
        let spread_m = if rng.random::<bool>() { 2.0 * radius_m } else { extent_m };
        let middle = truth_m.map(|axis| axis + spread_m * (2.0 * rng.random::<f64>() - 1.0));
        let Likelihood { log_mean: value, rise } = judged(receivers, at(middle), radius_m, |place| expert.judge(place));
        assert!(rise >= -1e-9, "a rise of {rise}");
        worst = worst.max(highest_within(rng, receivers, expert, middle, radius_m) - value - rise);
    }
    worst
}

#[test]
fn rise_of_tdoa_bounds_what_a_cell_may_hide() {
    let mut rng = generator(11);
    // A pair's angle is taken from the azimuths at its receivers; the meridians' convergence between them
    // is left out, which costs a little at the size of a continent.
    for (extent_m, sigma_s, allowed) in [(50e3, 1e-7, 1e-3), (400e3, 20e-6, 0.02), (1_500e3, 100e-6, 0.3)] {
        for _ in 0..6 {
            let places: Vec<[f64; 2]> =
                (0..5).map(|_| [(); 2].map(|()| extent_m * (rng.random::<f64>() - 0.5))).collect();
            let receivers = receivers(&places);
            let truth = [(); 2].map(|()| extent_m * (rng.random::<f64>() - 0.5));
            let sigmas_s: Vec<f64> = (0..5).map(|_| sigma_s * (0.3 + rng.random::<f64>())).collect();
            let mut pairs = all_lags(&receivers, at(truth), &[0.0; 5], &sigmas_s);
            for pair in &mut pairs {
                let first = &mut pair.evidence.components[0];
                first.weight = 0.7;
                let other = LagComponent { lag_s: first.lag_s + 9.0 * sigma_s, weight: 0.3, ..*first };
                pair.evidence.components.push(other);
            }
            let expert = TdoaExpert::new(&pairs, 0.1 * sigma_s);
            let worst = worst_violation(&mut rng, &receivers, &expert, truth, 120, extent_m);
            assert!(worst < allowed, "{extent_m} m: hides {worst} more than it says");
        }
    }
}

#[test]
fn rise_of_bearings_bounds_what_a_cell_may_hide() {
    let mut rng = generator(12);
    for _ in 0..6 {
        let receivers = receivers(&PLACES_M[..3]);
        let truth = [(); 2].map(|()| 40e3 * (rng.random::<f64>() - 0.5));
        let (_, directions) = ranges(&receivers, at(truth));
        let bearings = directions
            .iter()
            .enumerate()
            .map(|(receiver, [east, north])| {
                let bearing_deg = east.atan2(*north).to_degrees();
                BearingObservation { receiver, bearing_deg, sigma_deg: 2.0 }
            })
            .collect();
        let worst = worst_violation(&mut rng, &receivers, &BearingExpert::new(bearings), truth, 150, 50e3);
        assert!(worst < 1e-6, "hides {worst} more than it says");
    }
}

#[test]
fn rise_of_levels_bounds_what_a_cell_may_hide() {
    let mut rng = generator(13);
    for _ in 0..12 {
        let receivers = receivers(&PLACES_M);
        let truth = [(); 2].map(|()| 40e3 * (rng.random::<f64>() - 0.5));
        let (distances_m, _) = ranges(&receivers, at(truth));
        let (exponent, shadowing) = (3.0 + 0.5 * normal(&mut rng), 2.0 + 6.0 * rng.random::<f64>());
        let levels = distances_m
            .iter()
            .enumerate()
            .map(|(receiver, d)| LevelObservation {
                receiver,
                level_db: -60.0 - 10.0 * exponent * (d / 1000.0).log10() + shadowing * normal(&mut rng),
                sigma_db: 1.0,
            })
            .collect();
        let expert = LevelExpert::new(levels, LevelPrior::default());
        let worst = worst_violation(&mut rng, &receivers, &expert, truth, 200, 100e3);
        assert!(worst < 1e-6, "hides {worst} more than it says");
    }
}

/// Lags of a bare carrier are random, however sharp each correlation claims to be: around the triangle
/// they do not close, and then no stated σ is believed.
#[test]
fn lags_that_do_not_close_lose_their_precision() {
    let pair = |lag_s: f64| {
        let weighted = [Weighting::Plain, Weighting::HalfWhitened, Weighting::MaximumLikelihood].map(|weighting| {
            let peaks = vec![LagPeak { lag_s, log_likelihood: 0.0 }];
            WeightedCorrelation { weighting, peaks, thermal_sigma_s: 10e-6, scatter_sigma_s: 0.0, detection: 1e4 }
        });
        let (curve_start_s, curve_step_s) = (-1e-3, 1e-5);
        PairCorrelation {
            weighted: weighted.to_vec(),
            peak: 0.9,
            curve_start_s,
            curve_step_s,
            curve: Vec::new(),
            segments: 30,
        }
    };
    let sigma_s = |closure_s: f64| {
        let pairs = [(0, 1, pair(0.2e-3)), (1, 2, pair(0.3e-3)), (0, 2, pair(0.5e-3 - closure_s))];
        combine_weightings(&pairs)[0].components[0].sigma_s
    };
    assert!((sigma_s(5e-6) - 10e-6).abs() < 1e-9, "a triangle that closes keeps its σ");
    // χ² = (1 ms)² / (3·(10 µs)²): σ grows by 1 ms / (√3 · 10 µs).
    assert!((sigma_s(1e-3) - 1e-3 / 3f64.sqrt()).abs() < 1e-6, "{}", sigma_s(1e-3));
}
