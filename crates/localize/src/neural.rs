//! What a localizer network says: a Gaussian over position, with a floor for the scenes it has not learnt.

use heimdall_recording::Position;

use crate::expert::{Expert, Place};
use crate::geodesy::{Geodesy, LocalFrame};

/// Probability that the network is simply wrong: a scene unlike those it was trained on.
const OUTLIER_PROBABILITY: f64 = 0.01;
/// A step over which the planes' difference is measured, metres.
const STEP_M: f64 = 100.0;

/// A network's answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NeuralObservation {
    /// Where the network's plane has 0 m east and 0 m north.
    pub origin: Position,
    /// Mean, metres east and north in that plane.
    pub position_enu_m: [f64; 2],
    /// Covariance, m², symmetric and positive definite.
    pub covariance_m2: [[f64; 2]; 2],
    /// Radius of the area that a wrong answer leaves open, metres: the constellation's scale.
    pub scale_m: f64,
}

/// The expert: a Gaussian in the plane of one receiver, in which a place's distance and azimuth are its coordinates.
pub struct NeuralExpert {
    receiver: usize,
    mean_m: [f64; 2],
    /// Covariance as xx, xy, yy.
    covariance_m2: [f64; 3],
    log_floor: f64,
}

impl NeuralExpert {
    /// An expert for the network's answer, among `receivers` in the order of [`Place::distances_m`]; `None` without a
    /// receiver or where mean or covariance are not usable.
    pub fn new(observation: &NeuralObservation, receivers: &[Position]) -> Option<Self> {
        let NeuralObservation { origin, position_enu_m: [east, north], covariance_m2, scale_m } = *observation;
        let [[xx, xy], [_, yy]] = covariance_m2;
        let finite = [east, north, xx, xy, yy, scale_m].iter().all(|value| value.is_finite());
        if !finite || xx <= 0.0 || xx * yy <= xy * xy || scale_m <= 0.0 {
            return None;
        }
        let geodesy = Geodesy::default();
        let plane = LocalFrame { origin };
        let mean = plane.position(&geodesy, [east, north]);
        let distance_m = |receiver: &Position| geodesy.distance_m(*receiver, mean);
        let nearest = receivers.iter().enumerate().min_by(|a, b| distance_m(a.1).total_cmp(&distance_m(b.1)))?;
        // North is not the same everywhere: 150 km to the east it has turned by a degree.
        let seen = LocalFrame { origin: *nearest.1 };
        let moved = |step_m: [f64; 2]| {
            let place = plane.position(&geodesy, [east + step_m[0], north + step_m[1]]);
            seen.east_north_m(&geodesy, place)
        };
        let mean_m = moved([0.0, 0.0]);
        let column = |step_m: [f64; 2]| {
            let [x, y] = moved(step_m);
            [(x - mean_m[0]) / STEP_M, (y - mean_m[1]) / STEP_M]
        };
        let ([a, c], [b, d]) = (column([STEP_M, 0.0]), column([0.0, STEP_M]));
        Some(Self {
            receiver: nearest.0,
            mean_m,
            covariance_m2: [
                a * a * xx + 2.0 * a * b * xy + b * b * yy,
                a * c * xx + (a * d + b * c) * xy + b * d * yy,
                c * c * xx + 2.0 * c * d * xy + d * d * yy,
            ],
            log_floor: (OUTLIER_PROBABILITY / (std::f64::consts::PI * scale_m * scale_m)).ln(),
        })
    }

    /// Offset of a place from the mean, metres.
    fn offset_m(&self, place: &Place) -> [f64; 2] {
        let distance_m = place.distances_m.get(self.receiver).copied().unwrap_or(0.0);
        let (sine, cosine) = place.azimuths_deg.get(self.receiver).copied().unwrap_or(0.0).to_radians().sin_cos();
        [distance_m * sine - self.mean_m[0], distance_m * cosine - self.mean_m[1]]
    }

    /// Log density per m² at a squared Mahalanobis distance, with the floor.
    fn with_floor(&self, mahalanobis2: f64, determinant: f64) -> f64 {
        let normalisation = (1.0 - OUTLIER_PROBABILITY) / (2.0 * std::f64::consts::PI * determinant.sqrt());
        let log_gaussian = normalisation.ln() - 0.5 * mahalanobis2;
        let highest = log_gaussian.max(self.log_floor);
        highest + ((log_gaussian - highest).exp() + (self.log_floor - highest).exp()).ln()
    }

    /// Log densities at a place: the mean, and an upper limit within its radius.
    fn log_mean_and_highest(&self, place: &Place) -> (f64, f64) {
        let offset = self.offset_m(place);
        let [xx, xy, yy] = self.covariance_m2;
        let mahalanobis2 = |[x, y]: [f64; 2], [xx, xy, yy]: [f64; 3]| {
            (yy * x * x - 2.0 * xy * x * y + xx * y * y) / (xx * yy - xy * xy)
        };
        // A square of half side h has variance h²/3 each way; the radius reaches its corners.
        let spread = place.radius_m * place.radius_m / 6.0;
        let widened = [xx + spread, xy, yy + spread];
        let mean = self.with_floor(mahalanobis2(offset, widened), widened[0] * widened[2] - xy * xy);
        // By the triangle inequality no point of the radius is nearer than this.
        let smallest = 0.5 * (xx + yy - ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt());
        let reach = place.radius_m / smallest.max(f64::MIN_POSITIVE).sqrt();
        let nearest = (mahalanobis2(offset, self.covariance_m2).sqrt() - reach).max(0.0);
        let highest = self.with_floor(nearest * nearest, xx * yy - xy * xy);
        (mean.min(highest), highest)
    }
}

impl Expert for NeuralExpert {
    fn name(&self) -> &'static str {
        "neural"
    }

    fn log_likelihood(&self, place: &Place) -> f64 {
        self.log_mean_and_highest(place).0
    }

    fn rise(&self, place: &Place) -> f64 {
        let (mean, highest) = self.log_mean_and_highest(place);
        highest - mean
    }
}
