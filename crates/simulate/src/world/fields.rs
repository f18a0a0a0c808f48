//! One realisation of what is fixed in space.

use heimdall_fields::Covariance;

use super::relief::Diffraction;
use super::{Lattice, World};
use crate::Error;

/// Cells per correlation length of a smooth field; bilinear interpolation then errs by 1/8·(1/32)² of σ.
const CELLS_PER_LENGTH: f64 = 32.0;

/// What a world and a seed fix at every place.
///
/// Shadowing has exactly Gudmundson's covariance between cells of the world's `cell_m` and is constant within one; the
/// excess delay is smooth. Places outside the square take the values of its edge.
pub struct Fields<'a> {
    pub(super) world: &'a World,
    pub(super) seed: u64,
    pub(super) receivers_east_north_m: Vec<[f64; 2]>,
    shadowing: Vec<Lattice>,
    delay: Vec<Lattice>,
    diffraction: Option<Diffraction>,
}

impl<'a> Fields<'a> {
    /// The realisation `seed`.
    ///
    /// # Errors
    /// Where the world's relief is a file of heights that it was not given ([`World::with_tile`]).
    pub fn new(world: &'a World, seed: u64) -> Result<Self, Error> {
        let receivers = world.constellation.len();
        let draw = |covariance, spacing_m: f64, stream| {
            let count = (world.extent_m / spacing_m).round().max(2.0);
            Lattice::draw(covariance, count as usize, world.extent_m / count, receivers, seed, stream)
        };
        let rough = Covariance::Exponential { length_m: world.shadowing.correlation_m };
        let delay = world.delay.as_ref().map_or(Vec::new(), |delay| {
            let spacing_m = (delay.length_m / CELLS_PER_LENGTH).max(world.extent_m / super::MAX_NODES);
            draw(Covariance::Gaussian { length_m: delay.length_m }, spacing_m, DELAY_STREAM)
        });
        let diffraction = world.relief.as_ref().map(|relief| Diffraction::new(world, relief, seed)).transpose()?;
        Ok(Self {
            world,
            seed,
            receivers_east_north_m: world.receivers_east_north_m(),
            shadowing: draw(rough, world.shadowing.cell_m, SHADOWING_STREAM),
            delay,
            diffraction,
        })
    }

    /// The world.
    pub fn world(&self) -> &'a World {
        self.world
    }

    /// The realisation's seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Shadowing at a receiver of a transmitter at `[east, north]`, positive where the signal is stronger.
    pub fn shadowing_db(&self, receiver: usize, east_north_m: [f64; 2]) -> f64 {
        let unit = self.shadowing.get(receiver).map_or(0.0, |lattice| lattice.cell(east_north_m));
        self.world.shadowing.sigma_db * unit
    }

    /// Level that arrives at a receiver from 0 dBm at `[east, north]` without shadowing: loss with distance and over the
    /// ground, and the gain of the receiver's antenna.
    pub fn path_gain_db(&self, receiver: usize, east_north_m: [f64; 2]) -> f64 {
        let beam = self.world.constellation.get(receiver).and_then(|station| station.beam);
        let antenna_db = beam.map_or(0.0, |beam| beam.gain_dbi(self.azimuth_deg(receiver, east_north_m)));
        let ground_db = self.diffraction.as_ref().map_or(0.0, |ground| ground.loss_db(receiver, east_north_m));
        self.world.path_gain_db(self.distance_m(receiver, east_north_m)) + antenna_db - ground_db
    }

    /// As [`Fields::path_gain_db`], with shadowing.
    pub fn gain_db(&self, receiver: usize, east_north_m: [f64; 2]) -> f64 {
        self.path_gain_db(receiver, east_north_m) + self.shadowing_db(receiver, east_north_m)
    }

    /// Predictable delay beyond the direct path; 0 in a world without.
    pub fn excess_delay_s(&self, receiver: usize, east_north_m: [f64; 2]) -> f64 {
        let Some(delay) = &self.world.delay else { return 0.0 };
        let unit = self.delay.get(receiver).map_or(0.0, |lattice| lattice.interpolated(east_north_m));
        delay.mean_s + delay.sigma_s * unit
    }

    /// Direction from a receiver, clockwise from north.
    fn azimuth_deg(&self, receiver: usize, [east, north]: [f64; 2]) -> f64 {
        let [x, y] = self.receivers_east_north_m.get(receiver).copied().unwrap_or_default();
        (east - x).atan2(north - y).to_degrees()
    }

    /// Distance in the plane.
    pub fn distance_m(&self, receiver: usize, [east, north]: [f64; 2]) -> f64 {
        let [x, y] = self.receivers_east_north_m.get(receiver).copied().unwrap_or_default();
        (east - x).hypot(north - y)
    }
}

/// Streams of the realisation's generator: fields, then transmitters, then observations.
const SHADOWING_STREAM: u64 = 1;
const DELAY_STREAM: u64 = 2;
