//! Predictions over the square, and the posterior that observations make of them.
//!
//! Every method that knows what each receiver should see at each place is one of these maps; they differ in where the
//! prediction comes from. What all receivers have in common (power, time of emission) is marginalised in closed form.

use heimdall_simulate::world::{Observation, World};

use super::estimate::Cell;

/// Even cells over the world's square.
#[derive(Clone, Copy)]
pub(crate) struct Grid {
    pub(crate) count: usize,
    pub(crate) side_m: f64,
}

impl Grid {
    pub(crate) fn new(world: &World, side_m: f64) -> Self {
        let count = (world.extent_m / side_m).round().max(1.0);
        Self { count: count as usize, side_m: world.extent_m / count }
    }

    pub(crate) fn len(self) -> usize {
        self.count * self.count
    }

    pub(crate) fn center_m(self, index: usize) -> [f64; 2] {
        let metres = |step: usize| (step as f64 - (self.count as f64 - 1.0) / 2.0) * self.side_m;
        [metres(index % self.count), metres(index / self.count)]
    }
}

/// What one cue of the receivers is expected to be at each cell.
pub(crate) struct Map {
    /// Cell by cell, each receiver's expectation without what is common to all.
    pub(crate) expected: Vec<f32>,
    /// Variance of each receiver about it, per cell; the last holds for all that follow.
    pub(crate) variance: Vec<f32>,
    /// Mean and variance of the common part; flat where `None`.
    pub(crate) common: Option<(f64, f64)>,
}

impl Map {
    fn at(&self, cell: usize, receivers: usize) -> (&[f32], f64) {
        let expected = self.expected.get(cell * receivers..(cell + 1) * receivers).unwrap_or(&[]);
        let variance = self.variance.get(cell).or(self.variance.last()).copied().unwrap_or(1.0);
        (expected, f64::from(variance))
    }
}

/// Gaussian log-likelihood of residuals with one variance and a common part.
pub(crate) fn log_likelihood(
    residuals: impl Iterator<Item = f64> + Clone,
    variance: f64,
    common: Option<(f64, f64)>,
) -> f64 {
    let (mut count, mut sum) = (0.0_f64, 0.0);
    for residual in residuals.clone() {
        count += 1.0;
        sum += residual;
    }
    if count == 0.0 {
        return 0.0;
    }
    let mean = sum / count;
    let scatter: f64 = residuals.map(|residual| (residual - mean).powi(2)).sum();
    let differences = scatter / variance + (count - 1.0) * variance.ln();
    let offset = common.map_or(0.0, |(expected, spread)| {
        let variance = spread + variance / count;
        (mean - expected).powi(2) / variance + variance.ln()
    });
    -0.5 * (differences + offset)
}

/// Receivers that measured something, with it.
fn seen(values: impl Iterator<Item = Option<f64>>) -> Vec<(usize, f64)> {
    values.enumerate().filter_map(|(receiver, value)| Some((receiver, value?))).collect()
}

pub(crate) fn levels(observation: &Observation) -> Vec<(usize, f64)> {
    seen(observation.level_dbm.iter().copied())
}

/// Times of arrival as metres.
pub(crate) fn ranges(observation: &Observation) -> Vec<(usize, f64)> {
    let metres = |time_s: f64| time_s * heimdall_simulate::SPEED_OF_LIGHT_M_PER_S;
    seen(observation.arrival.iter().map(|arrival| arrival.map(|arrival| metres(arrival.time_s))))
}

fn residuals(seen: &[(usize, f64)], expected: &[f32]) -> impl Iterator<Item = f64> + Clone {
    seen.iter().map(|(receiver, value)| value - expected.get(*receiver).copied().map_or(0.0, f64::from))
}

/// Posterior by levels over the grid's own cells.
pub(crate) fn by_levels(grid: Grid, map: &Map, receivers: usize, observation: &Observation) -> Vec<Cell> {
    let seen = levels(observation);
    let cell = |index: usize| {
        let (expected, variance) = map.at(index, receivers);
        let log_density = log_likelihood(residuals(&seen, expected), variance, map.common);
        Cell { east_north_m: grid.center_m(index), side_m: grid.side_m, log_density }
    };
    (0..grid.len()).map(cell).collect()
}

/// Cells whose rough likelihood is within this of the best are looked at closely.
const CLOSE: f64 = 18.0;
/// Small cells that a close look is made of, at most, and how many of them lie along a large one.
const MOST_CELLS: f64 = 120_000.0;
const MOST_PARTS: f64 = 20.0;

/// Posterior by times of arrival, and by levels where given, over cells fine enough for times.
///
/// The map of times holds distance plus excess, metres; within a cell only the distance varies.
pub(crate) fn by_times(
    grid: Grid,
    times: &Map,
    level: Option<&Map>,
    places: &[[f64; 2]],
    observation: &Observation,
) -> Vec<Cell> {
    let (heard, timed, receivers) = (levels(observation), ranges(observation), places.len());
    // Within a cell the distances vary by up to half its diagonal.
    let blur = grid.side_m * grid.side_m / 6.0;
    let rough = |index: usize| {
        let (expected, variance) = times.at(index, receivers);
        let by_level = level.map_or(0.0, |map| {
            let (expected, variance) = map.at(index, receivers);
            log_likelihood(residuals(&heard, expected), variance, map.common)
        });
        let by_time = log_likelihood(residuals(&timed, expected), variance + blur, times.common);
        (index, by_time + by_level, by_level)
    };
    let cells: Vec<(usize, f64, f64)> = (0..grid.len()).map(rough).collect();
    let best = cells.iter().map(|(_, rough, _)| *rough).fold(f64::NEG_INFINITY, f64::max);
    let close: Vec<_> = cells.into_iter().filter(|(_, rough, _)| *rough > best - CLOSE).collect();
    let parts = (MOST_CELLS / close.len() as f64).sqrt().clamp(1.0, MOST_PARTS).floor();
    let side_m = grid.side_m / parts;
    let distance_m = |place: [f64; 2], receiver: usize| {
        let [x, y] = places.get(receiver).copied().unwrap_or_default();
        (place[0] - x).hypot(place[1] - y)
    };
    let mut fine = Vec::with_capacity(close.len() * (parts * parts) as usize);
    for (index, _, by_level) in close {
        let (expected, variance) = times.at(index, receivers);
        let center = grid.center_m(index);
        // Measured range less excess.
        let direct: Vec<(usize, f64)> = timed
            .iter()
            .zip(residuals(&timed, expected))
            .map(|((receiver, _), residual)| (*receiver, residual + distance_m(center, *receiver)))
            .collect();
        for part in 0..(parts * parts) as usize {
            let step = |index: usize| (index as f64 - (parts - 1.0) / 2.0) * side_m;
            let place = [center[0] + step(part % parts as usize), center[1] + step(part / parts as usize)];
            let left = direct.iter().map(|(receiver, range)| range - distance_m(place, *receiver));
            let log_density = by_level + log_likelihood(left, variance, times.common);
            fine.push(Cell { east_north_m: place, side_m, log_density });
        }
    }
    fine
}
