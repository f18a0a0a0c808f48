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
        let truth = self.world.transmitter(self.seed, split, index);
        let mut rng = generator(self.seed, split, 1, index);
        let (mut level_dbm, mut arrival) = (Vec::new(), Vec::new());
        for (receiver, station) in self.world.constellation.iter().enumerate() {
            let heard = rng.random::<f64>() >= self.world.outage_probability;
            // Drawn whether heard or not, so that an outage changes nothing at the other receivers.
            let [noise, residue, thermal] = [(); 3].map(|()| rng.sample::<f64, _>(StandardNormal));
            let place = truth.east_north_m;
            let distance_m = self.distance_m(receiver, place);
            let level = truth.power_dbm + self.world.path_gain_db(distance_m) + self.shadowing_db(receiver, place);
            level_dbm.push(heard.then_some(level + self.world.level_noise_db * noise));
            let clock = self.world.delay.as_ref().filter(|_| heard && station.shared_clock);
            arrival.push(clock.map(|delay| {
                let late_s =
                    self.excess_delay_s(receiver, place) + delay.residue_s * residue + delay.thermal_s * thermal;
                let time_s = truth.emitted_s + distance_m / SPEED_OF_LIGHT_M_PER_S + late_s;
                Arrival { time_s, thermal_s: delay.thermal_s }
            }));
        }
        Observation { truth, level_dbm, arrival }
    }
}
