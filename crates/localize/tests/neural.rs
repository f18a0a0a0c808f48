//! The neural expert against closed forms and against geodesics in the network's own plane.
#![allow(clippy::unwrap_used)]

use heimdall_localize::{Expert, Geodesy, LocalFrame, NeuralExpert, NeuralObservation, Place};
use heimdall_recording::Position;

const ORIGIN: Position = Position { latitude_deg: 45.0, longitude_deg: 8.0 };
const RECEIVERS: [Position; 2] =
    [Position { latitude_deg: 44.4, longitude_deg: 9.8 }, Position { latitude_deg: 45.3, longitude_deg: 6.2 }];

fn observation() -> NeuralObservation {
    NeuralObservation {
        origin: ORIGIN,
        position_enu_m: [120_000.0, -40_000.0],
        covariance_m2: [[4e6, 1.5e6], [1.5e6, 1e6]],
        scale_m: 150_000.0,
    }
}

/// Log-likelihood and rise at a point of the network's plane.
fn judged(expert: &NeuralExpert, position_enu_m: [f64; 2], radius_m: f64) -> (f64, f64) {
    let geodesy = Geodesy::default();
    let at = LocalFrame { origin: ORIGIN }.position(&geodesy, position_enu_m);
    let seen: Vec<(f64, f64)> = RECEIVERS.iter().map(|from| geodesy.distance_and_azimuth(*from, at)).collect();
    let (distances_m, azimuths_deg): (Vec<f64>, Vec<f64>) = seen.into_iter().unzip();
    let place = Place { distances_m: &distances_m, azimuths_deg: &azimuths_deg, radius_m };
    (expert.log_likelihood(&place), expert.rise(&place))
}

#[test]
fn the_density_falls_as_the_networks_gaussian_in_its_own_plane() {
    let expert = NeuralExpert::new(&observation(), &RECEIVERS).unwrap();
    let peak = judged(&expert, [120_000.0, -40_000.0], 0.0).0;
    for [x, y] in [[2_000.0, 0.0], [0.0, 1_000.0], [-1_500.0, 1_500.0], [3_000.0, 1_200.0]] {
        // −½·dᵀΣ⁻¹d; the inverse of [[4, 1.5], [1.5, 1]]·1e6 has determinant 1.75e12.
        let expected = -0.5 * (1e6 * x * x - 3e6 * x * y + 4e6 * y * y) / 1.75e12;
        let log = judged(&expert, [120_000.0 + x, -40_000.0 + y], 0.0).0 - peak;
        assert!((log - expected).abs() < 0.02 * expected.abs().max(0.5), "{x} {y}: {log} for {expected}");
    }
}

#[test]
fn far_away_only_the_floor_is_left() {
    // 1 % spread over a disc of 150 km against the peak's 99 %/(2π√|Σ|).
    let expert = NeuralExpert::new(&observation(), &RECEIVERS).unwrap();
    let fall = judged(&expert, [-100_000.0, 90_000.0], 0.0).0 - judged(&expert, [120_000.0, -40_000.0], 0.0).0;
    let expected = (0.01 / 0.99 * 2.0 * 1.75e12_f64.sqrt() / 150_000.0f64.powi(2)).ln();
    assert!((fall - expected).abs() < 1e-3, "{fall} for {expected}");
}

#[test]
fn nowhere_within_the_radius_is_more_likely_than_the_rise_allows() {
    let expert = NeuralExpert::new(&observation(), &RECEIVERS).unwrap();
    for (center, radius_m) in
        [([123_000.0, -38_000.0], 2_500.0), ([110_000.0, -44_000.0], 8_000.0), ([120_000.0, -40_000.0], 500.0)]
    {
        let (log, rise) = judged(&expert, center, radius_m);
        for step in 0..360 {
            let (sine, cosine) = f64::from(step).to_radians().sin_cos();
            for share in [0.3, 0.7, 0.99] {
                let point = [center[0] + share * radius_m * sine, center[1] + share * radius_m * cosine];
                assert!(judged(&expert, point, 0.0).0 <= log + rise + 1e-6, "{center:?} {radius_m} {point:?}");
            }
        }
    }
}

#[test]
fn an_answer_that_is_no_distribution_makes_no_expert() {
    for covariance_m2 in [[[1.0, 2.0], [2.0, 1.0]], [[-1.0, 0.0], [0.0, 1.0]], [[f64::NAN, 0.0], [0.0, 1.0]]] {
        assert!(NeuralExpert::new(&NeuralObservation { covariance_m2, ..observation() }, &RECEIVERS).is_none());
    }
    assert!(NeuralExpert::new(&observation(), &[]).is_none());
}
