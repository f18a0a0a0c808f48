use serde::{Deserialize, Serialize};

use crate::predict::Prediction;

/// χ² of two degrees of freedom below which a true covariance has 68 % and 95 % of its scenes: −2 ln(1 − p).
const CHI_SQUARED_68: f64 = 2.278_868_566_376_729;
const CHI_SQUARED_95: f64 = 5.991_464_547_107_979;

/// How good positions are against the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Scenes.
    pub scenes: usize,
    /// Mean negative log-likelihood of the truth, density per square metre.
    pub negative_log_likelihood: f64,
    /// Mean distance, metres.
    pub mean_m: f64,
    /// Median distance, metres.
    pub median_m: f64,
    /// Root mean square distance, metres.
    pub rmse_m: f64,
    /// Distance that nine tenths stay below, metres.
    pub p90_m: f64,
    /// Part of the truths within the 68 % region.
    pub coverage_68: f64,
    /// Part of the truths within the 95 % region.
    pub coverage_95: f64,
}

impl Metrics {
    /// Of pairs of a prediction and the true position; `None` of none.
    pub fn of(scenes: &[(Prediction, [f64; 2])]) -> Option<Metrics> {
        let count = scenes.len() as f64;
        let errors = sorted(scenes.iter().map(|(p, target)| p.error_m(*target)));
        let squares = sorted(scenes.iter().map(|(p, target)| p.squared_deviations(*target)));
        let log = |p: &Prediction| (p.factor_m[0] * p.factor_m[2]).ln();
        let likelihood: f64 = scenes.iter().map(|(p, target)| 0.5 * p.squared_deviations(*target) + log(p)).sum();
        Some(Metrics {
            scenes: scenes.len(),
            negative_log_likelihood: likelihood / count + std::f64::consts::TAU.ln(),
            mean_m: errors.iter().sum::<f64>() / count,
            median_m: quantile(&errors, 0.5)?,
            rmse_m: (errors.iter().map(|e| e * e).sum::<f64>() / count).sqrt(),
            p90_m: quantile(&errors, 0.9)?,
            coverage_68: squares.iter().filter(|s| **s <= CHI_SQUARED_68).count() as f64 / count,
            coverage_95: squares.iter().filter(|s| **s <= CHI_SQUARED_95).count() as f64 / count,
        })
    }
}

/// The factor on all deviations with which the regions hold what they promise on `scenes`; 1 of none.
///
/// One number cannot make both regions true where errors are not normal: it is the geometric mean of the factors that
/// make the 68 % and the 95 % region true. The likelihood's own optimum would follow the few largest errors.
pub fn fit_temperature(scenes: &[(Prediction, [f64; 2])]) -> f64 {
    let squares = sorted(scenes.iter().map(|(p, target)| p.squared_deviations(*target)));
    match (quantile(&squares, 0.68), quantile(&squares, 0.95)) {
        (Some(inner), Some(outer)) if inner > 0.0 => {
            ((inner / CHI_SQUARED_68).sqrt() * (outer / CHI_SQUARED_95).sqrt()).sqrt()
        }
        _ => 1.0,
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Linear between order statistics.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let place = part * sorted.len().checked_sub(1)? as f64;
    let below = sorted[place.floor() as usize];
    Some(below + (sorted[place.ceil() as usize] - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    /// Truths drawn from a covariance twice as wide as predicted: the factor is 2, and coverage holds with it.
    #[test]
    fn temperature_is_the_factor_that_is_missing() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let prediction = Prediction { position_enu_m: [10.0, -5.0], factor_m: [3.0, -2.0, 1.0] };
        let mut scenes = Vec::new();
        for _ in 0..20_000 {
            let (u, v): (f64, f64) = (StandardNormal.sample(&mut rng), StandardNormal.sample(&mut rng));
            scenes.push((prediction, [10.0 + 2.0 * 3.0 * u, -5.0 + 2.0 * (-2.0 * u + v)]));
        }
        let temperature = fit_temperature(&scenes);
        assert!((temperature - 2.0).abs() < 0.03, "{temperature}");
        scenes.iter_mut().for_each(|(p, _)| *p = p.tempered(temperature));
        let metrics = Metrics::of(&scenes).unwrap();
        assert!((metrics.coverage_68 - 0.68).abs() < 0.01 && (metrics.coverage_95 - 0.95).abs() < 0.005);
        // Entropy of the true density: 1 + ln 2π + ln det of its factor (4 · 3).
        let entropy = 1.0 + std::f64::consts::TAU.ln() + 12f64.ln();
        assert!((metrics.negative_log_likelihood - entropy).abs() < 0.02);
        assert!(Metrics::of(&[]).is_none());
    }
}
