//! Heights of the ground on a grid of latitudes and longitudes.

use num_complex::Complex64;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use rustfft::FftPlanner;
use serde::{Deserialize, Serialize};

use heimdall_recording::Position;

use crate::Error;
use crate::scene::{not_negative, on_earth, positive, within};

/// Mean radius of the Earth.
const EARTH_RADIUS_M: f64 = 6_371_000.0;
/// What the tiles of the Shuttle mission write where they saw nothing.
const VOID: i16 = i16::MIN;

/// Heights above sea level, rows from north to south, columns from west to east.
#[derive(Clone, Debug, PartialEq)]
pub struct Terrain {
    heights_m: Vec<f32>,
    columns: usize,
    rows: usize,
    north_deg: f64,
    west_deg: f64,
    step_deg: [f64; 2],
}

/// Relief without a preferred scale: variances of height differences grow as distance^2H.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FractalRelief {
    /// Everything random follows from it.
    pub seed: u64,
    /// Middle of the square.
    pub center: Position,
    /// Side of the square.
    pub side_m: f64,
    /// Nodes per side, 2 to 2048.
    pub nodes: usize,
    /// Hurst exponent H between 0 (ragged) and 1 (smooth); mountains have 0.7 to 0.9.
    pub hurst: f64,
    /// Standard deviation of the heights.
    pub sigma_m: f64,
    /// Mean height.
    pub mean_m: f64,
}

impl Terrain {
    /// Relief by spectral synthesis: Gaussian Fourier coefficients with the density
    /// |k|^(−2H − 2) (Voss in Peitgen & Saupe, The Science of Fractal Images, 1988, §1.4), on a
    /// square of twice the side so that opposite edges have nothing in common.
    ///
    /// # Errors
    /// A number that is not usable.
    pub fn fractal(relief: &FractalRelief) -> Result<Self, Error> {
        let place = "the terrain";
        on_earth(place, relief.center)?;
        positive(place, "side_m", relief.side_m)?;
        not_negative(place, "sigma_m", relief.sigma_m)?;
        within(place, "mean_m", relief.mean_m, relief.mean_m.abs() < 1e4, "below 10 km")?;
        within(place, "hurst", relief.hurst, relief.hurst > 0.0 && relief.hurst < 1.0, "between 0 and 1")?;
        let nodes = relief.nodes;
        within(place, "nodes", nodes as f64, (2..=2048).contains(&nodes), "between 2 and 2048")?;
        let field = periodic_field(2 * nodes, relief.hurst, &mut ChaCha8Rng::seed_from_u64(relief.seed));
        let raw: Vec<f64> =
            field.chunks(2 * nodes).take(nodes).flat_map(|row| row.iter().take(nodes).copied()).collect();
        let mean = raw.iter().sum::<f64>() / raw.len() as f64;
        let variance = raw.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / raw.len() as f64;
        let scale = relief.sigma_m / variance.sqrt().max(f64::MIN_POSITIVE);
        let side_deg = (relief.side_m / EARTH_RADIUS_M).to_degrees();
        let side_lon_deg = side_deg / relief.center.latitude_deg.to_radians().cos().max(0.01);
        let steps = (nodes - 1) as f64;
        Ok(Self {
            heights_m: raw.iter().map(|z| (relief.mean_m + (z - mean) * scale) as f32).collect(),
            columns: nodes,
            rows: nodes,
            north_deg: relief.center.latitude_deg + side_deg / 2.0,
            west_deg: relief.center.longitude_deg - side_lon_deg / 2.0,
            step_deg: [side_deg / steps, side_lon_deg / steps],
        })
    }

    /// Heights of `shape` rows and columns, the first in the north-west at `corner_deg` (latitude, longitude), `step_deg`
    /// apart.
    ///
    /// # Errors
    /// Where heights and shape differ, there is only one row or column, or the grid is not on the Earth.
    pub fn new(
        heights_m: Vec<f32>,
        shape: [usize; 2],
        corner_deg: [f64; 2],
        step_deg: [f64; 2],
    ) -> Result<Self, Error> {
        let (place, [rows, columns], [north_deg, west_deg]) = ("the elevation tile", shape, corner_deg);
        within(place, "number of rows", rows as f64, rows > 1, "at least 2")?;
        within(place, "number of columns", columns as f64, columns > 1, "at least 2")?;
        let whole = rows.checked_mul(columns) == Some(heights_m.len());
        within(place, "number of heights", heights_m.len() as f64, whole, "that of its rows and columns")?;
        let sound = |height: &f32| height.is_finite();
        within(place, "heights", f64::NAN, heights_m.iter().all(sound), "numbers without a gap")?;
        step_deg.iter().try_for_each(|step| positive(place, "step", *step))?;
        let south_deg = north_deg - step_deg[0] * (rows - 1) as f64;
        for latitude_deg in [north_deg, south_deg] {
            on_earth(place, Position { latitude_deg, longitude_deg: west_deg })?;
        }
        Ok(Self { heights_m, columns, rows, north_deg, west_deg, step_deg })
    }

    /// A tile of the Shuttle Radar Topography Mission (`.hgt`): one degree square, 16-bit
    /// big-endian metres from the north-west corner, 1201 nodes a side (3″) or 3601 (1″). Its name
    /// gives the south-west corner. A void takes the height before it.
    ///
    /// # Errors
    /// Where the size is none of the two, or the corner is not on the Earth.
    pub fn from_hgt(bytes: &[u8], south_west: Position) -> Result<Self, Error> {
        on_earth("the elevation tile", south_west)?;
        let nodes = match bytes.len() {
            2_884_802 => 1201,
            25_934_402 => 3601,
            size => {
                let need = "2884802 (1201 × 1201) or 25934402 (3601 × 3601) for an .hgt file";
                return Err(Error::Value {
                    place: "the elevation tile".into(),
                    name: "size in bytes",
                    value: size as f64,
                    need,
                });
            }
        };
        let mut last = 0.0;
        let heights_m = bytes.as_chunks::<2>().0.iter().map(|pair| match i16::from_be_bytes(*pair) {
            VOID => last,
            height => {
                last = f32::from(height);
                last
            }
        });
        let step = 1.0 / (nodes - 1) as f64;
        Ok(Self {
            heights_m: heights_m.collect(),
            columns: nodes,
            rows: nodes,
            north_deg: south_west.latitude_deg + 1.0,
            west_deg: south_west.longitude_deg,
            step_deg: [step, step],
        })
    }

    /// Whether the grid reaches there.
    pub fn holds(&self, position: Position) -> bool {
        let south_deg = self.north_deg - self.step_deg[0] * (self.rows - 1) as f64;
        let east_deg = self.west_deg + self.step_deg[1] * (self.columns - 1) as f64;
        (south_deg..=self.north_deg).contains(&position.latitude_deg)
            && (self.west_deg..=east_deg).contains(&position.longitude_deg)
    }

    /// Height of the ground, bilinear between nodes; beyond the grid that of its edge.
    pub fn height_m(&self, position: Position) -> f64 {
        let row = ((self.north_deg - position.latitude_deg) / self.step_deg[0]).clamp(0.0, (self.rows - 1) as f64);
        let column =
            ((position.longitude_deg - self.west_deg) / self.step_deg[1]).clamp(0.0, (self.columns - 1) as f64);
        let at = |row: usize, column: usize| {
            let index = row.min(self.rows - 1) * self.columns + column.min(self.columns - 1);
            f64::from(self.heights_m.get(index).copied().unwrap_or_default())
        };
        let (i, j) = (row as usize, column as usize);
        let (down, right) = (row - i as f64, column - j as f64);
        let upper = at(i, j) + (at(i, j + 1) - at(i, j)) * right;
        let lower = at(i + 1, j) + (at(i + 1, j + 1) - at(i + 1, j)) * right;
        upper + (lower - upper) * down
    }

    /// Heights of the ground at `count` ≥ 2 equal steps of the great circle, both ends included.
    pub fn profile_m(&self, from: Position, to: Position, count: usize) -> Vec<f64> {
        let (a, b) = (unit_vector(from), unit_vector(to));
        let angle = a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt().min(2.0) / 2.0;
        let angle = 2.0 * angle.asin();
        let last = count.saturating_sub(1).max(1) as f64;
        (0..count)
            .map(|n| {
                let share = n as f64 / last;
                // Spherical interpolation; ends too near for it share one place.
                let (p, q) = if angle < 1e-9 {
                    (1.0 - share, share)
                } else {
                    (((1.0 - share) * angle).sin() / angle.sin(), (share * angle).sin() / angle.sin())
                };
                let [x, y, z]: [f64; 3] = std::array::from_fn(|i| p * a[i] + q * b[i]);
                let latitude_deg = z.atan2(x.hypot(y)).to_degrees();
                self.height_m(Position { latitude_deg, longitude_deg: y.atan2(x).to_degrees() })
            })
            .collect()
    }

    /// Distance between rows, for choosing the step of profiles.
    pub fn resolution_m(&self) -> f64 {
        self.step_deg[0].to_radians() * EARTH_RADIUS_M
    }
}

fn unit_vector(position: Position) -> [f64; 3] {
    let (lat, lon) = (position.latitude_deg.to_radians(), position.longitude_deg.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

/// Real part of a square field of complex Gaussian coefficients.
fn periodic_field(size: usize, hurst: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let wave = |index: usize| index.min(size - index) as f64;
    let mut field: Vec<Complex64> = (0..size * size)
        .map(|index| {
            let k = wave(index / size).hypot(wave(index % size));
            let amplitude = if k > 0.0 { k.powf(-hurst - 1.0) } else { 0.0 };
            Complex64::new(rng.sample(StandardNormal), rng.sample(StandardNormal)) * amplitude
        })
        .collect();
    let plan = FftPlanner::new().plan_fft_inverse(size);
    plan.process(&mut field);
    let mut turned: Vec<Complex64> = transposed(&field, size);
    plan.process(&mut turned);
    turned.iter().map(|z| z.re).collect()
}

fn transposed(field: &[Complex64], size: usize) -> Vec<Complex64> {
    (0..size).flat_map(|column| field.iter().skip(column).step_by(size).copied()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn height_differences_grow_with_the_hurst_exponent() {
        let mut exponents = Vec::new();
        for seed in 0..6 {
            let center = Position::new(45.0, 8.0).unwrap();
            let relief =
                FractalRelief { seed, center, side_m: 50e3, nodes: 256, hurst: 0.6, sigma_m: 300.0, mean_m: 500.0 };
            let terrain = Terrain::fractal(&relief).unwrap();
            let variance = |lag: usize| {
                let rows = terrain.heights_m.chunks(256);
                rows.flat_map(|row| row.iter().zip(&row[lag..])).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>()
                    / (256 * (256 - lag)) as f64
            };
            // E(Δz²) ∝ r^2H: two octaves give 2H·2·ln 2.
            exponents.push((variance(16) / variance(4)).ln() / (2.0 * 4.0_f64.ln()));
        }
        let mean = exponents.iter().sum::<f64>() / 6.0;
        assert!((mean - 0.6).abs() < 0.06, "{exponents:?}");
    }

    #[test]
    fn tiles_are_read_from_the_north_west_and_voids_are_filled() {
        let height =
            |row: usize, column: usize| if row == 600 && column == 3 { VOID } else { (row + 2 * column) as i16 };
        let bytes: Vec<u8> = (0..1201 * 1201).flat_map(|i| height(i / 1201, i % 1201).to_be_bytes()).collect();
        let corner = Position::new(45.0, 7.0).unwrap();
        let tile = Terrain::from_hgt(&bytes, corner).unwrap();
        let at = |lat, lon| tile.height_m(Position::new(lat, lon).unwrap());
        assert!((at(46.0, 7.0) - 0.0).abs() < 1e-6);
        assert!((at(45.0, 8.0) - 3600.0).abs() < 1e-3);
        // Bilinear is exact on a plane: 300.5 rows down, 600.25 columns right.
        assert!((at(46.0 - 300.5 / 1200.0, 7.0 + 600.25 / 1200.0) - 1501.0).abs() < 1e-3);
        assert!((at(45.5, 7.0 + 3.0 / 1200.0) - 604.0).abs() < 1e-3);
        assert!(Terrain::from_hgt(&bytes[2..], corner).unwrap_err().to_string().contains("1201"));
        // A meridian is a great circle: heights fall by one per row.
        let from = Position::new(45.75, 7.5).unwrap();
        let profile = tile.profile_m(from, Position::new(45.25, 7.5).unwrap(), 601);
        assert!(profile.iter().enumerate().all(|(n, z)| (z - (300.0 + n as f64 + 1200.0)).abs() < 0.01));
    }
}
