//! Time differences of arrival.
//!
//! A pair's likelihood over lag is a mixture of Gaussians, one per correlation peak, each widened by
//! scatter and bias, above a floor for lags that no peak explains. With Gaussian arrival-time errors of
//! variance σᵢ² per receiver the joint likelihood with the emission time marginalised has information
//! J = diag(w) − wwᵀ/Σw, w = 1/σ², which equals Σ_{i<j} wᵢwⱼ/Σw (tᵢ−tⱼ)² (Hahn & Tretter 1973). Each
//! pair alone contributes (tᵢ−tⱼ)²/(σᵢ²+σⱼ²); raised to the power (wᵢ+wⱼ)/Σw the product over all pairs
//! is therefore exact, and pairs are not counted twice.

use std::cell::RefCell;

use heimdall_features::{PairCorrelation, Weighting};
use serde::{Deserialize, Serialize};

use crate::SPEED_OF_LIGHT_M_PER_S;
use crate::expert::{Expert, Likelihood, Place};

/// Probability that a pair's lag has nothing to do with its correlation peaks.
const OUTLIER_PROBABILITY: f64 = 1e-3;

/// Log of a share of the floor that nothing depends on.
const NEGLIGIBLE: f64 = -30.0;

/// Below it series take the place of functions.
const SMALL: f64 = 0.05;

/// Mean squared closure, in units of its variance, beyond which the stated variances are widened.
const WORST_CLOSURE: f64 = 9.0;

/// One peak of a pair's likelihood over lag.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LagComponent {
    /// Centre, seconds.
    pub lag_s: f64,
    /// Share of the pair's likelihood, 0…1.
    pub weight: f64,
    /// 1 σ from noise and scatter, without bias, seconds.
    pub sigma_s: f64,
}

/// What a pair's correlation says of its lag.
#[derive(Clone, Debug, PartialEq)]
pub struct LagEvidence {
    /// Peaks, the best first; weights sum to 1.
    pub components: Vec<LagComponent>,
    /// 1 σ of the best peak from noise, seconds.
    pub thermal_sigma_s: f64,
    /// 1 σ of the best peak from the scatter of the segments, seconds.
    pub scatter_sigma_s: f64,
    /// Integrated signal-to-noise ratio of the best peak.
    pub detection: f64,
}

/// The lag evidence of receivers `first` and `second` (indices into the scene's receivers).
#[derive(Clone, Debug, PartialEq)]
pub struct PairLags {
    /// Receiver whose arrival counts positive.
    pub first: usize,
    /// Receiver whose arrival counts negative.
    pub second: usize,
    /// Largest lag searched, seconds.
    pub max_lag_s: f64,
    /// Its likelihood.
    pub evidence: LagEvidence,
}

/// Turns the correlations of all pairs into lag evidence.
///
/// No weighting of the cross-spectrum is right for all signals, so all of them speak: each with the
/// precision that it claims, less what it loses where the lags around a triangle of receivers do not close.
pub fn combine_weightings(pairs: &[(usize, usize, PairCorrelation)]) -> Vec<LagEvidence> {
    let weightings = [Weighting::Plain, Weighting::HalfWhitened, Weighting::MaximumLikelihood];
    let closure = weightings.map(|weighting| closure_chi2(pairs, weighting));
    let best_closure = closure.into_iter().fold(f64::INFINITY, f64::min);
    let trust = closure.map(|chi2| (-0.5 * (chi2 - best_closure).min(60.0)).exp());
    // Where no weighting's lags close, as with a bare carrier that has no lag at all, none of their
    // variances is true.
    let widening = if best_closure > WORST_CLOSURE { best_closure.sqrt() } else { 1.0 };
    pairs
        .iter()
        .map(|(_, _, pair)| {
            let mut components = Vec::new();
            let mut best: Option<(f64, &heimdall_features::WeightedCorrelation)> = None;
            for (weighting, trust) in weightings.iter().zip(trust) {
                let Some(weighted) = pair.weighted.iter().find(|w| w.weighting == *weighting) else { continue };
                let sigma_s = widening * weighted.thermal_sigma_s.hypot(weighted.scatter_sigma_s);
                let say = trust / (sigma_s * sigma_s).max(f64::MIN_POSITIVE);
                if best.is_none_or(|(most, _)| say > most) {
                    best = Some((say, weighted));
                }
                components.extend(weighted.peaks.iter().map(|peak| LagComponent {
                    lag_s: peak.lag_s,
                    weight: say * peak.log_likelihood.exp(),
                    sigma_s,
                }));
            }
            let total: f64 = components.iter().map(|c| c.weight).sum();
            components.iter_mut().for_each(|c| c.weight /= total.max(f64::MIN_POSITIVE));
            components.retain(|c| c.weight > 1e-9);
            components.sort_by(|a, b| b.weight.total_cmp(&a.weight));
            let best = best.map(|(_, weighted)| weighted);
            LagEvidence {
                components,
                thermal_sigma_s: best.map_or(0.0, |w| widening * w.thermal_sigma_s),
                scatter_sigma_s: best.map_or(0.0, |w| widening * w.scatter_sigma_s),
                detection: best.map_or(0.0, |w| w.detection / (widening * widening)),
            }
        })
        .collect()
}

/// Mean squared closure τᵢⱼ + τⱼₖ − τᵢₖ over all triangles, in units of its own variance; biases of
/// receivers cancel in it, errors of the correlation do not.
fn closure_chi2(pairs: &[(usize, usize, PairCorrelation)], weighting: Weighting) -> f64 {
    let lag = |a: usize, b: usize| {
        let (sign, pair) = pairs.iter().find_map(|(i, j, pair)| match (*i, *j) {
            (i, j) if (i, j) == (a, b) => Some((1.0, pair)),
            (i, j) if (i, j) == (b, a) => Some((-1.0, pair)),
            _ => None,
        })?;
        let weighted = pair.weighted.iter().find(|w| w.weighting == weighting)?;
        let variance = weighted.thermal_sigma_s.powi(2) + weighted.scatter_sigma_s.powi(2);
        Some((sign * weighted.peaks.first()?.lag_s, variance))
    };
    let receivers = pairs.iter().map(|(i, j, _)| i.max(j) + 1).max().unwrap_or(0);
    let (mut sum, mut count) = (0.0, 0.0);
    for i in 0..receivers {
        for j in i + 1..receivers {
            for k in j + 1..receivers {
                let (Some(ij), Some(jk), Some(ik)) = (lag(i, j), lag(j, k), lag(i, k)) else { continue };
                // 1 ns² keeps a perfect closure of noiseless recordings finite.
                let variance = ij.1 + jk.1 + ik.1 + 1e-18;
                sum += (ij.0 + jk.0 - ik.0).powi(2) / variance;
                count += 1.0;
            }
        }
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

/// The expert.
pub struct TdoaExpert {
    pairs: Vec<PairTerm>,
    /// Room for how far each receiver's direction turns within a place.
    turns: RefCell<Vec<f64>>,
}

struct PairTerm {
    first: usize,
    second: usize,
    /// Components of equal σ together: a weighting's have the same.
    spreads: Vec<Spread>,
    log_floor: f64,
    /// (wᵢ+wⱼ)/Σw
    exponent: f64,
}

struct Spread {
    variance_m2: f64,
    /// ½ over it.
    per_variance: f64,
    /// Range difference in metres, and the log of weight/σ over the floor.
    components: Vec<(f64, f64)>,
}

impl TdoaExpert {
    /// An expert for `pairs`; `bias_sigma_s` is each receiver's arrival-time bias, 1 σ.
    pub fn new(pairs: &[PairLags], bias_sigma_s: f64) -> Self {
        let variances = receiver_variances(pairs, bias_sigma_s);
        let weight = |receiver: usize| 1.0 / variances.get(receiver).copied().unwrap_or(1.0).max(1e-24);
        let mut taking_part: Vec<usize> = pairs.iter().flat_map(|p| [p.first, p.second]).collect();
        taking_part.sort_unstable();
        taking_part.dedup();
        let total: f64 = taking_part.iter().map(|r| weight(*r)).sum();
        let pairs = pairs
            .iter()
            .map(|pair| {
                let range_m = 2.0 * pair.max_lag_s * SPEED_OF_LIGHT_M_PER_S;
                let log_floor = (OUTLIER_PROBABILITY * (2.0 * std::f64::consts::PI).sqrt() / range_m.max(1e-9)).ln();
                PairTerm {
                    first: pair.first,
                    second: pair.second,
                    spreads: spreads(&pair.evidence.components, bias_sigma_s, log_floor),
                    log_floor,
                    exponent: (weight(pair.first) + weight(pair.second)) / total,
                }
            })
            .collect();
        Self { pairs, turns: RefCell::default() }
    }
}

/// Arrival-time variance of each receiver: the least-squares split of the pairs' variances into
/// σᵢ² + σⱼ², plus bias.
pub(crate) fn receiver_variances(pairs: &[PairLags], bias_sigma_s: f64) -> Vec<f64> {
    let receivers = pairs.iter().map(|p| p.first.max(p.second) + 1).max().unwrap_or(0);
    let variance = |p: &PairLags| p.evidence.thermal_sigma_s.powi(2) + p.evidence.scatter_sigma_s.powi(2);
    (0..receivers)
        .map(|receiver| {
            let own: Vec<f64> =
                pairs.iter().filter(|p| p.first == receiver || p.second == receiver).map(variance).collect();
            let all: f64 = pairs.iter().map(variance).sum();
            let partners = own.len() as f64;
            let sum: f64 = own.iter().sum();
            let noise = if partners >= 2.0 {
                // Complete set of pairs among n = partners + 1 receivers: Σⱼσᵢⱼ² = (n−2)σᵢ² + Σσ², ΣΣ = (n−1)Σσ².
                ((sum - all / partners) / (partners - 1.0)).max(0.05 * sum / partners)
            } else {
                sum / 2.0
            };
            noise + bias_sigma_s * bias_sigma_s
        })
        .collect()
}

/// A pair's components by their σ, which a bias of two receivers widens; heights over `log_floor`.
fn spreads(components: &[LagComponent], bias_sigma_s: f64, log_floor: f64) -> Vec<Spread> {
    let mut spreads: Vec<Spread> = Vec::new();
    for component in components {
        let sigma_s = (component.sigma_s.powi(2) + 2.0 * bias_sigma_s.powi(2)).sqrt().max(1e-12);
        let sigma_m = sigma_s * SPEED_OF_LIGHT_M_PER_S;
        let variance_m2 = sigma_m * sigma_m;
        let own = (component.lag_s * SPEED_OF_LIGHT_M_PER_S, (component.weight / sigma_m).ln() - log_floor);
        match spreads.iter_mut().find(|spread| spread.variance_m2 == variance_m2) {
            Some(spread) => spread.components.push(own),
            None => spreads.push(Spread { variance_m2, per_variance: 0.5 / variance_m2, components: vec![own] }),
        }
    }
    spreads
}

impl Spread {
    /// Mean over range differences spread by ±`slack_m`, and the highest value among them, both over the floor. The
    /// mean is that of each Gaussian widened by a uniform distribution's variance, but nowhere above the highest.
    fn mean_and_highest(&self, range_difference_m: f64, slack_m: f64) -> (f64, f64) {
        let widened_m2 = self.variance_m2 + slack_m * slack_m / 3.0;
        let mut lowered = None;
        let (mut mean, mut highest) = (0.0, 0.0);
        for (center_m, log_height) in &self.components {
            let distance_m = (range_difference_m - center_m).abs();
            let nearest_m = (distance_m - slack_m).max(0.0);
            let top = log_height - self.per_variance * nearest_m * nearest_m;
            // Most places are far from most peaks.
            if top < NEGLIGIBLE {
                continue;
            }
            let height = top.exp();
            highest += height;
            let lowered = *lowered.get_or_insert_with(|| (self.variance_m2 / widened_m2).sqrt());
            let below = top - (log_height - 0.5 * distance_m * distance_m / widened_m2);
            mean += height * (lowered * exp_of_minus(below)).min(1.0);
        }
        (mean, highest)
    }
}

/// e to the power −x; a series where x is small, as in cells much smaller than the peaks: right to 1e-9.
fn exp_of_minus(x: f64) -> f64 {
    if x.abs() > SMALL {
        return (-x).exp();
    }
    1.0 - x * (1.0 - x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0 * (1.0 - x / 5.0))))
}

/// Natural logarithm of 1 + x likewise, right to 1e-8.
fn log_of_one_and(x: f64) -> f64 {
    if x.abs() > SMALL {
        return x.ln_1p();
    }
    x * (1.0 - x * (1.0 / 2.0 - x * (1.0 / 3.0 - x * (1.0 / 4.0 - x * (1.0 / 5.0 - x / 6.0)))))
}

impl PairTerm {
    /// What the pair says of a place; nothing where a distance is missing. `turns` is how far each receiver's direction turns within the radius.
    fn likelihood(&self, place: &Place, turns: &[f64]) -> Option<Likelihood> {
        let (difference_m, slack_m) = (self.difference_m(place)?, self.slack_m(place, turns));
        let (mut mean, mut highest) = (1.0, 1.0);
        for spread in &self.spreads {
            let (more, higher) = spread.mean_and_highest(difference_m, slack_m);
            (mean, highest) = (mean + more, highest + higher);
        }
        let rise = if highest > mean { log_of_one_and((highest - mean) / mean) } else { 0.0 };
        let log_mean = if mean > 1.0 { mean.ln() } else { 0.0 };
        Some(Likelihood { log_mean: self.log_floor + log_mean, rise }.to_the(self.exponent))
    }

    fn difference_m(&self, place: &Place) -> Option<f64> {
        Some(place.distances_m.get(self.first)? - place.distances_m.get(self.second)?)
    }

    /// How much the range difference may change within the place's radius: its gradient is the
    /// difference of two unit vectors, which themselves turn by r/d.
    fn slack_m(&self, place: &Place, turns: &[f64]) -> f64 {
        let turn = |index: usize| turns.get(index).copied().unwrap_or(1.0);
        let direction = |index: usize| place.directions.get(index).copied().unwrap_or_default();
        let ([e1, n1], [e2, n2]) = (direction(self.first), direction(self.second));
        let apart = ((e1 - e2).powi(2) + (n1 - n2).powi(2)).sqrt();
        place.radius_m * (apart + turn(self.first) + turn(self.second)).min(2.0)
    }
}

impl Expert for TdoaExpert {
    fn name(&self) -> &'static str {
        "tdoa"
    }

    fn judge(&self, place: &Place) -> Likelihood {
        let mut turns = self.turns.borrow_mut();
        turns.clear();
        // At the receiver itself every direction is possible.
        let turn = |distance_m: &f64| place.radius_m / distance_m.max(place.radius_m).max(f64::MIN_POSITIVE);
        turns.extend(place.distances_m.iter().map(turn));
        self.pairs.iter().filter_map(|pair| pair.likelihood(place, &turns)).sum()
    }
}
