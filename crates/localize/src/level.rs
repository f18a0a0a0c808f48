//! Received levels.
//!
//! Log-distance law (Patwari et al. 2003): Pᵢ = P − 10·n·log₁₀(dᵢ/1 km) + shadowing + measurement error.
//! The power P and the exponent n are Gaussian a priori and marginalised in closed form (they enter
//! linearly); the shadowing's σ is marginalised over a grid.

use serde::{Deserialize, Serialize};

use crate::expert::{Expert, Likelihood, Place};

/// A level at a receiver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelObservation {
    /// Index of the receiver.
    pub receiver: usize,
    /// Level, dB in any unit common to the scene's receivers.
    pub level_db: f64,
    /// 1 σ of measurement and gain, dB.
    pub sigma_db: f64,
}

/// What is known of transmitter and path before the levels are seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelPrior {
    /// Mean of the level at 1 km, dB.
    pub power_mean_db: f64,
    /// Its 1 σ.
    pub power_sigma_db: f64,
    /// Mean path-loss exponent.
    pub exponent_mean: f64,
    /// Its 1 σ.
    pub exponent_sigma: f64,
    /// Shadowing σ in dB and the probability of each.
    pub shadowing_db: Vec<(f64, f64)>,
}

impl Default for LevelPrior {
    /// Level at 1 km −60 ± 30 dBm (a milliwatt to kilowatts over paths from clear to obstructed),
    /// exponent 3 ± 0.5, shadowing 2…8 dB with equal probability.
    fn default() -> Self {
        let nodes = [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        let share = |db: f64| if db == 2.0 || db == 8.0 { 0.5 / 6.0 } else { 1.0 / 6.0 };
        Self {
            power_mean_db: -60.0,
            power_sigma_db: 30.0,
            exponent_mean: 3.0,
            exponent_sigma: 0.5,
            shadowing_db: nodes.into_iter().map(|db| (db, share(db))).collect(),
        }
    }
}

/// The expert.
pub struct LevelExpert {
    observations: Vec<LevelObservation>,
    prior: LevelPrior,
    shadowings: Vec<Shadowing>,
    steepest_per_radius: f64,
}

/// A σ that the shadowing may have, and all that follows from it whatever the place.
struct Shadowing {
    /// 1/variance of each observation, dB⁻².
    weights: Vec<f64>,
    /// Log of its probability over the square root of the variances' product.
    log_share: f64,
}

impl LevelExpert {
    /// An expert for `observations`.
    pub fn new(observations: Vec<LevelObservation>, prior: LevelPrior) -> Self {
        // A level turns by 10·n/ln 10 dB per relative change of distance; against the smallest σ that
        // bounds the slope of ½r² near the bulk of the posterior, where residuals are about 2 σ.
        let smallest = observations
            .iter()
            .flat_map(|o| prior.shadowing_db.iter().map(|(s, _)| s.hypot(o.sigma_db)))
            .fold(f64::INFINITY, f64::min);
        let steepest_per_radius = 2.0 * 10.0 * prior.exponent_mean / std::f64::consts::LN_10 / smallest.max(1.0);
        let shadowing = |(shadowing_db, probability): &(f64, f64)| {
            let variances = observations.iter().map(|o| shadowing_db * shadowing_db + o.sigma_db * o.sigma_db);
            let log_det: f64 = variances.clone().map(f64::ln).sum();
            Shadowing {
                weights: variances.map(|variance| 1.0 / variance).collect(),
                log_share: probability.ln() - 0.5 * log_det,
            }
        };
        let shadowings = prior.shadowing_db.iter().map(shadowing).collect();
        Self { observations, prior, shadowings, steepest_per_radius }
    }

    /// Likelihood for one shadowing σ, as the log of its height and a factor: Gaussian with covariance V + A·S·Aᵀ,
    /// A = [1, −10 log₁₀ d].
    fn gaussian(&self, shadowing: &Shadowing, terms: &[(f64, f64)]) -> (f64, f64) {
        let prior = &self.prior;
        let (mut s00, mut s01, mut s11, mut r0, mut r1, mut quadratic) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for ((residual, slope), weight) in terms.iter().zip(&shadowing.weights) {
            s00 += weight;
            s01 += weight * slope;
            s11 += weight * slope * slope;
            r0 += weight * residual;
            r1 += weight * residual * slope;
            quadratic += weight * residual * residual;
        }
        // Woodbury and the matrix determinant lemma on the two parameters.
        let (p0, p1) = (prior.power_sigma_db.powi(-2), prior.exponent_sigma.powi(-2));
        let (a, b, d) = (s00 + p0, s01, s11 + p1);
        let det = a * d - b * b;
        let explained = (d * r0 * r0 - 2.0 * b * r0 * r1 + a * r1 * r1) / det;
        (shadowing.log_share - 0.5 * (quadratic - explained), (p0 * p1 / det).sqrt())
    }

    fn log_mean(&self, place: &Place) -> f64 {
        let prior = &self.prior;
        let mut terms = [(0.0, 0.0); 128];
        let mut count = 0;
        for (slot, observation) in terms.iter_mut().zip(&self.observations) {
            let distance_m = place.distances_m.get(observation.receiver).copied().unwrap_or(1.0).max(1.0);
            let slope = -10.0 * (distance_m / 1000.0).log10();
            let predicted = prior.power_mean_db + prior.exponent_mean * slope;
            *slot = (observation.level_db - predicted, slope);
            count += 1;
        }
        let terms = terms.get(..count).unwrap_or(&[]);
        let mut highest = f64::NEG_INFINITY;
        let mut gaussians = [(f64::NEG_INFINITY, 0.0); 16];
        for (slot, shadowing) in gaussians.iter_mut().zip(&self.shadowings) {
            *slot = self.gaussian(shadowing, terms);
            highest = highest.max(slot.0);
        }
        let shares = gaussians.iter().take(self.shadowings.len()).map(|(log, factor)| (log - highest).exp() * factor);
        highest + shares.sum::<f64>().ln()
    }

    fn rise(&self, place: &Place) -> f64 {
        let nearest = self
            .observations
            .iter()
            .filter_map(|o| place.distances_m.get(o.receiver))
            .copied()
            .fold(f64::INFINITY, f64::min);
        self.steepest_per_radius * (place.radius_m / (nearest + 0.1 * place.radius_m).max(1.0)).min(3.0)
    }
}

impl Expert for LevelExpert {
    fn name(&self) -> &'static str {
        "level"
    }

    fn judge(&self, place: &Place) -> Likelihood {
        Likelihood { log_mean: self.log_mean(place), rise: self.rise(place) }
    }
}
