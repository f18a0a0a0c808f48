//! Ground between transmitters and receivers: what it takes from the levels of a world.

use heimdall_recording::Position;
use serde::{Deserialize, Serialize};

use super::{Plane, World};
use crate::scene::{not_negative, within};
use crate::{Error, FractalRelief, SPEED_OF_LIGHT_M_PER_S, Terrain, bullington_loss_db};

/// Ground of a world, and the antennas above it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relief {
    /// Where the heights come from.
    pub ground: Ground,
    /// Height of every transmitter's antenna above ground.
    pub transmitter_m: f64,
    /// Height of every receiver's antenna above ground.
    pub receiver_m: f64,
    /// Side of the cells in which the loss by diffraction is constant.
    pub cell_m: f64,
}

/// Heights of a world's ground.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ground {
    /// Relief without a preferred scale over twice the world's square, another for each realisation
    /// ([`Terrain::fractal`]).
    Fractal {
        /// Nodes per side.
        nodes: usize,
        /// Hurst exponent.
        hurst: f64,
        /// Standard deviation of the heights.
        sigma_m: f64,
        /// Mean height.
        mean_m: f64,
    },
    /// Measured heights in a file beside the world's, the same in all realisations.
    Tile {
        /// Its name.
        file: String,
    },
}

/// Fractal ground reaches this many times beyond the world's square: receivers stand outside of it.
const BEYOND: f64 = 2.0;
/// The realisation's seed with this is its ground's.
const GROUND_SEED: u64 = 0x6772_6f75_6e64;

impl Relief {
    pub(super) fn validate(&self) -> Result<(), Error> {
        let place = "the world's relief";
        not_negative(place, "transmitter_m", self.transmitter_m)?;
        not_negative(place, "receiver_m", self.receiver_m)?;
        let Ground::Fractal { nodes, hurst, sigma_m, mean_m } = &self.ground else { return Ok(()) };
        within(place, "nodes", *nodes as f64, (2..=2048).contains(nodes), "between 2 and 2048")?;
        within(place, "hurst", *hurst, *hurst > 0.0 && *hurst < 1.0, "between 0 and 1")?;
        not_negative(place, "sigma_m", *sigma_m)?;
        within(place, "mean_m", *mean_m, mean_m.abs() < 1e4, "below 10 km")
    }

    /// Relief of a realisation: `tile` where the world names one.
    ///
    /// # Errors
    /// Where the numbers are not usable.
    fn terrain(&self, world: &World, seed: u64) -> Result<Terrain, Error> {
        match &self.ground {
            Ground::Fractal { nodes, hurst, sigma_m, mean_m } => Terrain::fractal(&FractalRelief {
                seed: seed ^ GROUND_SEED,
                center: world.plane().origin(),
                side_m: BEYOND * world.extent_m,
                nodes: *nodes,
                hurst: *hurst,
                sigma_m: *sigma_m,
                mean_m: *mean_m,
            }),
            Ground::Tile { .. } => world.tile.clone().ok_or(Error::NoTile),
        }
    }
}

/// Loss by diffraction to each receiver, in square cells over the world.
pub(super) struct Diffraction {
    count: usize,
    cell_m: f64,
    /// Receiver by receiver, row by row from the south, each from the west.
    loss_db: Vec<Vec<f32>>,
}

impl Diffraction {
    /// Of one realisation.
    ///
    /// # Errors
    /// Where the ground's numbers are not usable.
    pub(super) fn new(world: &World, relief: &Relief, seed: u64) -> Result<Self, Error> {
        let count = (world.extent_m / relief.cell_m).round().max(1.0) as usize;
        let receivers = world.receivers_east_north_m();
        let heights = Heights::new(&relief.terrain(world, seed)?, &world.plane(), world.extent_m, &receivers);
        let wavelength_m = SPEED_OF_LIGHT_M_PER_S / world.on_air.center_frequency_hz;
        let mut profile_m = Vec::new();
        let mut loss_db = |receiver: &[f64; 2]| -> Vec<f32> {
            let cell = |index: usize| {
                let from = [index % count, index / count]
                    .map(|step| (step as f64 - (count as f64 - 1.0) / 2.0) * relief.cell_m);
                let distance_m = (from[0] - receiver[0]).hypot(from[1] - receiver[1]);
                heights.profile(from, *receiver, distance_m, &mut profile_m);
                let antennas_m = [relief.transmitter_m, relief.receiver_m];
                bullington_loss_db(&profile_m, distance_m, wavelength_m, antennas_m) as f32
            };
            (0..count * count).map(cell).collect()
        };
        Ok(Self { count, cell_m: relief.cell_m, loss_db: receivers.iter().map(&mut loss_db).collect() })
    }

    /// Loss to a receiver from the cell that a place lies in, or from the nearest.
    pub(super) fn loss_db(&self, receiver: usize, [east, north]: [f64; 2]) -> f64 {
        let middle = self.count as f64 / 2.0;
        let index = |metres: f64| (metres / self.cell_m + middle).clamp(0.0, self.count as f64 - 1.0) as usize;
        let cell = index(north) * self.count + index(east);
        self.loss_db.get(receiver).and_then(|loss| loss.get(cell)).copied().map_or(0.0, f64::from)
    }
}

/// Heights on a square grid of the world's plane: profiles are straight there, and cheap.
struct Heights {
    count: usize,
    step_m: f64,
    heights_m: Vec<f32>,
}

impl Heights {
    /// Wide enough for the world's square and its receivers.
    fn new(terrain: &Terrain, plane: &Plane, extent_m: f64, receivers: &[[f64; 2]]) -> Self {
        let half_m = receivers.iter().flatten().fold(extent_m / 2.0, |half, metres| half.max(metres.abs()));
        let wanted = (2.0 * half_m / terrain.resolution_m()).ceil();
        let count = wanted.clamp(2.0, MAX_NODES) as usize + 1;
        let step_m = 2.0 * half_m / (count - 1) as f64;
        let height = |index: usize| {
            let place = [index % count, index / count].map(|step| step as f64 * step_m - half_m);
            terrain.height_m(plane.position(place)) as f32
        };
        Self { count, step_m, heights_m: (0..count * count).map(height).collect() }
    }

    /// Heights at equal steps of about the grid's from one place to the other, both ends included.
    fn profile(&self, from: [f64; 2], to: [f64; 2], distance_m: f64, profile_m: &mut Vec<f64>) {
        let steps = (distance_m / self.step_m).ceil().max(2.0);
        profile_m.clear();
        profile_m.extend((0..=steps as usize).map(|step| {
            let share = step as f64 / steps;
            self.at([0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * share))
        }));
    }

    /// Bilinear between nodes; beyond the grid that of its edge.
    fn at(&self, place: [f64; 2]) -> f64 {
        let last = (self.count - 1) as f64;
        let [(column, right), (row, up)] = place.map(|metres| {
            let at = (metres / self.step_m + last / 2.0).clamp(0.0, last);
            let below = at.floor().min(last - 1.0);
            (below as usize, at - below)
        });
        let node =
            |column: usize, row: usize| self.heights_m.get(row * self.count + column).copied().map_or(0.0, f64::from);
        let along = |row: usize| node(column, row) * (1.0 - right) + node(column + 1, row) * right;
        along(row) * (1.0 - up) + along(row + 1) * up
    }
}

/// Grids of heights have no more nodes per side.
const MAX_NODES: f64 = 2048.0;

impl World {
    /// Name of the file of heights that the world needs; it goes into [`World::with_tile`].
    pub fn tile_name(&self) -> Option<&str> {
        match &self.relief.as_ref()?.ground {
            Ground::Tile { file } => Some(file),
            Ground::Fractal { .. } => None,
        }
    }

    /// The world over these heights.
    ///
    /// # Errors
    /// Where a receiver stands beyond them.
    pub fn with_tile(self, tile: Terrain) -> Result<Self, Error> {
        let beyond = |position: &Position| !tile.holds(*position);
        if let Some(station) = self.constellation.iter().find(|station| beyond(&station.position)) {
            return Err(Error::BeyondTile { receiver: station.name.clone() });
        }
        Ok(Self { tile: Some(tile), ..self })
    }
}
