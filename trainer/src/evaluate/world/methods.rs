//! The methods of the table, fitted to one realisation of a world.

use std::time::Instant;

use heimdall_fields::Kernel;
#[cfg(feature = "models")]
use heimdall_model::FusionCard;
use heimdall_simulate::world::{Fields, Observation, Split};

use super::estimate::{self, Estimate, Score};
use super::map::{Grid, Map, by_levels, by_times};
use super::model::{LogDistance, corrected_distances, distances, true_distances, true_levels};
#[cfg(feature = "models")]
use super::network::Network;
use super::simple::{Fingerprints, circle, mean_square_m2, strongest};

/// Cells of maps made from training scenes, far finer than the scenes lie.
const CELL_M: f64 = 500.0;
/// Exponents tried on the classical likelihood beside a network.
#[cfg(feature = "models")]
const SHARES: [f64; 7] = [0.0, 0.03, 0.1, 0.2, 0.35, 0.6, 1.0];
/// What the regions that users see say that they hold.
#[cfg(feature = "models")]
const PROMISED: [f64; 2] = [0.68, 0.95];
/// Validation scenes that a temperature is fitted to.
const TEMPERATURE_SCENES: usize = 200;

/// From what receivers measured to where the transmitter is.
type Fix<'a> = Box<dyn Fn(&Observation) -> Estimate + 'a>;

/// A row of the table.
pub(crate) struct Method<'a> {
    pub(crate) name: &'static str,
    fix: Fix<'a>,
    /// Log-densities are divided by it.
    temperature: f64,
    /// Time spent on a fix before it is asked for.
    more_s: f64,
}

impl Method<'_> {
    /// Locates and compares with the truth.
    pub(crate) fn score(&self, observation: &Observation) -> Score {
        let start = Instant::now();
        let score = (self.fix)(observation).score(observation.truth.east_north_m, self.temperature);
        Score { time_s: start.elapsed().as_secs_f64() + self.more_s, ..score }
    }
}

/// A method whose temperature is the one that makes validation truths least surprising.
fn calibrated<'a>(name: &'static str, validation: &[Observation], fix: Fix<'a>) -> Method<'a> {
    let temperatures: Vec<f64> = (-2..=8).map(|step| 2.0_f64.powf(f64::from(step) / 2.0)).collect();
    let mut surprises = vec![0.0; temperatures.len()];
    for scene in validation.iter().take(TEMPERATURE_SCENES) {
        let scene_surprises = estimate::surprises(&fix(scene), scene.truth.east_north_m, &temperatures);
        surprises.iter_mut().zip(scene_surprises).for_each(|(sum, surprise)| *sum += surprise);
    }
    let best = surprises.iter().zip(temperatures).min_by(|a, b| a.0.total_cmp(b.0));
    Method { name, fix, temperature: best.map_or(1.0, |(_, temperature)| temperature), more_s: 0.0 }
}

/// The temperature under which regions of 68 % and 95 % come nearest to holding that share of the scenes' truths.
#[cfg(feature = "models")]
fn truest_temperature(scenes: &[Observation], fix: &Fix<'_>) -> f64 {
    let temperatures: Vec<f64> = (-8..=8).map(|step| 2.0_f64.powf(f64::from(step) / 8.0)).collect();
    let mut held = vec![[0.0; 2]; temperatures.len()];
    for scene in scenes {
        let estimate = fix(scene);
        for (held, temperature) in held.iter_mut().zip(&temperatures) {
            let denser = estimate.score(scene.truth.east_north_m, *temperature).denser;
            held.iter_mut().zip(PROMISED).for_each(|(held, promised)| *held += f64::from(u8::from(denser <= promised)));
        }
    }
    let count = scenes.len().max(1) as f64;
    // In standard errors of a share: three scenes in a hundred matter more at 95 % than at 68 %.
    let miss = |held: &[f64; 2]| -> f64 {
        let misses = held.iter().zip(PROMISED).map(|(held, p)| (held / count - p).powi(2) / (p * (1.0 - p)));
        misses.sum()
    };
    let best = held.iter().zip(temperatures).min_by(|a, b| miss(a.0).total_cmp(&miss(b.0)));
    best.map_or(1.0, |(_, temperature)| temperature)
}

/// Everything that methods keep for one realisation.
pub(crate) struct Fitted {
    cells: Grid,
    /// The oracle's cells are those in which the world's shadowing is constant.
    true_cells: Grid,
    places: Vec<[f64; 2]>,
    strongest_m2: f64,
    center_m2: f64,
    fingerprints: Fingerprints,
    by_distance: Map,
    by_process: Map,
    truly: Map,
    times: Option<Times>,
    validation: Vec<Observation>,
    /// Settings as chosen, for the reader.
    pub(crate) settings: String,
}

struct Times {
    by_distance: Map,
    by_process: Map,
    truly: Map,
}

fn show(kernel: &Kernel) -> String {
    format!("{:?}, nugget {}, field σ {:.2}", kernel.covariance, kernel.nugget, kernel.variance.sqrt())
}

impl Fitted {
    pub(crate) fn new(fields: &Fields) -> Self {
        let world = fields.world();
        let draw = |split, count| (0..count).map(|index| fields.observe(split, index)).collect::<Vec<_>>();
        let training = draw(Split::Training, world.scenes.training);
        let validation = draw(Split::Validation, world.scenes.validation);
        let (cells, true_cells) = (Grid::new(world, CELL_M), Grid::new(world, world.shadowing.cell_m));
        let places = world.receivers_east_north_m();
        let law = LogDistance::fit(fields, &training);
        let (by_process, kernel) = law.corrected(fields, cells, &training, &validation);
        let fingerprints = Fingerprints::new(&training, &validation);
        let mut settings = format!(
            "exponent {:.2}, σ {:.1} dB, k {}, levels: {}",
            law.exponent,
            law.variance.sqrt(),
            fingerprints.count(),
            show(&kernel)
        );
        let times = world.delay.as_ref().map(|delay| {
            let (by_process, kernel) = corrected_distances(fields, cells, delay, &training, &validation);
            settings += &format!(" dB, delays: {} m", show(&kernel));
            let (by_distance, truly) = (distances(fields, cells, delay), true_distances(fields, true_cells, delay));
            Times { by_distance, by_process, truly }
        });
        Self {
            strongest_m2: mean_square_m2(&validation, |scene| strongest(&places, scene)),
            center_m2: mean_square_m2(&validation, |_| [0.0; 2]),
            by_distance: law.map(fields, cells, places.len()),
            truly: true_levels(fields, true_cells),
            cells,
            true_cells,
            places,
            fingerprints,
            by_process,
            times,
            validation,
            settings,
        }
    }

    fn calibrated<'a>(&'a self, name: &'static str, fix: Fix<'a>) -> Method<'a> {
        calibrated(name, &self.validation, fix)
    }

    /// Scenes that settings are chosen by.
    #[cfg(feature = "models")]
    pub(crate) fn validation(&self) -> &[Observation] {
        &self.validation
    }

    /// Rows of a network: alone, and together with the classical expert that knows no training scenes. That has seen
    /// the same measurements, so only a share of it counts, which makes validation truths least surprising; the
    /// product's temperature is the one under which its regions hold of them what they say.
    #[cfg(feature = "models")]
    pub(crate) fn with_network<'a>(&'a self, network: &'a Network) -> (FusionCard, [Method<'a>; 2]) {
        let classical = move |scene: &Observation| match &self.times {
            Some(times) => by_times(self.cells, &times.by_distance, None, &self.places, scene),
            None => by_levels(self.cells, &self.by_distance, self.places.len(), scene),
        };
        let mut surprises = [0.0; SHARES.len()];
        for scene in self.validation.iter().take(TEMPERATURE_SCENES) {
            let cells = classical(scene);
            for (sum, share) in surprises.iter_mut().zip(SHARES) {
                *sum += network.fused(scene, cells.clone(), share).score(scene.truth.east_north_m, 1.0).surprise;
            }
        }
        let best = surprises.iter().zip(SHARES).min_by(|a, b| a.0.total_cmp(b.0));
        let share = best.map_or(0.0, |(_, share)| share);
        let alone: Fix<'a> = Box::new(move |scene| network.estimate(scene));
        let fused: Fix<'a> = Box::new(move |scene| network.fused(scene, classical(scene), share));
        let temperature = truest_temperature(&self.validation, &fused);
        let (tdoa, level) = if self.times.is_some() { (share, 0.0) } else { (0.0, share) };
        let card = FusionCard { network: 1.0 / temperature, tdoa: tdoa / temperature, level: level / temperature };
        let method = |name, fix, temperature| Method { name, fix, temperature, more_s: network.time_s };
        (card, [method("network", alone, 1.0), method("network, classical expert fused", fused, temperature)])
    }

    /// Rows of the table. The oracle knows the world and needs no calibration.
    pub(crate) fn methods(&self) -> Vec<Method<'_>> {
        let count = self.places.len();
        let by_level = move |grid: Grid, map| move |scene: &Observation| by_levels(grid, map, count, scene);
        let mode = by_level(self.cells, &self.by_distance);
        let mean = by_level(self.cells, &self.by_distance);
        let process = by_level(self.cells, &self.by_process);
        let mut methods = vec![
            self.calibrated("constellation centroid", Box::new(|_| circle([0.0; 2], self.center_m2))),
            self.calibrated(
                "strongest receiver",
                Box::new(|scene| circle(strongest(&self.places, scene), self.strongest_m2)),
            ),
            self.calibrated("log-distance, most likely", Box::new(move |scene| Estimate::Mode(mode(scene)))),
            self.calibrated("log-distance, mean", Box::new(move |scene| Estimate::Mean(mean(scene)))),
            self.calibrated("kNN fingerprint", Box::new(|scene| self.fingerprints.fix(scene))),
            self.calibrated("GP field", Box::new(move |scene| Estimate::Mean(process(scene)))),
        ];
        let oracle: Fix<'_> = if let Some(times) = &self.times {
            let timed = |map, level| {
                move |scene: &Observation| Estimate::Mean(by_times(self.cells, map, level, &self.places, scene))
            };
            methods.push(self.calibrated("TDoA", Box::new(timed(&times.by_distance, None))));
            methods.push(self.calibrated("TDoA + GP delays", Box::new(timed(&times.by_process, None))));
            let fused = timed(&times.by_process, Some(&self.by_process));
            methods.push(self.calibrated("TDoA + GP delays + GP field", Box::new(fused)));
            Box::new(|scene| {
                Estimate::Mean(by_times(self.true_cells, &times.truly, Some(&self.truly), &self.places, scene))
            })
        } else {
            let truly = by_level(self.true_cells, &self.truly);
            Box::new(move |scene| Estimate::Mean(truly(scene)))
        };
        methods.push(Method { name: "oracle", fix: oracle, temperature: 1.0, more_s: 0.0 });
        methods
    }
}
