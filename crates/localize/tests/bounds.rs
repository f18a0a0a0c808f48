//! Cramér–Rao bounds against published and numerical values.
#![allow(clippy::unwrap_used)]

mod common;

use common::{at, inverse, receivers};
use heimdall_localize::{Geodesy, LocalFrame, level_bound, tdoa_bound};
use heimdall_recording::Position;

/// Sensors and source of Chan & Ho, IEEE Trans. Signal Processing 42 (1994), table I, metres.
const X_M: [f64; 10] = [0.0, -5.0, 4.0, -2.0, 7.0, -7.0, 2.0, -4.0, 3.0, 1.0];
const Y_M: [f64; 10] = [0.0, 8.0, 6.0, 4.0, 3.0, 5.0, 5.0, 2.0, 3.0, 8.0];

#[test]
fn tdoa_bound_has_the_published_trace_for_chan_and_hos_sensors() {
    let geodesy = Geodesy::default();
    // On the equator the plane is flat to a part in 10¹² at this size.
    let frame = LocalFrame { origin: Position { latitude_deg: 0.0, longitude_deg: 10.0 } };
    let source = frame.position(&geodesy, [8.0, 22.0]);
    let sensors: Vec<Position> = X_M.iter().zip(Y_M).map(|(x, y)| frame.position(&geodesy, [*x, y])).collect();
    for (count, published) in (4..=10).zip([0.6884, 0.1451, 0.1334, 0.1143, 0.1054, 0.1032, 0.0943]) {
        // Covariance 0.001·(I + 11ᵀ)/2 m² of range differences to the first sensor: 0.0005 m² per arrival.
        let [ee, _, nn] = tdoa_bound(&geodesy, source, &sensors[..count], &vec![0.0005; count]).unwrap();
        assert!((ee + nn - published).abs() < 0.5e-4 + 1e-9, "{count} sensors: {} is not {published}", ee + nn);
    }
}

/// (GᵀQ⁻¹G)⁻¹ written out with the first receiver as reference and Q = diag(σᵢ²) + σ₁².
#[test]
fn tdoa_bound_with_unequal_variances_is_the_matrix_formula() {
    let geodesy = Geodesy::default();
    let places_m = [[-20e3, 3e3], [14e3, -9e3], [6e3, 22e3], [-8e3, -17e3], [25e3, 11e3]];
    let variances = [400.0, 90.0, 2500.0, 25.0, 160.0];
    // In the middle of the plane, where its north is the globe's.
    let truth_m = [0.0, 0.0];
    let positions: Vec<Position> = receivers(&places_m).iter().map(|r| r.position).collect();
    let bound = tdoa_bound(&geodesy, at(truth_m), &positions, &variances).unwrap();
    let unit = |place: [f64; 2]| {
        let (e, n) = (truth_m[0] - place[0], truth_m[1] - place[1]);
        [e / e.hypot(n), n / e.hypot(n)]
    };
    let rows: Vec<[f64; 2]> =
        places_m[1..].iter().map(|p| [0, 1].map(|axis| unit(*p)[axis] - unit(places_m[0])[axis])).collect();
    let q: Vec<Vec<f64>> =
        (0..4).map(|i| (0..4).map(|j| variances[0] + if i == j { variances[i + 1] } else { 0.0 }).collect()).collect();
    let (weight, _) = inverse(&q);
    let information: Vec<Vec<f64>> = (0..2)
        .map(|a| {
            (0..2)
                .map(|b| {
                    (0..4)
                        .flat_map(|i| (0..4).map(move |j| (i, j)))
                        .fold(0.0, |sum, (i, j)| sum + rows[i][a] * weight[i][j] * rows[j][b])
                })
                .collect()
        })
        .collect();
    let (expected, _) = inverse(&information);
    for (got, want) in bound.iter().zip([expected[0][0], expected[0][1], expected[1][1]]) {
        assert!((got - want).abs() < 1e-6 * expected[0][0].abs(), "{bound:?} is not {expected:?}");
    }
}

/// Fisher information of (east, north, power) from central differences of the mean levels.
#[test]
fn level_bound_is_the_inverse_of_the_numerical_fisher_information() {
    let geodesy = Geodesy::default();
    let places_m = [[-20e3, 3e3], [14e3, -9e3], [6e3, 22e3], [-8e3, -17e3], [25e3, 11e3], [1e3, 9e3]];
    let sigmas_db = [4.0, 6.0, 5.0, 8.0, 3.0, 6.5];
    let exponent = 3.5;
    let truth_m = [3e3, 5e3];
    let positions: Vec<Position> = receivers(&places_m).iter().map(|r| r.position).collect();
    let level_db = |parameters: [f64; 3], receiver: Position| {
        let distance_m = geodesy.distance_m(at([parameters[0], parameters[1]]), receiver);
        parameters[2] - 10.0 * exponent * distance_m.log10()
    };
    let mut information = vec![vec![0.0; 3]; 3];
    for (receiver, sigma) in positions.iter().zip(sigmas_db) {
        let gradient: Vec<f64> = (0..3)
            .map(|axis| {
                let moved = |step: f64| {
                    let mut parameters = [truth_m[0], truth_m[1], -20.0];
                    parameters[axis] += step;
                    level_db(parameters, *receiver)
                };
                (moved(1.0) - moved(-1.0)) / 2.0
            })
            .collect();
        for a in 0..3 {
            for b in 0..3 {
                information[a][b] += gradient[a] * gradient[b] / (sigma * sigma);
            }
        }
    }
    let (expected, _) = inverse(&information);
    let bound = level_bound(&geodesy, at(truth_m), &positions, &sigmas_db, exponent).unwrap();
    for (got, want) in bound.iter().zip([expected[0][0], expected[0][1], expected[1][1]]) {
        assert!((got - want).abs() < 1e-3 * expected[0][0], "{bound:?} is not {expected:?}");
    }
}

#[test]
fn without_information_in_two_directions_there_is_no_bound() {
    let geodesy = Geodesy::default();
    let two: Vec<Position> = receivers(&[[-10e3, 0.0], [10e3, 0.0]]).iter().map(|r| r.position).collect();
    assert!(tdoa_bound(&geodesy, at([0.0, 5e3]), &two, &[1.0, 1.0]).is_none());
    assert!(level_bound(&geodesy, at([0.0, 5e3]), &two, &[4.0, 4.0], 3.0).is_none());
    assert!(tdoa_bound(&geodesy, at([0.0, 5e3]), &[], &[]).is_none());
    // Far away all receivers lie in one direction: range is unknown to any useful degree.
    let three: Vec<Position> = receivers(&[[-5.0, 0.0], [5.0, 0.0], [0.0, 5.0]]).iter().map(|r| r.position).collect();
    let far = tdoa_bound(&geodesy, at([0.0, 300e3]), &three, &[900.0; 3]);
    assert!(far.is_none_or(|[_, _, nn]| nn.sqrt() > 300e3), "{far:?}");
}
