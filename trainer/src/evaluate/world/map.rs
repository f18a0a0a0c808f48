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

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use heimdall_simulate::SPEED_OF_LIGHT_M_PER_S;
    use heimdall_simulate::world::{Arrival, Block, Split, Truth};
    use nalgebra::{DMatrix, DVector, Matrix2};

    use super::*;

    fn scene(level_dbm: &[Option<f64>], times_s: &[f64]) -> Observation {
        let truth = Truth {
            east_north_m: [0.0; 2],
            block: Block { column: 0, row: 0 },
            split: Split::Test,
            power_dbm: 0.0,
            emitted_s: 0.0,
        };
        let arrival = |time_s: &f64| Some(Arrival { time_s: *time_s, thermal_s: 0.0 });
        Observation { truth, level_dbm: level_dbm.to_vec(), arrival: times_s.iter().map(arrival).collect() }
    }

    /// Mean and covariance (xx, xy, yy) of a posterior.
    fn moments(cells: &[Cell]) -> ([f64; 2], [f64; 3]) {
        let highest = cells.iter().map(|cell| cell.log_density).fold(f64::NEG_INFINITY, f64::max);
        let weight = |cell: &Cell| (cell.log_density - highest).exp() * cell.side_m * cell.side_m;
        let total: f64 = cells.iter().map(weight).sum();
        let average = |value: &dyn Fn([f64; 2]) -> f64| {
            cells.iter().map(|cell| weight(cell) * value(cell.east_north_m)).sum::<f64>() / total
        };
        let [x, y] = [average(&|p| p[0]), average(&|p| p[1])];
        let covariance =
            [average(&|p| (p[0] - x).powi(2)), average(&|p| (p[0] - x) * (p[1] - y)), average(&|p| (p[1] - y).powi(2))];
        ([x, y], covariance)
    }

    /// Log-density of a normal law with covariance σ²·1 + spread·11ᵀ, without its constant (2π).
    fn normal(residuals: &[f64], variance: f64, common: (f64, f64)) -> f64 {
        let count = residuals.len();
        let covariance = DMatrix::from_fn(count, count, |i, j| common.1 + if i == j { variance } else { 0.0 });
        let off = DVector::from_iterator(count, residuals.iter().map(|residual| residual - common.0));
        let determinant = covariance.determinant();
        let inverse = covariance.try_inverse().expect("positive definite");
        -0.5 * (off.dot(&(inverse * &off)) + determinant.ln())
    }

    #[test]
    fn a_common_part_is_marginalised_as_the_joint_normal_law_does() {
        let residuals = [[31.0, 44.0, 29.5, 38.0], [50.0, 51.0, 49.0, 50.5], [0.0, -3.0, 9.0, 2.0]];
        for (variance, common) in [(36.0, (37.0, 100.0)), (1.0, (37.0, 9.0)), (4.0, (0.0, 1e4))] {
            let difference = |values: &[f64]| {
                log_likelihood(values.iter().copied(), variance, Some(common)) - normal(values, variance, common)
            };
            // Equal up to a constant of variance and number.
            let constants = residuals.map(|values| difference(&values));
            assert!(constants.iter().all(|value| (value - constants[0]).abs() < 1e-9), "{constants:?}");
        }
    }

    #[test]
    fn two_receivers_whose_levels_are_linear_in_place_give_a_normal_posterior() {
        let grid = Grid { count: 200, side_m: 100.0 };
        // One sees the place east, the other the place north, a decibel per 500 and per 250 m.
        let expected = (0..grid.len()).flat_map(|index| {
            let [x, y] = grid.center_m(index);
            [(x / 500.0) as f32, (y / 250.0) as f32]
        });
        let known_power = Some((20.0, 1e-9));
        let map = Map { expected: expected.collect(), variance: vec![4.0], common: known_power };
        let cells = by_levels(grid, &map, 2, &scene(&[Some(20.0 + 3.0), Some(20.0 - 4.0)], &[]));
        let ([x, y], [xx, xy, yy]) = moments(&cells);
        // σ of 2 dB: 1000 m at 1500 m east, 500 m at 1000 m south.
        assert!((x - 1500.0).abs() < 1.0 && (y + 1000.0).abs() < 1.0, "{x} {y}");
        assert!((xx / 1e6 - 1.0).abs() < 0.01 && (yy / 0.25e6 - 1.0).abs() < 0.01 && xy.abs() < 1e3, "{xx} {xy} {yy}");
    }

    #[test]
    fn without_the_power_two_receivers_give_a_strip() {
        let grid = Grid { count: 200, side_m: 100.0 };
        let expected = (0..grid.len()).flat_map(|index| {
            let [x, _] = grid.center_m(index);
            [(x / 1000.0) as f32, (-x / 1000.0) as f32]
        });
        let map = Map { expected: expected.collect(), variance: vec![1.0], common: None };
        let observed = [57.0 + 1.5, 57.0 - 1.5];
        let ([x, y], [xx, _, yy]) = moments(&by_levels(grid, &map, 2, &scene(&observed.map(Some), &[])));
        // The difference 2x/1000 has σ √2 dB: x is 1500 ± 707 m. North is even over 20 km: variance side²/12.
        assert!((x - 1500.0).abs() < 1.0 && (xx.sqrt() / 707.1 - 1.0).abs() < 0.01, "{x} {}", xx.sqrt());
        assert!(y.abs() < 1.0 && (yy / (20e3_f64.powi(2) / 12.0) - 1.0).abs() < 0.01, "{y} {yy}");
        // A receiver that missed the scene leaves nothing that tells places apart.
        let cells = by_levels(grid, &map, 2, &scene(&[Some(57.0), None], &[]));
        assert!(cells.iter().all(|cell| (cell.log_density - cells[0].log_density).abs() < 1e-9));
    }

    #[test]
    fn times_give_the_covariance_of_the_bound() {
        // Chan & Ho (1994): (GᵀQ⁻¹G)⁻¹ with G the differences of unit vectors and Q = σ²(1 + 11ᵀ); far receivers make
        // the law of the place normal.
        let places = [[-40e3, -31e3], [42e3, -29e3], [38e3, 35e3], [-36e3, 44e3]];
        let truth = [3130.0, -2270.0];
        let sigma_m = 60.0;
        let distance = |place: [f64; 2], from: [f64; 2]| (place[0] - from[0]).hypot(place[1] - from[1]);
        let grid = Grid { count: 60, side_m: 500.0 };
        let expected = (0..grid.len()).flat_map(|index| places.map(|from| distance(grid.center_m(index), from) as f32));
        let map = Map { expected: expected.collect(), variance: vec![(sigma_m * sigma_m) as f32], common: None };
        let times_s = places.map(|from| 1e-3 + distance(truth, from) / SPEED_OF_LIGHT_M_PER_S);
        let (mean, found) = moments(&by_times(grid, &map, None, &places, &scene(&[None; 4], &times_s)));
        let unit = |from: [f64; 2]| places_unit(truth, from, distance(truth, from));
        let rows = DMatrix::from_fn(3, 2, |row, axis| unit(places[row + 1])[axis] - unit(places[0])[axis]);
        let noise = DMatrix::from_fn(3, 3, |i, j| sigma_m * sigma_m * if i == j { 2.0 } else { 1.0 });
        let information = rows.transpose() * noise.try_inverse().expect("positive definite") * rows;
        let bound = Matrix2::new(information[(0, 0)], information[(0, 1)], information[(1, 0)], information[(1, 1)]);
        let bound = bound.try_inverse().expect("four receivers around the place");
        assert!(distance(mean, truth) < 2.0, "{mean:?}");
        for (found, expected) in found.iter().zip([bound[(0, 0)], bound[(0, 1)], bound[(1, 1)]]) {
            assert!((found - expected).abs() < 0.02 * bound.trace(), "{found} {expected}");
        }
    }

    fn places_unit(place: [f64; 2], from: [f64; 2], distance_m: f64) -> [f64; 2] {
        [(place[0] - from[0]) / distance_m, (place[1] - from[1]) / distance_m]
    }
}
