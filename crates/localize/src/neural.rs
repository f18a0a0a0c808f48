//! What a localizer network says, with a floor for the scenes it has not learnt: a Gaussian over position, or
//! probabilities of cells where its doubt is wider than one of them.

use heimdall_recording::Position;

use crate::density::{Density, DensityGrid};
use crate::expert::{Expert, Likelihood, Place};

/// Probability that the network is simply wrong: a scene unlike those it was trained on.
const OUTLIER_PROBABILITY: f64 = 0.01;
/// Room for the scale of one plane in another, which differs by (distance / Earth's radius)² / 6.
const PLANES_DIFFER: f64 = 1.002;

/// A network's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct NeuralObservation {
    /// Where the network's plane has 0 m east and 0 m north.
    pub origin: Position,
    /// Mean, metres east and north in that plane.
    pub position_enu_m: [f64; 2],
    /// Covariance, m², symmetric and positive definite.
    pub covariance_m2: [[f64; 2]; 2],
    /// Radius of the area that a wrong answer leaves open, metres; in a search, the area searched is put here.
    pub scale_m: f64,
    /// Probabilities of cells, centred on the origin, of a network that gives them.
    pub density: Option<DensityGrid>,
}

/// What a network says in a scene, and how much it and the classical experts count: those have seen the same.
#[derive(Clone, Debug, PartialEq)]
pub struct NeuralEvidence {
    /// Its answer.
    pub observation: NeuralObservation,
    /// Receivers whose planes it saw.
    pub receivers: Vec<usize>,
    /// Its answer without the planes of each of the scene's receivers, where that is known.
    pub without: Vec<Option<NeuralObservation>>,
    /// Exponent on its own density, above 0.
    pub exponent: f64,
    /// Exponent on the likelihood of time differences, not negative.
    pub tdoa_exponent: f64,
    /// Exponent on the likelihood of levels, not negative.
    pub level_exponent: f64,
}

/// The expert. A place's distance and azimuth from the plane's origin are its coordinates.
pub struct NeuralExpert {
    /// Index of the plane's origin in [`Place::distances_m`].
    origin: usize,
    shape: Shape,
    log_floor: f64,
}

enum Shape {
    Gaussian {
        mean_m: [f64; 2],
        /// As xx, xy, yy.
        covariance_m2: [f64; 3],
    },
    Cells(Density),
}

impl NeuralExpert {
    /// An expert for the network's answer; `origin` is the index of [`NeuralObservation::origin`] in
    /// [`Place::distances_m`]. The cells speak where the Gaussian's deviation (the geometric mean of its axes) is at
    /// least one cell; a narrower answer would be blurred by them. `None` where the answer is no distribution.
    pub fn new(observation: &NeuralObservation, origin: usize) -> Option<Self> {
        let NeuralObservation { position_enu_m, covariance_m2, scale_m, density, .. } = observation;
        let [[xx, xy], [_, yy]] = *covariance_m2;
        let finite = position_enu_m.iter().chain([&xx, &xy, &yy, scale_m]).all(|value| value.is_finite());
        if !finite || xx <= 0.0 || xx * yy <= xy * xy || *scale_m <= 0.0 {
            return None;
        }
        if density.as_ref().is_some_and(|grid| !grid.is_distribution()) {
            return None;
        }
        let deviation_m = (xx * yy - xy * xy).sqrt().sqrt();
        let shape = match density.as_ref().filter(|grid| deviation_m >= grid.cell_m()) {
            Some(grid) => Shape::Cells(Density::new(grid)?),
            None => Shape::Gaussian { mean_m: *position_enu_m, covariance_m2: [xx, xy, yy] },
        };
        let log_floor = (OUTLIER_PROBABILITY / (std::f64::consts::PI * scale_m * scale_m)).ln();
        Some(Self { origin, shape, log_floor })
    }

    /// Log of the density that is believed where the network's own is `log_density` per m².
    fn with_floor(&self, log_density: f64) -> f64 {
        let believed = log_density + (1.0 - OUTLIER_PROBABILITY).ln();
        let highest = believed.max(self.log_floor);
        highest + ((believed - highest).exp() + (self.log_floor - highest).exp()).ln()
    }

    /// Log densities at a place: the mean, and an upper limit within its radius.
    fn log_mean_and_highest(&self, place: &Place) -> (f64, f64) {
        let distance_m = place.distances_m.get(self.origin).copied().unwrap_or(0.0);
        let direction = place.directions.get(self.origin).copied().unwrap_or_default();
        let at_m = direction.map(|share| distance_m * share);
        let radius_m = place.radius_m * PLANES_DIFFER;
        let (mean, highest) = match &self.shape {
            Shape::Gaussian { mean_m, covariance_m2 } => {
                gaussian([at_m[0] - mean_m[0], at_m[1] - mean_m[1]], *covariance_m2, radius_m)
            }
            Shape::Cells(density) => {
                // The radius reaches a square's corners.
                let half_m = radius_m * std::f64::consts::FRAC_1_SQRT_2;
                let (mean, highest) = density.mean_and_log_highest(at_m, half_m, radius_m);
                (mean.ln(), highest)
            }
        };
        let (mean, highest) = (self.with_floor(mean), self.with_floor(highest));
        (mean.min(highest), highest)
    }
}

/// Log of a Gaussian at an offset from its mean: averaged over a square, and its highest within the radius.
fn gaussian(offset_m: [f64; 2], covariance_m2: [f64; 3], radius_m: f64) -> (f64, f64) {
    let [xx, xy, yy] = covariance_m2;
    let determinant = |[xx, xy, yy]: [f64; 3]| xx * yy - xy * xy;
    let mahalanobis2 = |[x, y]: [f64; 2], covariance: [f64; 3]| {
        let [xx, xy, yy] = covariance;
        (yy * x * x - 2.0 * xy * x * y + xx * y * y) / determinant(covariance)
    };
    let log = |mahalanobis2: f64, covariance: [f64; 3]| {
        -0.5 * mahalanobis2 - (2.0 * std::f64::consts::PI * determinant(covariance).sqrt()).ln()
    };
    // A square of half side h has variance h²/3 each way; the radius reaches its corners.
    let spread = radius_m * radius_m / 6.0;
    let widened = [xx + spread, xy, yy + spread];
    let mean = log(mahalanobis2(offset_m, widened), widened);
    // By the triangle inequality no point of the radius is nearer than this.
    let smallest = 0.5 * (xx + yy - ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt());
    let reach = radius_m / smallest.max(f64::MIN_POSITIVE).sqrt();
    let nearest = (mahalanobis2(offset_m, covariance_m2).sqrt() - reach).max(0.0);
    (mean, log(nearest * nearest, covariance_m2))
}

impl Expert for NeuralExpert {
    fn name(&self) -> &'static str {
        "neural"
    }

    fn judge(&self, place: &Place) -> Likelihood {
        let (log_mean, highest) = self.log_mean_and_highest(place);
        Likelihood { log_mean, rise: highest - log_mean }
    }
}
