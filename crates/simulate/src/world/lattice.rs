//! Stationary Gaussian fields on a square lattice by circulant embedding (Dietrich & Newsam 1997).
//!
//! The covariance is made periodic by adding its periodic images, so its transform is a sampled spectral density and
//! cannot be negative: nothing is clipped. The price is the nearest image's covariance, which the period keeps below
//! exp(−8) of the variance for exponential fields and far below for Gaussian ones.

use heimdall_fields::Covariance;
use num_complex::Complex64;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rustfft::FftPlanner;

/// A field of unit variance at the centres of `count` × `count` square cells about the origin.
pub struct Lattice {
    count: usize,
    spacing_m: f64,
    /// Row by row from the south, each from the west.
    values: Vec<f32>,
}

impl Lattice {
    /// `fields` independent fields over `count` cells of `spacing_m` each way.
    pub fn draw(
        covariance: Covariance,
        count: usize,
        spacing_m: f64,
        fields: usize,
        seed: u64,
        stream: u64,
    ) -> Vec<Self> {
        let period = period(count, (covariance.reach_m() / spacing_m).ceil() as usize);
        let amplitudes = amplitudes(covariance, period, spacing_m);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        let mut lattices = Vec::with_capacity(fields);
        while lattices.len() < fields {
            let mut spectrum: Vec<Complex64> = amplitudes
                .iter()
                .map(|amplitude| {
                    Complex64::new(StandardNormal.sample(&mut rng), StandardNormal.sample(&mut rng)) * *amplitude
                })
                .collect();
            transform(&mut spectrum, period);
            // Real and imaginary part are independent fields.
            for part in [|value: &Complex64| value.re as f32, |value: &Complex64| value.im as f32] {
                let values =
                    spectrum.chunks(period).take(count).flat_map(|row| row.iter().take(count).map(part)).collect();
                lattices.push(Self { count, spacing_m, values });
            }
        }
        lattices.truncate(fields);
        lattices
    }

    /// Value of the cell that a place lies in, or of the nearest.
    pub fn cell(&self, [east, north]: [f64; 2]) -> f64 {
        let index = |metres: f64| (self.coordinate(metres) + 0.5).clamp(0.0, self.count as f64 - 1.0) as usize;
        self.at(index(east), index(north))
    }

    /// Bilinear interpolation between cell centres; for smooth fields.
    pub fn interpolated(&self, [east, north]: [f64; 2]) -> f64 {
        let split = |metres: f64| {
            let place = self.coordinate(metres).clamp(0.0, self.count as f64 - 1.0);
            let below = place.floor().min((self.count as f64 - 2.0).max(0.0));
            (below as usize, place - below)
        };
        let ((column, right), (row, up)) = (split(east), split(north));
        let along = |row: usize| self.at(column, row) * (1.0 - right) + self.at(column + 1, row) * right;
        along(row) * (1.0 - up) + along(row + 1) * up
    }

    /// Cells from the first cell's centre.
    fn coordinate(&self, metres: f64) -> f64 {
        metres / self.spacing_m + (self.count as f64 - 1.0) / 2.0
    }

    fn at(&self, column: usize, row: usize) -> f64 {
        self.values.get(row * self.count + column).copied().map_or(0.0, f64::from)
    }
}

/// Smallest length with factors 2, 3 and 5 only that holds the lattice and the covariance's reach.
fn period(count: usize, reach: usize) -> usize {
    let smooth = |length: &usize| {
        let mut left = *length;
        for factor in [2, 3, 5] {
            while left.is_multiple_of(factor) {
                left /= factor;
            }
        }
        left == 1
    };
    let least = count + reach;
    (least..).find(smooth).unwrap_or(least)
}

/// Square roots of the periodic covariance's transform over the number of nodes.
fn amplitudes(covariance: Covariance, period: usize, spacing_m: f64) -> Vec<f64> {
    let period_m = period as f64 * spacing_m;
    let wrapped = |row: usize, column: usize| -> f64 {
        let (north, east) = (row as f64 * spacing_m, column as f64 * spacing_m);
        let images = (-2..=1).flat_map(|i| (-2..=1).map(move |j| (f64::from(i) * period_m, f64::from(j) * period_m)));
        images.map(|(up, right)| covariance.correlation((north + up).hypot(east + right))).sum()
    };
    // Symmetric in both axes and in their exchange: an eighth is enough.
    let half = period / 2 + 1;
    let mut octant = vec![0.0; half * half];
    for row in 0..half {
        for column in row..half {
            let value = wrapped(row, column);
            for slot in [row * half + column, column * half + row] {
                if let Some(slot) = octant.get_mut(slot) {
                    *slot = value;
                }
            }
        }
    }
    let folded = |index: usize| index.min(period - index);
    let mut spectrum: Vec<Complex64> = (0..period * period)
        .map(|node| octant.get(folded(node / period) * half + folded(node % period)).copied().unwrap_or(0.0).into())
        .collect();
    transform(&mut spectrum, period);
    let nodes = (period * period) as f64;
    // Rounding alone can bring a vanishing density below zero.
    spectrum.into_iter().map(|value| (value.re.max(0.0) / nodes).sqrt()).collect()
}

/// Two-dimensional Fourier transform in place, transposed; all that is transformed here is symmetric or random.
fn transform(values: &mut [Complex64], period: usize) {
    let plan = FftPlanner::new().plan_fft_forward(period);
    plan.process(values);
    transpose(values, period);
    plan.process(values);
}

fn transpose(values: &mut [Complex64], period: usize) {
    for row in 0..period {
        for column in row + 1..period {
            values.swap(row * period + column, column * period + row);
        }
    }
}
