//! A second world, for tests of honesty: levels by a law that no expert of this product assumes.
//!
//! A direct ray and one reflected by the ground (Fresnel's coefficient, vertical polarisation),
//! interfering with their phases, behind the sharpest of a number of ridges that stand fixed in
//! space (exact knife edge). Nothing here uses the log-distance law, its parameters or its random
//! shadowing: distances are on a sphere, loss with distance goes from d² with ripples to d⁴.
//! A method that states honest regions in this world does not owe them to sharing its model.

use std::f64::consts::{PI, TAU};

use heimdall_recording::Position;
use num_complex::Complex64;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::knife_edge_loss_db;

const LIGHT_M_PER_S: f64 = 299_792_458.0;
const EARTH_RADIUS_M: f64 = 6_371_000.0;
/// Radio rays bend downwards: as if the Earth were a third larger (ITU-R P.310).
const EFFECTIVE_RADIUS_M: f64 = EARTH_RADIUS_M * 4.0 / 3.0;
/// Antennas closer than this to each other or to a ridge are outside the model.
const NEAREST_M: f64 = 50.0;

/// Parameters of the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForeignWorld {
    /// Where the ridges stand follows from it.
    pub seed: u64,
    /// Carrier.
    pub frequency_hz: f64,
    /// Antenna of the transmitter above ground.
    pub transmitter_height_m: f64,
    /// Antennas of the receivers above ground.
    pub receiver_height_m: f64,
    /// Relative permittivity of the ground (ITU-R P.527: 15 for medium dry land).
    pub ground_permittivity: f64,
    /// Conductivity of the ground (0.005 S/m for medium dry land).
    pub ground_siemens_per_m: f64,
    /// Middle of the disc that ridges are scattered over.
    pub middle: Position,
    /// Radius of the disc.
    pub radius_m: f64,
    /// How many ridges.
    pub ridge_count: usize,
    /// Mean length of a ridge.
    pub ridge_length_m: f64,
    /// Mean height of a ridge; heights are exponentially distributed.
    pub ridge_height_m: f64,
}

impl ForeignWorld {
    /// Hilly country around `middle` at a frequency.
    pub fn hills(seed: u64, frequency_hz: f64, middle: Position, radius_m: f64) -> Self {
        Self {
            seed,
            frequency_hz,
            transmitter_height_m: 60.0,
            receiver_height_m: 30.0,
            ground_permittivity: 15.0,
            ground_siemens_per_m: 0.005,
            middle,
            radius_m,
            ridge_count: 40,
            ridge_length_m: radius_m / 4.0,
            ridge_height_m: 120.0,
        }
    }

    /// Level at each receiver of a transmitter that radiates `power_dbm` (EIRP).
    pub fn levels_dbm(&self, transmitter: Position, power_dbm: f64, receivers: &[Position]) -> Vec<f64> {
        let ridges = self.ridges();
        let from = self.on_plane(transmitter);
        let level_at = |receiver: &Position| {
            let to = self.on_plane(*receiver);
            let distance_m = (to.0 - from.0).hypot(to.1 - from.1).max(NEAREST_M);
            let edges = ridges.iter().filter_map(|ridge| self.edge(ridge, from, to, distance_m));
            let sharpest = edges.fold(f64::NEG_INFINITY, f64::max);
            let edge_db = if sharpest.is_finite() { knife_edge_loss_db(sharpest) } else { 0.0 };
            power_dbm - self.two_ray_loss_db(distance_m) - edge_db
        };
        receivers.iter().map(level_at).collect()
    }

    /// Loss of the two rays over flat ground.
    pub fn two_ray_loss_db(&self, distance_m: f64) -> f64 {
        let (high, low) = (self.transmitter_height_m, self.receiver_height_m);
        let wavelength_m = LIGHT_M_PER_S / self.frequency_hz;
        let direct_m = distance_m.hypot(high - low);
        let reflected_m = distance_m.hypot(high + low);
        let sine = (high + low) / reflected_m;
        // The imaginary part is 60 λσ (ITU-R P.527).
        let loss_part = 60.0 * wavelength_m * self.ground_siemens_per_m;
        let permittivity = Complex64::new(self.ground_permittivity, -loss_part);
        let root = (permittivity - (1.0 - sine * sine)).sqrt();
        let reflection = (permittivity * sine - root) / (permittivity * sine + root);
        // The difference of path lengths, written without cancellation.
        let detour_m = 4.0 * high * low / (direct_m + reflected_m);
        let echo = reflection * Complex64::cis(-TAU * detour_m / wavelength_m);
        let field = (1.0 + echo * direct_m / reflected_m).norm();
        20.0 * (4.0 * PI * direct_m / wavelength_m / field).log10()
    }

    /// Fresnel's ν of a ridge, where the path crosses it.
    fn edge(&self, ridge: &Ridge, from: Point, to: Point, distance_m: f64) -> Option<f64> {
        let share = crossing(from, to, ridge.from, ridge.to)?;
        let (before_m, behind_m) = (share * distance_m, (1.0 - share) * distance_m);
        if before_m < NEAREST_M || behind_m < NEAREST_M {
            return None;
        }
        let rise_m = self.receiver_height_m - self.transmitter_height_m;
        let ray_m = self.transmitter_height_m + share * rise_m;
        let bulge_m = before_m * behind_m / (2.0 * EFFECTIVE_RADIUS_M);
        let above_m = ridge.height_m + bulge_m - ray_m;
        let wavelength_m = LIGHT_M_PER_S / self.frequency_hz;
        Some(above_m * (2.0 * distance_m / (wavelength_m * before_m * behind_m)).sqrt())
    }

    fn ridges(&self) -> Vec<Ridge> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut ridge = || {
            // The root spreads the middles evenly over the disc.
            let radius_m = self.radius_m * rng.random::<f64>().sqrt();
            let (north, east) = (rng.random_range(0.0..TAU)).sin_cos();
            let half_m = self.ridge_length_m * rng.random_range(0.25..0.75);
            let (along_north, along_east) = (rng.random_range(0.0..PI)).sin_cos();
            let middle = (radius_m * east, radius_m * north);
            let half = (half_m * along_east, half_m * along_north);
            Ridge {
                from: (middle.0 - half.0, middle.1 - half.1),
                to: (middle.0 + half.0, middle.1 + half.1),
                height_m: -self.ridge_height_m * (1.0 - rng.random::<f64>()).ln(),
            }
        };
        (0..self.ridge_count).map(|_| ridge()).collect()
    }

    /// East and north of the middle on a sphere, equirectangular.
    fn on_plane(&self, position: Position) -> Point {
        let degree_m = EARTH_RADIUS_M * PI / 180.0;
        let shrink = self.middle.latitude_deg.to_radians().cos();
        (
            (position.longitude_deg - self.middle.longitude_deg) * degree_m * shrink,
            (position.latitude_deg - self.middle.latitude_deg) * degree_m,
        )
    }
}

/// East and north, metres.
type Point = (f64, f64);

struct Ridge {
    from: Point,
    to: Point,
    height_m: f64,
}

/// How far along a–b, 0…1, the segment c–d crosses it.
fn crossing(a: Point, b: Point, c: Point, d: Point) -> Option<f64> {
    let (path, ridge, gap) = ((b.0 - a.0, b.1 - a.1), (d.0 - c.0, d.1 - c.1), (c.0 - a.0, c.1 - a.1));
    let cross = |u: Point, v: Point| u.0 * v.1 - u.1 * v.0;
    let area = cross(path, ridge);
    let (along_path, along_ridge) = (cross(gap, ridge) / area, cross(gap, path) / area);
    let inside = (0.0..1.0).contains(&along_path) && (0.0..1.0).contains(&along_ridge);
    inside.then_some(along_path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn world() -> ForeignWorld {
        ForeignWorld::hills(3, 145.5e6, Position::new(45.0, 8.2).unwrap(), 100e3)
    }

    #[test]
    fn far_away_the_loss_grows_with_the_fourth_power() {
        // Plane-earth law (Parsons, The Mobile Radio Propagation Channel, eq. 2.23):
        // 40 log d − 20 log(h₁h₂), once the ground reflects with −1.
        let world = world();
        let loss_db = world.two_ray_loss_db(100e3);
        assert!((loss_db - (200.0 - 20.0 * (60.0_f64 * 30.0).log10())).abs() < 1.0, "{loss_db}");
        assert!((world.two_ray_loss_db(200e3) - loss_db - 40.0 * 2.0_f64.log10()).abs() < 0.1);
    }

    #[test]
    fn near_by_the_loss_ripples_about_free_space() {
        let world = world();
        let excess_db = |distance_m: f64| {
            let free_db = 20.0 * (4.0 * PI * distance_m * 145.5e6 / LIGHT_M_PER_S).log10();
            world.two_ray_loss_db(distance_m) - free_db
        };
        let excess: Vec<f64> = (100..1500).map(|d| excess_db(f64::from(d))).collect();
        assert!(excess.iter().any(|db| *db > 3.0) && excess.iter().any(|db| *db < -3.0));
        assert!(excess.iter().all(|db| *db > -6.1));
    }

    #[test]
    fn a_ridge_on_the_path_shadows_and_one_beside_it_does_not() {
        let world = world();
        let ridge = |north_m: f64| Ridge { from: (-5e3, north_m - 10e3), to: (-5e3, north_m + 10e3), height_m: 500.0 };
        let (from, to) = ((-10e3, 0.0), (10e3, 0.0));
        // Quarter of the way: d₁ = 5 km, d₂ = 15 km, bulge 4.4 m, ray at 52.5 m.
        let above_m = 500.0 + 5e3 * 15e3 / (2.0 * EFFECTIVE_RADIUS_M) - 52.5;
        let expected = above_m * (2.0 * 20e3 / (LIGHT_M_PER_S / 145.5e6 * 5e3 * 15e3)).sqrt();
        let v = world.edge(&ridge(0.0), from, to, 20e3).unwrap();
        assert!((v - expected).abs() < 1e-9);
        assert!(world.edge(&ridge(20e3), from, to, 20e3).is_none());
    }

    #[test]
    fn levels_are_fixed_in_space() {
        let world = world();
        let receivers: Vec<Position> =
            (0..20).map(|i| Position::new(44.6 + 0.04 * f64::from(i), 7.6).unwrap()).collect();
        let here = Position::new(45.0, 8.5).unwrap();
        let levels = world.levels_dbm(here, 40.0, &receivers);
        assert_eq!(levels, world.levels_dbm(here, 40.0, &receivers));
        let clear = ForeignWorld { ridge_count: 0, ..world.clone() };
        let unshadowed = clear.levels_dbm(here, 40.0, &receivers);
        let shadowed = levels.iter().zip(&unshadowed).filter(|(is, clear)| **is < **clear - 6.0).count();
        assert!((2..=20).contains(&shadowed), "{shadowed} of 20 receivers are behind a ridge");
    }
}
