//! Maps of what each receiver should measure: by distance alone, corrected by training scenes, and as it truly is.

use heimdall_fields::{Kernel, Kriging, Sample};
use heimdall_simulate::SPEED_OF_LIGHT_M_PER_S;
use heimdall_simulate::world::{Delay, Fields, Observation};

use super::map::{Grid, Map, levels, ranges};

/// Log-distance law fitted to training scenes.
pub(crate) struct LogDistance {
    pub(crate) exponent: f64,
    /// Variance of a receiver's residual.
    pub(crate) variance: f64,
    /// Mean and variance of what the receivers' residuals have in common.
    pub(crate) common: (f64, f64),
}

/// −10 log₁₀ of the distance in kilometres, as the world has it near the receivers.
fn slope_db(fields: &Fields, receiver: usize, place: [f64; 2]) -> f64 {
    -10.0 * (fields.distance_m(receiver, place).max(fields.world().path.nearest_m) / 1000.0).log10()
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = values.clone().count().max(1) as f64;
    values.sum::<f64>() / count
}

impl LogDistance {
    /// Least squares on differences between receivers, so that each scene's power is free.
    pub(crate) fn fit(fields: &Fields, training: &[Observation]) -> Self {
        let (mut xx, mut xy, mut yy, mut free) = (0.0, 0.0, 0.0, 0.0);
        for scene in training {
            let place = scene.truth.east_north_m;
            let pairs: Vec<(f64, f64)> =
                levels(scene).into_iter().map(|(receiver, level)| (slope_db(fields, receiver, place), level)).collect();
            let (x, y) = (mean(pairs.iter().map(|pair| pair.0)), mean(pairs.iter().map(|pair| pair.1)));
            for (slope, level) in &pairs {
                xx += (slope - x) * (slope - x);
                xy += (slope - x) * (level - y);
                yy += (level - y) * (level - y);
            }
            free += (pairs.len() as f64 - 1.0).max(0.0);
        }
        let exponent = if xx > 0.0 { xy / xx } else { 2.0 };
        let law =
            Self { exponent, variance: ((yy - exponent * xy) / f64::max(free, 1.0)).max(0.01), common: (0.0, 1.0) };
        let offset = |scene: &Observation| {
            let residuals = law.residuals(fields, scene);
            mean(residuals.iter().copied())
        };
        let offsets: Vec<f64> = training.iter().map(offset).collect();
        let center = mean(offsets.iter().copied());
        Self { common: (center, mean(offsets.iter().map(|offset| (offset - center).powi(2))).max(0.01)), ..law }
    }

    /// Level less the law, of the receivers that heard the scene.
    fn residuals(&self, fields: &Fields, scene: &Observation) -> Vec<f64> {
        let place = scene.truth.east_north_m;
        let residual = |(receiver, level): (usize, f64)| level - self.exponent * slope_db(fields, receiver, place);
        levels(scene).into_iter().map(residual).collect()
    }

    pub(crate) fn map(&self, fields: &Fields, grid: Grid, receivers: usize) -> Map {
        let law = |place: [f64; 2], receiver: usize| self.exponent * slope_db(fields, receiver, place);
        Map { expected: over(grid, receivers, law), variance: vec![self.variance as f32], common: Some(self.common) }
    }

    /// The law and the residual field of each receiver.
    pub(crate) fn corrected(
        &self,
        fields: &Fields,
        grid: Grid,
        training: &[Observation],
        validation: &[Observation],
    ) -> (Map, Kernel) {
        let receivers = fields.world().constellation.len();
        let sample = |scene: &Observation| sample(scene, self.residuals(fields, scene), receivers);
        let [training, validation] =
            [training, validation].map(|scenes| scenes.iter().filter_map(sample).collect::<Vec<Sample>>());
        corrected(self.map(fields, grid, receivers), grid, &training, &validation, fields.world().extent_m)
    }
}

/// A value per cell and receiver.
fn over(grid: Grid, receivers: usize, value: impl Fn([f64; 2], usize) -> f64) -> Vec<f32> {
    let cell = |index: usize| {
        let place = grid.center_m(index);
        (0..receivers).map(|receiver| value(place, receiver) as f32).collect::<Vec<_>>()
    };
    (0..grid.len()).flat_map(cell).collect()
}

/// Deviations from the receivers' mean; only scenes that all `receivers` heard.
fn sample(scene: &Observation, residuals: Vec<f64>, receivers: usize) -> Option<Sample> {
    let center = mean(residuals.iter().copied());
    let complete = residuals.len() == receivers;
    let deviations = residuals.into_iter().map(|residual| residual - center).collect();
    complete.then_some(Sample { east_north_m: scene.truth.east_north_m, deviations })
}

fn corrected(plain: Map, grid: Grid, training: &[Sample], validation: &[Sample], extent_m: f64) -> (Map, Kernel) {
    let kriging = Kriging::new(training, extent_m);
    let kernel = kriging.fit(validation);
    let (deviations, variance) = over_grid(&kriging, &kernel, grid);
    let expected = plain.expected.iter().zip(deviations).map(|(plain, deviation)| plain + deviation).collect();
    (Map { expected, variance, ..plain }, kernel)
}

/// Prediction and variance at every cell: deviations cell by cell, variances.
fn over_grid(kriging: &Kriging, kernel: &Kernel, grid: Grid) -> (Vec<f32>, Vec<f32>) {
    let (mut deviations, mut variances) = (Vec::new(), Vec::with_capacity(grid.len()));
    for index in 0..grid.len() {
        let (mean, variance) = kriging.predict(kernel, grid.center_m(index));
        deviations.extend(mean.into_iter().map(|value| value as f32));
        variances.push(variance as f32);
    }
    (deviations, variances)
}

/// Levels as the world makes them.
pub(crate) fn true_levels(fields: &Fields, grid: Grid) -> Map {
    let world = fields.world();
    Map {
        expected: over(grid, world.constellation.len(), |place, receiver| fields.gain_db(receiver, place)),
        variance: vec![(world.level_noise_db * world.level_noise_db) as f32],
        common: Some((world.power.mean_dbm, world.power.sigma_db.powi(2))),
    }
}

fn metres_squared(sigmas_s: &[f64]) -> f32 {
    let seconds_squared: f64 = sigmas_s.iter().map(|sigma| sigma * sigma).sum();
    (seconds_squared * SPEED_OF_LIGHT_M_PER_S.powi(2)) as f32
}

/// Distances, with delays known by mean (which cancels) and variance.
pub(crate) fn distances(fields: &Fields, grid: Grid, delay: &Delay) -> Map {
    let receivers = fields.world().constellation.len();
    Map {
        expected: over(grid, receivers, |place, receiver| fields.distance_m(receiver, place)),
        variance: vec![metres_squared(&[delay.sigma_s, delay.residue_s, delay.thermal_s])],
        common: None,
    }
}

/// Distances and the delay field that training scenes show.
pub(crate) fn corrected_distances(
    fields: &Fields,
    grid: Grid,
    delay: &Delay,
    training: &[Observation],
    validation: &[Observation],
) -> (Map, Kernel) {
    let world = fields.world();
    let timed: Vec<usize> =
        world.constellation.iter().enumerate().filter(|(_, station)| station.shared_clock).map(|(i, _)| i).collect();
    let sample = |scene: &Observation| {
        let excess = |(receiver, range): (usize, f64)| range - fields.distance_m(receiver, scene.truth.east_north_m);
        sample(scene, ranges(scene).into_iter().map(excess).collect(), timed.len())
    };
    let [training, validation] =
        [training, validation].map(|scenes| scenes.iter().filter_map(sample).collect::<Vec<Sample>>());
    let kriging = Kriging::new(&training, world.extent_m);
    let kernel = kriging.fit(&validation);
    let (deviations, variance) = over_grid(&kriging, &kernel, grid);
    let mut map = distances(fields, grid, delay);
    let cells = map.expected.chunks_mut(world.constellation.len());
    for (cell, deviations) in cells.zip(deviations.chunks(timed.len().max(1))) {
        for (receiver, deviation) in timed.iter().zip(deviations) {
            if let Some(expected) = cell.get_mut(*receiver) {
                *expected += deviation;
            }
        }
    }
    (Map { variance, ..map }, kernel)
}

/// Distances and delays as the world makes them.
pub(crate) fn true_distances(fields: &Fields, grid: Grid, delay: &Delay) -> Map {
    let receivers = fields.world().constellation.len();
    let range = |place: [f64; 2], receiver: usize| {
        fields.distance_m(receiver, place) + SPEED_OF_LIGHT_M_PER_S * fields.excess_delay_s(receiver, place)
    };
    Map {
        expected: over(grid, receivers, range),
        variance: vec![metres_squared(&[delay.residue_s, delay.thermal_s])],
        common: None,
    }
}
