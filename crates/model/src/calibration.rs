//! Whether a network's confidence means what it says: of scenes that it places with confidence p, or less, the share p
//! should be.

/// A point of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationPoint {
    /// Stated confidence, 0…1.
    pub confidence: f64,
    /// Share of scenes whose true place lies in the region of that confidence, 0…1.
    pub share: f64,
    /// What the share stays above in all but 2.5 % of draws of as many scenes, were the network calibrated.
    pub low: f64,
    /// What it stays below likewise.
    pub high: f64,
}

impl CalibrationPoint {
    /// Whether a calibrated network may be expected to be here; of all points of a curve one in twenty is not.
    pub fn is_plausible(&self) -> bool {
        (self.low..=self.high).contains(&self.share)
    }
}

/// The curve at every whole percent, of scenes with these confidences; empty without scenes.
pub fn calibration(confidences: &[f64]) -> Vec<CalibrationPoint> {
    let scenes = confidences.len();
    if scenes == 0 {
        return Vec::new();
    }
    let point = |percent: u32| {
        let confidence = f64::from(percent) / 100.0;
        let within = confidences.iter().filter(|stated| **stated <= confidence).count();
        let [low, high] = [0.025, 0.975].map(|level| binomial_quantile(scenes, confidence, level));
        let share = |count: usize| count as f64 / scenes as f64;
        CalibrationPoint { confidence, share: share(within), low: share(low), high: share(high) }
    };
    (0..=100).map(point).collect()
}

/// The fewest successes in `trials` of chance `chance` that are reached or undershot with probability `level`.
fn binomial_quantile(trials: usize, chance: f64, level: f64) -> usize {
    if chance <= 0.0 {
        return 0;
    }
    if chance >= 1.0 {
        return trials;
    }
    // Relative to the most likely number: of hundreds of trials the ends are too unlikely to be numbers at all.
    let mode = (((trials + 1) as f64 * chance) as usize).min(trials);
    let odds = chance / (1.0 - chance);
    let mut weights = vec![1.0; trials + 1];
    let mut weight = 1.0;
    for (successes, place) in weights.iter_mut().enumerate().skip(mode + 1) {
        weight *= (trials - successes + 1) as f64 / successes as f64 * odds;
        *place = weight;
    }
    weight = 1.0;
    for (successes, place) in weights.iter_mut().enumerate().take(mode).rev() {
        weight *= (successes + 1) as f64 / (trials - successes) as f64 / odds;
        *place = weight;
    }
    let wanted = level * weights.iter().sum::<f64>();
    let mut sum = 0.0;
    let reached = |weight: &f64| {
        sum += weight;
        sum >= wanted
    };
    weights.iter().position(reached).unwrap_or(trials)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: `scipy.stats.binom.ppf`.
    #[test]
    fn the_band_is_that_of_the_binomial_distribution() {
        let ends = |trials, chance| [0.025, 0.975].map(|level| binomial_quantile(trials, chance, level));
        assert_eq!(ends(10, 0.5), [2, 8]);
        assert_eq!(ends(400, 0.68), [254, 290]);
        assert_eq!(ends(400, 0.95), [371, 388]);
        assert_eq!(ends(5000, 0.5), [2431, 2569]);
        assert_eq!(ends(20, 0.01), [0, 1]);
        assert_eq!((ends(20, 0.0), ends(20, 1.0)), ([0, 0], [20, 20]));
    }

    #[test]
    fn even_confidences_lie_on_the_diagonal_and_small_ones_above_it() {
        let even: Vec<f64> = (0..1000).map(|index| (f64::from(index) + 0.5) / 1000.0).collect();
        let curve = calibration(&even);
        assert_eq!(curve.len(), 101);
        assert!(curve.iter().all(|point| (point.share - point.confidence).abs() < 1e-9 && point.is_plausible()));
        // Regions that are larger than they need be reach the truth early.
        let modest: Vec<f64> = even.iter().map(|confidence| confidence * confidence).collect();
        let half = calibration(&modest)[50];
        assert!((half.share - 0.5_f64.sqrt()).abs() < 1e-2 && !half.is_plausible(), "{half:?}");
    }

    #[test]
    fn without_scenes_there_is_no_curve() {
        assert!(calibration(&[]).is_empty());
    }
}
