//! Methods without a model of propagation: the constellation's centre, the strongest receiver, and fingerprints.

use heimdall_simulate::world::Observation;

use super::estimate::Estimate;
use super::map::levels;

/// A point with the same circle for every scene.
pub(crate) fn circle(mean_m: [f64; 2], mean_square_error_m2: f64) -> Estimate {
    let variance = (0.5 * mean_square_error_m2).max(1.0);
    Estimate::Gaussian { mean_m, covariance_m2: [variance, 0.0, variance] }
}

/// Place of the receiver with the highest level.
pub(crate) fn strongest(places: &[[f64; 2]], observation: &Observation) -> [f64; 2] {
    let strongest = levels(observation).into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
    strongest.and_then(|(receiver, _)| places.get(receiver).copied()).unwrap_or_default()
}

/// Mean square distance from the truth.
pub(crate) fn mean_square_m2(scenes: &[Observation], point: impl Fn(&Observation) -> [f64; 2]) -> f64 {
    let square = |scene: &Observation| {
        let ([x, y], [u, v]) = (point(scene), scene.truth.east_north_m);
        (x - u).powi(2) + (y - v).powi(2)
    };
    scenes.iter().map(square).sum::<f64>() / scenes.len().max(1) as f64
}

/// Neighbours whose scatter is the shape of the region.
const SCATTER: usize = 32;
const COUNTS: [usize; 10] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

/// The `count` training scenes with the most alike levels; what all receivers have in common (power) is taken off.
pub(crate) struct Fingerprints {
    scenes: Vec<(Vec<Option<f64>>, [f64; 2])>,
    count: usize,
}

impl Fingerprints {
    pub(crate) fn new(training: &[Observation], validation: &[Observation]) -> Self {
        let scenes = training.iter().map(|scene| (scene.level_dbm.clone(), scene.truth.east_north_m)).collect();
        let mut fingerprints = Self { scenes, count: 1 };
        let near: Vec<Vec<[f64; 2]>> = validation.iter().map(|scene| fingerprints.nearest(scene)).collect();
        let cost = |count: usize| -> f64 {
            let error = |(scene, near): (&Observation, &Vec<[f64; 2]>)| {
                let ([x, y], [u, v]) = (mean(near, count), scene.truth.east_north_m);
                (x - u).powi(2) + (y - v).powi(2)
            };
            validation.iter().zip(&near).map(error).sum()
        };
        let costs = COUNTS.map(|count| (cost(count), count));
        fingerprints.count = costs.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).map_or(1, |(_, count)| count);
        fingerprints
    }

    /// Chosen by the validation scenes' error.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn fix(&self, observation: &Observation) -> Estimate {
        let near = self.nearest(observation);
        let (center, [x, y]) = (mean(&near, SCATTER), mean(&near, self.count));
        let mut covariance_m2 = [1e4, 0.0, 1e4];
        for [u, v] in &near {
            let [du, dv] = [u - center[0], v - center[1]];
            let count = near.len() as f64;
            covariance_m2[0] += du * du / count;
            covariance_m2[1] += du * dv / count;
            covariance_m2[2] += dv * dv / count;
        }
        Estimate::Gaussian { mean_m: [x, y], covariance_m2 }
    }

    /// Places of the most alike scenes, the most alike first.
    fn nearest(&self, observation: &Observation) -> Vec<[f64; 2]> {
        let mut all: Vec<(f64, [f64; 2])> =
            self.scenes.iter().map(|(levels, place)| (difference(levels, &observation.level_dbm), *place)).collect();
        if all.len() > SCATTER {
            all.select_nth_unstable_by(SCATTER, |a, b| a.0.total_cmp(&b.0));
            all.truncate(SCATTER);
        }
        all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        all.into_iter().map(|(_, place)| place).collect()
    }
}

fn mean(places: &[[f64; 2]], count: usize) -> [f64; 2] {
    let count = count.min(places.len()).max(1);
    let sum = places.iter().take(count).fold([0.0; 2], |sum, place| [sum[0] + place[0], sum[1] + place[1]]);
    sum.map(|value| value / count as f64)
}

/// Variance of the level differences over the receivers that heard both.
fn difference(a: &[Option<f64>], b: &[Option<f64>]) -> f64 {
    let (mut count, mut sum, mut squares) = (0.0_f64, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        if let (Some(a), Some(b)) = (a, b) {
            let difference = a - b;
            count += 1.0;
            sum += difference;
            squares += difference * difference;
        }
    }
    if count < 2.0 { f64::INFINITY } else { squares / count - (sum / count).powi(2) }
}
