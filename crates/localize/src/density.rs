//! A probability distribution over a square of cells, as a network answers where a Gaussian cannot say it.

/// Log probabilities are not taken lower than this below the highest: exact enough, and finite.
const DEEPEST: f64 = 60.0;
/// Up to this many cells across, a place is judged from the cells themselves, beyond it from sums and maxima.
const NEAR_CELLS: f64 = 3.0;

/// Probabilities of equal square cells over a square in the network's plane, centred on its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct DensityGrid {
    /// Cells along a side, S.
    pub cells: usize,
    /// Side of the whole square, metres.
    pub extent_m: f64,
    /// Natural logs of the S × S cells' probabilities: row after row from the south, each from the west.
    pub log_probability: Vec<f32>,
}

impl DensityGrid {
    /// Side of a cell, metres.
    pub fn cell_m(&self) -> f64 {
        self.extent_m / self.cells as f64
    }

    /// False where it is none: another number of values, one that is NaN, no probability at all.
    pub(crate) fn is_distribution(&self) -> bool {
        let shaped = self.cells > 0 && self.cells.checked_mul(self.cells) == Some(self.log_probability.len());
        let sized = self.cell_m().is_finite() && self.cell_m() > 0.0;
        shaped && sized && !self.log_probability.iter().any(|value| value.is_nan()) && self.highest().is_finite()
    }

    fn highest(&self) -> f64 {
        f64::from(self.log_probability.iter().copied().fold(f32::NEG_INFINITY, f32::max))
    }
}

/// A grid prepared for evaluation: log density per m², bilinear in the log between the cells' middles, none outside.
pub(crate) struct Density {
    cells: usize,
    extent_m: f64,
    cell_m: f64,
    /// Log density per m² in the cells' middles.
    log_density: Vec<f64>,
    /// (S+1)² sums of the probabilities south and west of each corner.
    sums: Vec<f64>,
    /// Maxima of 2 × 2, 4 × 4, … cells, with their number along a side; the cells themselves first.
    maxima: Vec<(usize, Vec<f64>)>,
}

impl Density {
    /// `None` where the grid is no distribution.
    pub(crate) fn new(grid: &DensityGrid) -> Option<Self> {
        if !grid.is_distribution() {
            return None;
        }
        let (cells, cell_m, highest) = (grid.cells, grid.cell_m(), grid.highest());
        let values = &grid.log_probability;
        let deep = |value: &f32| (f64::from(*value) - highest).max(-DEEPEST);
        let total: f64 = values.iter().map(|value| deep(value).exp()).sum();
        let log_density: Vec<f64> = values.iter().map(|value| deep(value) - total.ln() - 2.0 * cell_m.ln()).collect();
        let sums = sums(cells, values.iter().map(|value| deep(value).exp() / total));
        let maxima = maxima(cells, &log_density);
        Some(Self { cells, extent_m: grid.extent_m, cell_m, log_density, sums, maxima })
    }

    /// Density per m² averaged over the square of half side `half_m` around a point, and the log of the highest
    /// within it; 0 and −∞ outside the grid.
    pub(crate) fn mean_and_log_highest(&self, middle_m: [f64; 2], half_m: f64, reach_m: f64) -> (f64, f64) {
        // In cells from the south-west corner.
        let [x, y] = middle_m.map(|m| (m + 0.5 * self.extent_m) / self.cell_m);
        let (half, reach) = (half_m / self.cell_m, reach_m / self.cell_m);
        let highest = if reach <= NEAR_CELLS { self.highest_near(x, y, reach) } else { self.highest_far(x, y, reach) };
        let mean = if half <= 0.5 * NEAR_CELLS { self.mean_near(x, y, half) } else { self.mean_far(x, y, half) };
        (mean, highest)
    }

    fn middle(&self, column: usize, row: usize) -> f64 {
        self.log_density.get(row * self.cells + column).copied().unwrap_or(f64::NEG_INFINITY)
    }

    /// Log density at a point, coordinates in cells.
    fn log_at(&self, x: f64, y: f64) -> f64 {
        let side = self.cells as f64;
        if !(0.0..=side).contains(&x) || !(0.0..=side).contains(&y) {
            return f64::NEG_INFINITY;
        }
        let place = |value: f64| {
            let value = (value - 0.5).clamp(0.0, side - 1.0);
            let low = value.floor();
            (low as usize, (low as usize + 1).min(self.cells - 1), value - low)
        };
        let ((west, east, u), (south, north, v)) = (place(x), place(y));
        let lower = (1.0 - u) * self.middle(west, south) + u * self.middle(east, south);
        let upper = (1.0 - u) * self.middle(west, north) + u * self.middle(east, north);
        (1.0 - v) * lower + v * upper
    }

    /// A bilinear function is highest in a corner of a rectangle, so the rectangle's own corners and those of the
    /// patches within it are enough.
    fn highest_near(&self, x: f64, y: f64, reach: f64) -> f64 {
        let side = self.cells as f64;
        let lines = |middle: f64| {
            let (low, high) = ((middle - reach).max(0.0), (middle + reach).min(side));
            let first = (low - 0.5).ceil() + 0.5;
            let between = (0..).map(move |n| first + f64::from(n)).take_while(move |line| *line < high);
            [low, high].into_iter().chain(between).filter(move |_| low <= high)
        };
        lines(y)
            .flat_map(|y| lines(x).map(move |x| (x, y)))
            .map(|(x, y)| self.log_at(x, y))
            .fold(f64::NEG_INFINITY, f64::max)
    }

    /// The highest of a coarser cell that the square touches.
    fn highest_far(&self, x: f64, y: f64, reach: f64) -> f64 {
        let side = self.cells as f64;
        let outside = |middle: f64| middle + reach < 0.0 || middle - reach > side;
        if outside(x) || outside(y) {
            return f64::NEG_INFINITY;
        }
        // One cell more, because the middles next to the square are interpolated with.
        let range = |middle: f64| {
            let index = |value: f64| value.clamp(0.0, side - 1.0) as usize;
            (index((middle - reach - 1.0).floor()), index((middle + reach + 1.0).floor()))
        };
        let ((west, east), (south, north)) = (range(x), range(y));
        let level = (0..self.maxima.len())
            .find(|level| (east >> level) - (west >> level) < 4 && (north >> level) - (south >> level) < 4);
        let level = level.unwrap_or(self.maxima.len().saturating_sub(1));
        let Some((side, values)) = self.maxima.get(level) else { return f64::INFINITY };
        let mut highest = f64::NEG_INFINITY;
        for row in south >> level..=north >> level {
            for column in west >> level..=east >> level {
                highest = values.get(row * side + column).copied().unwrap_or(f64::NEG_INFINITY).max(highest);
            }
        }
        highest
    }

    /// Simpson's rule over few cells; the point itself where the square is small.
    fn mean_near(&self, x: f64, y: f64, half: f64) -> f64 {
        if half < 0.02 {
            return self.log_at(x, y).exp();
        }
        let weights = [(-1.0, 1.0), (-0.5, 4.0), (0.0, 2.0), (0.5, 4.0), (1.0, 1.0)];
        let mut sum = 0.0;
        for (dy, wy) in weights {
            for (dx, wx) in weights {
                sum += wx * wy * self.log_at(x + dx * half, y + dy * half).exp();
            }
        }
        sum / 144.0
    }

    /// Of whole and part cells.
    fn mean_far(&self, x: f64, y: f64, half: f64) -> f64 {
        let upper = self.sum_to(x + half, y + half) - self.sum_to(x - half, y + half);
        let lower = self.sum_to(x + half, y - half) - self.sum_to(x - half, y - half);
        (upper - lower).max(0.0) / (2.0 * half * self.cell_m).powi(2)
    }

    /// Probability south and west of a point.
    fn sum_to(&self, x: f64, y: f64) -> f64 {
        let place = |value: f64| {
            let value = value.clamp(0.0, self.cells as f64);
            let low = value.floor().min(self.cells as f64 - 1.0);
            (low as usize, value - low)
        };
        let ((column, u), (row, v)) = (place(x), place(y));
        let at = |column: usize, row: usize| self.sums.get(row * (self.cells + 1) + column).copied().unwrap_or(0.0);
        let lower = (1.0 - u) * at(column, row) + u * at(column + 1, row);
        let upper = (1.0 - u) * at(column, row + 1) + u * at(column + 1, row + 1);
        (1.0 - v) * lower + v * upper
    }
}

fn sums(cells: usize, probabilities: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut below = vec![0.0; cells + 1];
    let mut sums = below.clone();
    let mut along = 0.0;
    for (index, probability) in probabilities.enumerate() {
        let column = index % cells;
        along = if column == 0 { probability } else { along + probability };
        if let Some(sum) = below.get_mut(column + 1) {
            *sum += along;
        }
        if column + 1 == cells {
            sums.extend_from_slice(&below);
        }
    }
    sums
}

fn maxima(cells: usize, values: &[f64]) -> Vec<(usize, Vec<f64>)> {
    let mut levels = vec![(cells, values.to_vec())];
    while let Some((side, finer)) = levels.last().filter(|(side, _)| *side > 1) {
        let half = side.div_ceil(2);
        let mut coarser = vec![f64::NEG_INFINITY; half * half];
        for (index, value) in finer.iter().enumerate() {
            let (row, column) = (index / side, index % side);
            if let Some(highest) = coarser.get_mut(row / 2 * half + column / 2) {
                *highest = highest.max(*value);
            }
        }
        levels.push((half, coarser));
    }
    levels
}
