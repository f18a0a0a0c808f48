//! What a method says of one scene, in a form that all are scored by.

use std::f64::consts::PI;

/// A square of a posterior.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) east_north_m: [f64; 2],
    pub(crate) side_m: f64,
    /// Log-likelihood, up to a constant of the scene; the prior is even over the world's square.
    pub(crate) log_density: f64,
}

/// What a method says before its temperature.
#[derive(Clone, Debug)]
pub(crate) enum Estimate {
    /// Mean and isotropic or full covariance (east², east·north, north²).
    Gaussian { mean_m: [f64; 2], covariance_m2: [f64; 3] },
    /// Posterior over cells; the point is its mean.
    Mean(Vec<Cell>),
    /// Posterior over cells; the point is its densest cell.
    Mode(Vec<Cell>),
}

/// How one estimate did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Score {
    pub(crate) error_m: f64,
    /// Probability of everything denser than the truth: a region of highest density with more holds the truth.
    pub(crate) denser: f64,
    /// Area of the 68 % region.
    pub(crate) area_68_m2: f64,
    /// −ln of the density at the truth, per m².
    pub(crate) surprise: f64,
    pub(crate) time_s: f64,
}

/// Mass that is spread over the square outside of what a posterior calls possible, so that surprise stays finite.
const UNFORESEEN_PER_M2: f64 = 1e-6 / 22.5e9;
/// Cells below this fraction of the densest are nothing.
const NEGLIGIBLE: f64 = 1e-9;

impl Estimate {
    /// Compares with the truth after dividing the log-density by `temperature`.
    pub(crate) fn score(&self, truth_m: [f64; 2], temperature: f64) -> Score {
        match self {
            Self::Gaussian { mean_m, covariance_m2 } => gaussian(*mean_m, *covariance_m2, truth_m, temperature),
            Self::Mean(cells) => posterior(cells, truth_m, temperature, false),
            Self::Mode(cells) => posterior(cells, truth_m, temperature, true),
        }
    }
}

/// −ln of the density at the truth under each temperature, per m²; what calibration compares.
pub(crate) fn surprises(estimate: &Estimate, truth_m: [f64; 2], temperatures: &[f64]) -> Vec<f64> {
    let (Estimate::Mean(cells) | Estimate::Mode(cells)) = estimate else {
        return temperatures.iter().map(|temperature| estimate.score(truth_m, *temperature).surprise).collect();
    };
    let highest = cells.iter().map(|cell| cell.log_density).fold(f64::NEG_INFINITY, f64::max);
    let at_truth = cells.iter().find(|cell| cell.holds(truth_m)).map(|cell| cell.log_density - highest);
    let surprise = |temperature: &f64| {
        // Exponents below −20 add nothing that would move a temperature.
        let dense = cells.iter().map(|cell| ((cell.log_density - highest) / temperature, cell.side_m));
        let total: f64 = dense.filter(|(log, _)| *log > -20.0).map(|(log, side_m)| log.exp() * side_m * side_m).sum();
        -(at_truth.map_or(0.0, |log| (log / temperature).exp()) / total + UNFORESEEN_PER_M2).ln()
    };
    temperatures.iter().map(surprise).collect()
}

impl Cell {
    fn holds(&self, place_m: [f64; 2]) -> bool {
        let [x, y] = self.east_north_m;
        (x - place_m[0]).abs().max((y - place_m[1]).abs()) <= 0.5 * self.side_m
    }
}

fn distance_m(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn gaussian(mean_m: [f64; 2], covariance_m2: [f64; 3], truth_m: [f64; 2], temperature: f64) -> Score {
    let [a, b, d] = covariance_m2.map(|value| value * temperature);
    let [x, y] = [truth_m[0] - mean_m[0], truth_m[1] - mean_m[1]];
    let determinant = (a * d - b * b).max(1.0);
    let square = (d * x * x - 2.0 * b * x * y + a * y * y) / determinant;
    Score {
        error_m: distance_m(mean_m, truth_m),
        denser: 1.0 - (-0.5 * square).exp(),
        area_68_m2: -2.0 * PI * (1.0_f64 - 0.68).ln() * determinant.sqrt(),
        surprise: -((-0.5 * square).exp() / (2.0 * PI * determinant.sqrt()) + UNFORESEEN_PER_M2).ln(),
        time_s: 0.0,
    }
}

fn posterior(cells: &[Cell], truth_m: [f64; 2], temperature: f64, mode: bool) -> Score {
    let highest = cells.iter().map(|cell| cell.log_density).fold(f64::NEG_INFINITY, f64::max);
    let mut dense: Vec<(f64, &Cell)> = cells
        .iter()
        .map(|cell| (((cell.log_density - highest) / temperature).exp(), cell))
        .filter(|(density, _)| *density > NEGLIGIBLE)
        .collect();
    dense.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let area_m2 = |cell: &Cell| cell.side_m * cell.side_m;
    let total: f64 = dense.iter().map(|(density, cell)| density * area_m2(cell)).sum();
    let (mut held, mut area_68_m2, mut mean_m) = (0.0, 0.0, [0.0; 2]);
    let (mut denser, mut at_truth) = (1.0, 0.0);
    for (density, cell) in &dense {
        let mass = density * area_m2(cell) / total;
        if held < 0.68 {
            area_68_m2 += area_m2(cell) * ((0.68 - held) / mass).min(1.0);
        }
        let [x, y] = cell.east_north_m;
        if cell.holds(truth_m) {
            // The truth is anywhere in its cell, so half of the cell is denser.
            (denser, at_truth) = (held + 0.5 * mass, density / total);
        }
        held += mass;
        mean_m = [mean_m[0] + mass * x, mean_m[1] + mass * y];
    }
    let point_m = dense.first().filter(|_| mode).map_or(mean_m, |(_, cell)| cell.east_north_m);
    Score {
        error_m: distance_m(point_m, truth_m),
        denser,
        area_68_m2,
        surprise: -(at_truth + UNFORESEEN_PER_M2).ln(),
        time_s: 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::draw;

    /// Correlated, 3000 and 1500 m.
    const COVARIANCE_M2: [f64; 3] = [9e6, 2e6, 2.25e6];
    const DETERMINANT: f64 = 9e6 * 2.25e6 - 4e12;

    fn cells() -> Vec<Cell> {
        let [a, b, d] = COVARIANCE_M2;
        let cell = |index: usize| {
            let metres = |step: usize| (step as f64 - 99.5) * 200.0;
            let [x, y] = [metres(index % 200), metres(index / 200)];
            let square = (d * x * x - 2.0 * b * x * y + a * y * y) / DETERMINANT;
            Cell { east_north_m: [x, y], side_m: 200.0, log_density: 7.0 - 0.5 * square }
        };
        (0..200 * 200).map(cell).collect()
    }

    fn estimates() -> [Estimate; 2] {
        [Estimate::Gaussian { mean_m: [0.0; 2], covariance_m2: COVARIANCE_M2 }, Estimate::Mean(cells())]
    }

    /// Truths of the normal law by its Cholesky factor.
    fn truths(count: usize) -> Vec<[f64; 2]> {
        let mut rng = draw::generator(3, 0, 0);
        let [a, b, d] = COVARIANCE_M2;
        let (first, second) = (a.sqrt(), b / a.sqrt());
        let third = (d - second * second).sqrt();
        let mut truth = || {
            let (u, v) = (draw::normal(&mut rng), draw::normal(&mut rng));
            [first * u, second * u + third * v]
        };
        (0..count).map(|_| truth()).collect()
    }

    #[test]
    fn regions_of_highest_density_hold_what_they_say() {
        let truths = truths(3000);
        for estimate in estimates() {
            let denser: Vec<f64> = truths.iter().map(|truth| estimate.score(*truth, 1.0).denser).collect();
            for probability in [0.5, 0.68, 0.95] {
                let held = denser.iter().filter(|denser| **denser <= probability).count() as f64 / 3000.0;
                // Three standard errors of a share.
                let error = 3.0 * (probability * (1.0 - probability) / 3000.0_f64).sqrt();
                assert!((held - probability).abs() < error, "{probability}: {held}");
            }
        }
    }

    #[test]
    fn size_and_surprise_are_those_of_the_normal_law() {
        // An ellipse of probability p has −2π ln(1 − p) √|Σ|; a temperature T makes Σ T times as large.
        for estimate in estimates() {
            for temperature in [0.5, 1.0, 2.0] {
                let score = estimate.score([0.0, 0.0], temperature);
                let area_m2 = -2.0 * PI * 0.32_f64.ln() * temperature * DETERMINANT.sqrt();
                assert!((score.area_68_m2 / area_m2 - 1.0).abs() < 0.01, "{temperature}: {}", score.area_68_m2);
                let surprise = (2.0 * PI * temperature * DETERMINANT.sqrt()).ln();
                assert!((score.surprise - surprise).abs() < 0.01, "{temperature}: {}", score.surprise);
                assert!(score.error_m < 1.0);
            }
        }
    }

    #[test]
    fn the_temperature_of_least_surprise_is_the_true_one() {
        // Densities twice as narrow as the truths scatter: log-densities are to be divided by 4.
        let narrow: Vec<Cell> = cells().iter().map(|c| Cell { log_density: 4.0 * c.log_density, ..*c }).collect();
        let temperatures = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0];
        let mut sums = [0.0; 7];
        for truth in truths(1000) {
            let surprises = surprises(&Estimate::Mean(narrow.clone()), truth, &temperatures);
            sums.iter_mut().zip(surprises).for_each(|(sum, surprise)| *sum += surprise);
        }
        let best = sums.iter().zip(temperatures).min_by(|a, b| a.0.total_cmp(b.0)).map(|(_, temperature)| temperature);
        assert_eq!(best, Some(4.0), "{sums:?}");
    }

    #[test]
    fn a_truth_beyond_all_cells_is_in_no_region() {
        let score = Estimate::Mean(cells()).score([1e6, 0.0], 1.0);
        assert!(score.denser >= 1.0 && score.surprise.is_finite());
    }
}
