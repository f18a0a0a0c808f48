//! Scenes in a plane of metres, made without any of the crate's estimators.
#![allow(dead_code, clippy::unwrap_used)]

use heimdall_localize::{
    Evidence, Geodesy, LagComponent, LagEvidence, LevelPrior, LocalFrame, PairLags, Place, Propagation, Receiver,
    SPEED_OF_LIGHT_M_PER_S,
};
use heimdall_recording::Position;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Middle of the scenes.
pub const FRAME: LocalFrame = LocalFrame { origin: Position { latitude_deg: 46.0, longitude_deg: 9.0 } };

pub fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

pub fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

pub fn at(east_north_m: [f64; 2]) -> Position {
    FRAME.position(&Geodesy::default(), east_north_m)
}

pub fn receivers(places_m: &[[f64; 2]]) -> Vec<Receiver> {
    places_m
        .iter()
        .enumerate()
        .map(|(index, place)| Receiver { name: format!("R{}", index + 1), position: at(*place) })
        .collect()
}

/// Evidence without any observation.
pub fn nothing(receivers: Vec<Receiver>) -> Evidence {
    Evidence {
        receivers,
        pairs: Vec::new(),
        levels: Vec::new(),
        bearings: Vec::new(),
        neural: None,
        level_prior: LevelPrior::default(),
        bias_sigma_s: 0.0,
        propagation: Propagation::LineOfSight,
        area: None,
    }
}

/// A lag with one peak.
pub fn lag(first: usize, second: usize, lag_s: f64, sigma_s: f64, max_lag_s: f64) -> PairLags {
    PairLags {
        first,
        second,
        max_lag_s,
        evidence: LagEvidence {
            components: vec![LagComponent { lag_s, weight: 1.0, sigma_s }],
            thermal_sigma_s: sigma_s,
            scatter_sigma_s: 0.0,
            detection: 1e4,
        },
    }
}

/// The lags of all pairs, arrival times in error by `errors_s`, each of stated 1 σ `sigmas_s`.
pub fn all_lags(receivers: &[Receiver], truth: Position, errors_s: &[f64], sigmas_s: &[f64]) -> Vec<PairLags> {
    let geodesy = Geodesy::default();
    let arrival_s: Vec<f64> = receivers
        .iter()
        .zip(errors_s)
        .map(|(r, error)| geodesy.distance_m(r.position, truth) / SPEED_OF_LIGHT_M_PER_S + error)
        .collect();
    let mut lags = Vec::new();
    for first in 0..receivers.len() {
        for second in first + 1..receivers.len() {
            let baseline_m = geodesy.distance_m(receivers[first].position, receivers[second].position);
            let sigma_s = sigmas_s[first].hypot(sigmas_s[second]);
            lags.push(lag(
                first,
                second,
                arrival_s[first] - arrival_s[second],
                sigma_s,
                baseline_m / SPEED_OF_LIGHT_M_PER_S,
            ));
        }
    }
    lags
}

/// Distances from all receivers, and unit vectors towards the place there.
pub fn ranges(receivers: &[Receiver], place: Position) -> (Vec<f64>, Vec<[f64; 2]>) {
    let geodesy = Geodesy::default();
    let range = |receiver: &Receiver| {
        let (distance_m, azimuth_deg) = geodesy.distance_and_azimuth(receiver.position, place);
        (distance_m, <[f64; 2]>::from(azimuth_deg.to_radians().sin_cos()))
    };
    receivers.iter().map(range).unzip()
}

/// `judge` of the place with the stated radius.
pub fn judged<T>(receivers: &[Receiver], place: Position, radius_m: f64, judge: impl Fn(&Place) -> T) -> T {
    let (distances_m, directions) = ranges(receivers, place);
    judge(&Place { distances_m: &distances_m, directions: &directions, radius_m })
}

/// Inverse of a symmetric positive matrix and its log determinant, by Gauss–Jordan.
pub fn inverse(matrix: &[Vec<f64>]) -> (Vec<Vec<f64>>, f64) {
    let n = matrix.len();
    let mut a: Vec<Vec<f64>> = matrix.to_vec();
    let mut inverse: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    let mut log_det = 0.0;
    for pivot in 0..n {
        let scale = a[pivot][pivot];
        log_det += scale.ln();
        for j in 0..n {
            a[pivot][j] /= scale;
            inverse[pivot][j] /= scale;
        }
        for i in (0..n).filter(|i| *i != pivot) {
            let factor = a[i][pivot];
            for j in 0..n {
                a[i][j] -= factor * a[pivot][j];
                inverse[i][j] -= factor * inverse[pivot][j];
            }
        }
    }
    (inverse, log_det)
}

/// Even–odd rule over all rings of a region.
pub fn holds(region: &heimdall_localize::Region, point: Position) -> bool {
    let (x, y) = (point.longitude_deg, point.latitude_deg);
    let mut inside = false;
    for ring in region.geometry.coordinates.iter().flatten() {
        for edge in ring.windows(2) {
            let ([x1, y1], [x2, y2]) = (edge[0], edge[1]);
            if (y1 > y) != (y2 > y) && x < x1 + (y - y1) / (y2 - y1) * (x2 - x1) {
                inside = !inside;
            }
        }
    }
    inside
}

/// Signed area of a ring of `[lon, lat]` in m², positive counter-clockwise, in the plane of [`FRAME`].
pub fn ring_area_m2(ring: &[[f64; 2]]) -> f64 {
    let geodesy = Geodesy::default();
    let metres: Vec<[f64; 2]> = ring
        .iter()
        .map(|[lon, lat]| FRAME.east_north_m(&geodesy, Position { latitude_deg: *lat, longitude_deg: *lon }))
        .collect();
    metres.windows(2).map(|w| 0.5 * (w[0][0] * w[1][1] - w[1][0] * w[0][1])).sum()
}
