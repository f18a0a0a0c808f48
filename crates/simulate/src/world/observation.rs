//! Scenes of a world at the level of measurements.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::Serialize;

use super::{Block, Fields, Split, World};
use crate::SPEED_OF_LIGHT_M_PER_S;

/// The emission of a scene, unknown to methods.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Truth {
    /// Place in the world's plane.
    pub east_north_m: [f64; 2],
    /// Block of the place.
    pub block: Block,
    /// Part that the block belongs to.
    pub split: Split,
    /// Radiated power (EIRP).
    pub power_dbm: f64,
    /// When the emission left, within a millisecond of what the shared clocks call zero.
    pub emitted_s: f64,
}

/// A time of arrival by the shared clock.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Arrival {
    /// When.
    pub time_s: f64,
    /// Standard deviation by thermal noise alone.
    pub thermal_s: f64,
}

/// What the receivers measured of one scene, in the constellation's order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Observation {
    /// What is to be found.
    pub truth: Truth,
    /// Measured level; `None` where the receiver missed the scene.
    pub level_dbm: Vec<Option<f64>>,
    /// Measured time; `None` where the receiver missed the scene or shares no clock.
    pub arrival: Vec<Option<Arrival>>,
}

/// What happens on the way to one receiver and in it, errors that are drawn anew for each scene included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reception {
    /// The receiver takes part.
    pub(super) heard: bool,
    /// Mean level at the antenna.
    pub(super) level_dbm: f64,
    /// What the measured level is too high by.
    pub(super) level_error_db: f64,
    /// From emission to arrival, excess and residue included.
    pub(super) delay_s: f64,
    /// What thermal noise makes the measured time too late by; 0 in a world without times.
    pub(super) thermal_error_s: f64,
}

/// Streams below this belong to the fields.
const FIRST_STREAM: u64 = 1 << 40;

/// Generator of scene `index`; `kind` keeps places and measurements apart.
fn generator(seed: u64, split: Split, kind: u64, index: usize) -> ChaCha8Rng {
    let part = match split {
        Split::Training => 0,
        Split::Validation => 1,
        Split::Test => 2,
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(((2 * part + kind) << 48) + FIRST_STREAM + index as u64);
    rng
}

impl World {
    /// The emission of scene `index` of a part, uniform over the part's blocks.
    pub fn transmitter(&self, seed: u64, split: Split, index: usize) -> Truth {
        let mut rng = generator(seed, split, 0, index);
        loop {
            let east_north_m = [(); 2].map(|()| (rng.random::<f64>() - 0.5) * self.extent_m);
            let block = self.block(east_north_m);
            if self.split(seed, block) != split {
                continue;
            }
            let power_dbm = self.power.mean_dbm + self.power.sigma_db * rng.sample::<f64, _>(StandardNormal);
            let emitted_s = (rng.random::<f64>() - 0.5) * 2e-3;
            return Truth { east_north_m, block, split, power_dbm, emitted_s };
        }
    }
}

impl Fields<'_> {
    /// Scene `index` of a part.
    pub fn observe(&self, split: Split, index: usize) -> Observation {
        let (truth, receptions) = self.receive(split, index);
        let level = |reception: &Reception| reception.heard.then_some(reception.level_dbm + reception.level_error_db);
        let timed = receptions.iter().zip(&self.world.constellation).map(|(reception, station)| {
            let delay = self.world.delay.as_ref().filter(|_| reception.heard && station.shared_clock)?;
            let time_s = truth.emitted_s + reception.delay_s + reception.thermal_error_s;
            Some(Arrival { time_s, thermal_s: delay.thermal_s })
        });
        Observation { truth, level_dbm: receptions.iter().map(level).collect(), arrival: timed.collect() }
    }

    /// Scene `index` of a part, in the parts that measurements are made of.
    pub(super) fn receive(&self, split: Split, index: usize) -> (Truth, Vec<Reception>) {
        let truth = self.world.transmitter(self.seed, split, index);
        let mut rng = generator(self.seed, split, 1, index);
        let place = truth.east_north_m;
        let (residue_s, thermal_s) = self.world.delay.as_ref().map_or((0.0, 0.0), |d| (d.residue_s, d.thermal_s));
        let mut reception = |receiver: usize| {
            let heard = rng.random::<f64>() >= self.world.outage_probability;
            // Drawn whether heard or not, so that an outage changes nothing at the other receivers.
            let [noise, residue, thermal] = [(); 3].map(|()| rng.sample::<f64, _>(StandardNormal));
            let distance_m = self.distance_m(receiver, place);
            Reception {
                heard,
                level_dbm: truth.power_dbm + self.gain_db(receiver, place),
                level_error_db: self.world.level_noise_db * noise,
                delay_s: distance_m / SPEED_OF_LIGHT_M_PER_S
                    + (self.excess_delay_s(receiver, place) + residue_s * residue),
                thermal_error_s: thermal_s * thermal,
            }
        };
        (truth, (0..self.world.constellation.len()).map(&mut reception).collect())
    }
}
