use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Density, Prediction};

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
    /// Of pairs of an answer and the true position; `None` of none.
    pub fn of(scenes: &[(Answer, [f64; 2])]) -> Option<Metrics> {
        let count = scenes.len() as f64;
        let errors = sorted(scenes.iter().map(|(answer, target)| answer.gaussian.error_m(*target)));
        let regions: Vec<f64> = scenes.iter().map(|(answer, target)| answer.region_of(*target)).collect();
        let held = |probability: f64| regions.iter().filter(|region| **region <= probability).count() as f64 / count;
        Some(Metrics {
            scenes: scenes.len(),
            negative_log_likelihood: scenes.iter().map(|(answer, target)| answer.surprise(*target)).sum::<f64>()
                / count,
            mean_m: errors.iter().sum::<f64>() / count,
            median_m: quantile(&errors, 0.5)?,
            rmse_m: (errors.iter().map(|e| e * e).sum::<f64>() / count).sqrt(),
            p90_m: quantile(&errors, 0.9)?,
            coverage_68: held(0.68),
            coverage_95: held(0.95),
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

/// The factor on a density's temperature with which its regions hold what they promise on `scenes`; 1 of none.
pub fn fit_density_temperature(scenes: &[(Density, [f64; 2])]) -> f64 {
    let off = |temperature: f64| {
        let regions: Vec<f64> =
            scenes.iter().map(|(density, target)| density.tempered(temperature).denser(*target)).collect();
        let part = |probability: f64| {
            let held = regions.iter().filter(|region| **region <= probability).count() as f64;
            // In standard errors of the share.
            (held / regions.len() as f64 - probability).powi(2) / (probability * (1.0 - probability))
        };
        part(0.68) + part(0.95)
    };
    if scenes.is_empty() {
        return 1.0;
    }
    let candidates = (-12..=24).map(|step| 2f64.powf(f64::from(step) / 12.0));
    let scored = candidates.map(|temperature| (off(temperature), temperature));
    scored.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(1.0, |(_, temperature)| temperature)
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
        let tempered = |(p, target): &(Prediction, [f64; 2])| {
            (Answer { gaussian: p.tempered(temperature), density: None }, *target)
        };
        let scenes: Vec<_> = scenes.iter().map(tempered).collect();
        let metrics = Metrics::of(&scenes).unwrap();
        assert!((metrics.coverage_68 - 0.68).abs() < 0.01 && (metrics.coverage_95 - 0.95).abs() < 0.005);
        // Entropy of the true density: 1 + ln 2π + ln det of its factor (4 · 3).
        let entropy = 1.0 + std::f64::consts::TAU.ln() + 12f64.ln();
        assert!((metrics.negative_log_likelihood - entropy).abs() < 0.02);
        assert!(Metrics::of(&[]).is_none());
    }
}
