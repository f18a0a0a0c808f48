//! Worlds in which methods are compared: what is fixed in space, what each scene draws, and which places are held out.
//!
//! A [`World`] is a committed file (`worlds/*.json`). Together with a seed it is one realisation: [`Fields`] fix
//! shadowing and excess delay per receiver at every place, and [`Fields::observe`] gives scene `k` of a [`Split`].
//! Everything follows from world, seed, split and `k` alone, in any order.

mod fields;
mod lattice;
mod observation;
mod plane;
mod recordings;
mod relief;
mod split;

use heimdall_recording::Position;
use serde::{Deserialize, Serialize};

use crate::scene::{finite, not_negative, on_earth, positive, within};
use crate::{Error, Terrain};

pub use fields::Fields;
pub use lattice::Lattice;
pub use observation::{Arrival, Observation, Truth};
pub use plane::Plane;
pub use recordings::{OnAir, scene_draw, scene_recordings};
pub use relief::{Ground, Relief};
pub use split::{Block, Split};

/// More lattice nodes per side than this would not fit into a browser's memory with all receivers.
const MAX_NODES: f64 = 2048.0;

/// A family of realisations, one per seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// Stands in tables.
    pub name: String,
    /// Realisations that results are pooled over.
    pub seeds: Vec<u64>,
    /// What the receivers are called together, as models for them are: letters, digits, '.', '-' and '_'.
    pub constellation_name: String,
    /// Receivers in the order of the network's planes.
    pub constellation: Vec<Station>,
    /// Side of the square, about the mean of the receivers' positions, in which transmitters stand.
    pub extent_m: f64,
    /// How places are divided.
    pub blocks: Blocks,
    /// Scenes of each part.
    pub scenes: Scenes,
    /// Radiated power (EIRP) of each scene's transmitter, Gaussian.
    pub power: Power,
    /// Loss with distance.
    pub path: Path,
    /// Ground that diffracts; the loss with distance alone where there is none.
    #[serde(default)]
    pub relief: Option<Relief>,
    /// Shadowing of each receiver, fixed in space, independent between receivers.
    pub shadowing: Shadowing,
    /// Standard deviation of each level's measurement error.
    pub level_noise_db: f64,
    /// Each receiver misses each scene with this probability.
    pub outage_probability: f64,
    /// Arrival times at the stations with a shared clock; none anywhere without.
    pub delay: Option<Delay>,
    /// What scenes are as recordings.
    #[serde(default)]
    pub on_air: OnAir,
    /// Measured heights, where the relief names a file of them; set by [`World::with_tile`].
    #[serde(skip)]
    pub tile: Option<Terrain>,
}

/// A receiver of a world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Station {
    /// Unique in the world.
    pub name: String,
    /// Where its antenna is.
    pub position: Position,
    /// Its clock agrees with those of the other stations that say so.
    pub shared_clock: bool,
    /// Where its antenna looks; everywhere alike where none is given.
    #[serde(default)]
    pub beam: Option<Beam>,
}

/// A directional antenna: −12 (φ/width)² dB off its axis, down to the back's (3GPP TR 36.814, table A.2.1.1-2).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beam {
    /// Direction of the axis, clockwise from north.
    pub azimuth_deg: f64,
    /// Full width at which the gain is halved.
    pub width_deg: f64,
    /// Gain on the axis over an isotropic antenna.
    pub gain_dbi: f64,
    /// Loss of the back against the axis.
    pub front_to_back_db: f64,
}

impl Beam {
    /// Gain over an isotropic antenna towards `azimuth_deg`.
    pub fn gain_dbi(&self, azimuth_deg: f64) -> f64 {
        let off_deg = (azimuth_deg - self.azimuth_deg + 180.0).rem_euclid(360.0) - 180.0;
        self.gain_dbi - (12.0 * (off_deg / self.width_deg).powi(2)).min(self.front_to_back_db)
    }
}

/// Square blocks, held out whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocks {
    /// Side of a block.
    pub side_m: f64,
    /// Goes into the hash of each block together with the realisation's seed.
    pub seed: u64,
    /// Share of the blocks kept for validation.
    pub validation_share: f64,
    /// Share of the blocks kept for the test.
    pub test_share: f64,
}

/// How many scenes each part has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenes {
    /// What methods learn from.
    pub training: usize,
    /// What their settings are chosen by.
    pub validation: usize,
    /// What results are reported on.
    pub test: usize,
}

/// Power of transmitters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Power {
    /// Mean.
    pub mean_dbm: f64,
    /// Standard deviation.
    pub sigma_db: f64,
}

/// `loss = reference_loss_db + 10·exponent·log₁₀(d / 1 km)`, constant within `nearest_m`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Path {
    /// Exponent n.
    pub exponent: f64,
    /// Loss at 1 km.
    pub reference_loss_db: f64,
    /// Nearer than this nothing becomes stronger.
    pub nearest_m: f64,
}

/// Log-normal shadowing with covariance σ²·exp(−Δ/d) (Gudmundson 1991).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shadowing {
    /// Standard deviation σ.
    pub sigma_db: f64,
    /// Distance d at which the correlation is 1/e.
    pub correlation_m: f64,
    /// Side of the cells in which shadowing is constant.
    pub cell_m: f64,
}

/// Delay beyond the direct path: a field fixed in space with covariance σ²·exp(−½(Δ/l)²), a part that no training can
/// predict, and what thermal noise does to the measured time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    /// Mean of the field, the same at every receiver.
    pub mean_s: f64,
    /// Standard deviation σ of the field.
    pub sigma_s: f64,
    /// Length l.
    pub length_m: f64,
    /// Standard deviation of the part drawn anew for each scene and receiver.
    pub residue_s: f64,
    /// Standard deviation of the measurement.
    pub thermal_s: f64,
}

impl World {
    /// A world from its file.
    ///
    /// # Errors
    /// Where the file is no world (unknown keys included) or a value is not usable.
    pub fn read(json: &[u8]) -> Result<Self, Error> {
        let world: Self = serde_json::from_slice(json).map_err(Error::World)?;
        world.validate()?;
        Ok(world)
    }

    /// The plane about the mean of the receivers' positions in which places are `[east, north]` metres.
    pub fn plane(&self) -> Plane {
        let count = self.constellation.len().max(1) as f64;
        let mean =
            |part: fn(&Position) -> f64| self.constellation.iter().map(|s| part(&s.position)).sum::<f64>() / count;
        Plane::new(Position { latitude_deg: mean(|p| p.latitude_deg), longitude_deg: mean(|p| p.longitude_deg) })
    }

    /// The same world about other receivers, called `name` together: square, blocks and cells grow with how far the
    /// receivers stand from their middle, and fields stay as rough as they are, but for lengths that exceed the square.
    ///
    /// # Errors
    /// Where receivers stand nowhere, all in one place or too far apart, have one name twice, or where the world has
    /// measured heights, which are of one region.
    pub fn about(&self, name: &str, stations: Vec<Station>) -> Result<Self, Error> {
        if self.tile_name().is_some() {
            return Err(Error::OwnHeights);
        }
        let mut world = Self { constellation_name: name.to_owned(), constellation: stations, ..self.clone() };
        let ratio = world.reach_m() / self.reach_m();
        world.extent_m = self.extent_m * ratio;
        within("the world", "extent_m", world.extent_m, (1e3..=1e6).contains(&world.extent_m), "from 1 km to 1000 km")?;
        for length_m in [&mut world.blocks.side_m, &mut world.shadowing.cell_m] {
            *length_m *= ratio;
        }
        if let Some(relief) = &mut world.relief {
            relief.cell_m *= ratio;
        }
        world.shadowing.correlation_m = world.shadowing.correlation_m.min(world.extent_m);
        if let Some(delay) = &mut world.delay {
            delay.length_m = delay.length_m.min(world.extent_m);
        }
        world.validate()?;
        Ok(world)
    }

    /// Distance of the farthest receiver from their middle.
    fn reach_m(&self) -> f64 {
        self.receivers_east_north_m().iter().map(|[east, north]| east.hypot(*north)).fold(0.0, f64::max)
    }

    /// Receivers in that plane, in order.
    pub fn receivers_east_north_m(&self) -> Vec<[f64; 2]> {
        let plane = self.plane();
        self.constellation.iter().map(|station| plane.east_north_m(station.position)).collect()
    }

    /// Level that arrives over `distance_m` from 0 dBm without shadowing.
    pub fn path_gain_db(&self, distance_m: f64) -> f64 {
        let kilometres = distance_m.max(self.path.nearest_m) / 1000.0;
        -self.path.reference_loss_db - 10.0 * self.path.exponent * kilometres.log10()
    }

    /// Checks everything that a realisation relies on.
    fn validate(&self) -> Result<(), Error> {
        let whole = "the world";
        if self.constellation.is_empty() {
            return Err(Error::NoReceivers);
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let name = &self.constellation_name;
        if name.is_empty() || name.starts_with('.') || name.len() > 100 || !name.chars().all(plain) {
            return Err(Error::ConstellationName(name.clone()));
        }
        for (index, station) in self.constellation.iter().enumerate() {
            on_earth(&format!("receiver {}", station.name), station.position)?;
            let mut before = self.constellation.iter().take(index);
            if station.name.trim().is_empty() || before.any(|other| other.name == station.name) {
                return Err(Error::Name { index, name: station.name.clone() });
            }
            if let Some(beam) = station.beam {
                let place = format!("the antenna of {}", station.name);
                finite(&place, "azimuth_deg", beam.azimuth_deg)?;
                positive(&place, "width_deg", beam.width_deg)?;
                finite(&place, "gain_dbi", beam.gain_dbi)?;
                not_negative(&place, "front_to_back_db", beam.front_to_back_db)?;
            }
        }
        positive(whole, "extent_m", self.extent_m)?;
        let seeds = self.seeds.len() as f64;
        within(whole, "number of seeds", seeds, seeds > 0.0, "at least 1")?;
        let Scenes { training, validation, test } = self.scenes;
        for (name, count) in [("training scenes", training), ("validation scenes", validation), ("test scenes", test)] {
            within(whole, name, count as f64, count > 0, "at least 1")?;
        }
        self.validate_blocks()?;
        finite(whole, "mean_dbm", self.power.mean_dbm)?;
        positive(whole, "sigma_db of the power", self.power.sigma_db)?;
        finite(whole, "exponent", self.path.exponent)?;
        finite(whole, "reference_loss_db", self.path.reference_loss_db)?;
        positive(whole, "nearest_m", self.path.nearest_m)?;
        not_negative(whole, "sigma_db of the shadowing", self.shadowing.sigma_db)?;
        positive(whole, "correlation_m", self.shadowing.correlation_m)?;
        self.validate_cells("cell_m of the shadowing", self.shadowing.cell_m)?;
        let (length_m, longest) = (self.shadowing.correlation_m, "at most the side of the square");
        within(whole, "correlation_m", length_m, length_m <= self.extent_m, longest)?;
        if let Some(relief) = &self.relief {
            self.validate_cells("cell_m of the relief", relief.cell_m)?;
            relief.validate()?;
        }
        positive(whole, "level_noise_db", self.level_noise_db)?;
        let outage = self.outage_probability;
        within(whole, "outage_probability", outage, (0.0..1.0).contains(&outage), "from 0 to below 1")?;
        let Some(delay) = &self.delay else { return Ok(()) };
        finite(whole, "mean_s", delay.mean_s)?;
        not_negative(whole, "sigma_s", delay.sigma_s)?;
        positive(whole, "length_m", delay.length_m)?;
        let longest = "at most the side of the square";
        within(whole, "length_m", delay.length_m, delay.length_m <= self.extent_m, longest)?;
        not_negative(whole, "residue_s", delay.residue_s)?;
        positive(whole, "thermal_s", delay.thermal_s)
    }

    fn validate_blocks(&self) -> Result<(), Error> {
        let (place, blocks) = ("the world's blocks", &self.blocks);
        positive(place, "side_m", blocks.side_m)?;
        let across = self.extent_m / blocks.side_m;
        let whole = (3.0..=1000.0).contains(&across) && (across - across.round()).abs() < 1e-9;
        within(place, "side_m", blocks.side_m, whole, "a whole fraction of extent_m, from a third to a thousandth")?;
        for (name, share) in [("validation_share", blocks.validation_share), ("test_share", blocks.test_share)] {
            within(place, name, share, (0.05..=0.45).contains(&share), "from 0.05 to 0.45")?;
        }
        Ok(())
    }

    fn validate_cells(&self, name: &'static str, cell_m: f64) -> Result<(), Error> {
        let whole = "the world";
        positive(whole, name, cell_m)?;
        let across = self.extent_m / cell_m;
        let even = across <= MAX_NODES && (across - across.round()).abs() < 1e-9;
        within(whole, name, cell_m, even, "a whole fraction of extent_m, not below a 2048th")
    }
}
