//! The neural expert against closed forms and against geodesics in the network's own plane.
#![allow(clippy::unwrap_used)]

mod common;

use common::{FRAME, lag, nothing, receivers};
use heimdall_localize::{
    DensityGrid, Evidence, Expert, Geodesy, Likelihood, LocalFrame, NeuralEvidence, NeuralExpert, NeuralObservation,
    Place, Verdict, locate, occlude,
};
use heimdall_recording::Position;

const ORIGIN: Position = Position { latitude_deg: 45.0, longitude_deg: 8.0 };
fn observation() -> NeuralObservation {
    NeuralObservation {
        origin: ORIGIN,
        position_enu_m: [120_000.0, -40_000.0],
        covariance_m2: [[4e6, 1.5e6], [1.5e6, 1e6]],
        scale_m: 150_000.0,
        density: None,
    }
}

/// Log-likelihood and rise at a point of the network's plane.
fn judged(expert: &NeuralExpert, position_enu_m: [f64; 2], radius_m: f64) -> (f64, f64) {
    let geodesy = Geodesy::default();
    let at = LocalFrame { origin: ORIGIN }.position(&geodesy, position_enu_m);
    let (distance_m, azimuth_deg) = geodesy.distance_and_azimuth(ORIGIN, at);
    // A receiver somewhere, then the plane's origin.
    let direction = azimuth_deg.to_radians().sin_cos().into();
    let place = Place { distances_m: &[7.0, distance_m], directions: &[[0.0, 1.0], direction], radius_m };
    let Likelihood { log_mean, rise } = expert.judge(&place);
    (log_mean, rise)
}

#[test]
fn the_density_falls_as_the_networks_gaussian_in_its_own_plane() {
    let expert = NeuralExpert::new(&observation(), 1).unwrap();
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
    let expert = NeuralExpert::new(&observation(), 1).unwrap();
    let fall = judged(&expert, [-100_000.0, 90_000.0], 0.0).0 - judged(&expert, [120_000.0, -40_000.0], 0.0).0;
    let expected = (0.01 / 0.99 * 2.0 * 1.75e12_f64.sqrt() / 150_000.0f64.powi(2)).ln();
    assert!((fall - expected).abs() < 1e-3, "{fall} for {expected}");
}

#[test]
fn nowhere_within_the_radius_is_more_likely_than_the_rise_allows() {
    let expert = NeuralExpert::new(&observation(), 1).unwrap();
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
        assert!(NeuralExpert::new(&NeuralObservation { covariance_m2, ..observation() }, 1).is_none());
    }
    for density in [vec![0.0; 63], vec![f32::NAN; 64], vec![f32::NEG_INFINITY; 64]] {
        let density = Some(DensityGrid { cells: 8, extent_m: 80e3, log_probability: density });
        assert!(NeuralExpert::new(&NeuralObservation { density, ..observation() }, 1).is_none());
    }
}

/// 40 × 40 cells of 10 km with the logs that `log_weight` gives of their middles, under a Gaussian of 60 km.
fn with_cells(log_weight: impl Fn([f64; 2]) -> f64) -> NeuralObservation {
    let middle = |index: usize| (index as f64 - 19.5) * 10e3;
    let logs: Vec<f64> =
        (0..40).flat_map(|row| (0..40).map(move |column| [middle(column), middle(row)])).map(log_weight).collect();
    let total = logs.iter().map(|log| log.exp()).sum::<f64>().ln();
    NeuralObservation {
        position_enu_m: [0.0, 0.0],
        covariance_m2: [[3.6e9, 0.0], [0.0, 3.6e9]],
        density: Some(DensityGrid {
            cells: 40,
            extent_m: 400e3,
            log_probability: logs.iter().map(|log| (log - total) as f32).collect(),
        }),
        ..observation()
    }
}

/// Two places of deviation 20 km, the eastern three times as probable.
fn two_places([x, y]: [f64; 2]) -> f64 {
    let place = |east: f64| -0.5 * ((x - east).powi(2) + (y - 20e3).powi(2)) / 4e8;
    (0.25 * place(-90e3).exp() + 0.75 * place(90e3).exp()).max(1e-30).ln()
}

#[test]
fn a_wide_answer_is_judged_by_its_cells() {
    let expert = NeuralExpert::new(&with_cells(two_places), 1).unwrap();
    let log = |place_m| judged(&expert, place_m, 0.0).0;
    // In the middles of cells the density is the cells': ¾ and ¼ of a Gaussian of 20 km, and the floor.
    for [x, y] in [[95e3, 25e3], [85e3, 5e3], [-95e3, 35e3], [-105e3, 15e3]] {
        let density = two_places([x, y]).exp() / (std::f64::consts::TAU * 4e8);
        let expected = (0.99 * density + 0.01 / (std::f64::consts::PI * 150e3 * 150e3)).ln();
        assert!((log([x, y]) - expected).abs() < 2e-3, "{x} {y}: {} for {expected}", log([x, y]));
    }
    // Between two middles the log is half-way, up to the floor's share.
    let between = log([100e3, 25e3]);
    let half_way = 0.5 * (log([95e3, 25e3]) + log([105e3, 25e3]));
    assert!((between - half_way).abs() < 2e-3, "{between} for {half_way}");
    // Outside the square nothing but the floor.
    let floor = (0.01 / (std::f64::consts::PI * 150e3 * 150e3)).ln();
    assert!((log([230e3, 25e3]) - floor).abs() < 1e-9);
}

#[test]
fn an_answer_narrower_than_a_cell_is_judged_by_its_gaussian() {
    // Deviations of 9 and 11 km: the cells of 10 km speak only for the second.
    let with = |deviation_m: f64| {
        let variance = deviation_m * deviation_m;
        NeuralObservation { covariance_m2: [[variance, 0.0], [0.0, variance]], ..with_cells(two_places) }
    };
    let fall = |observation: &NeuralObservation| {
        let expert = NeuralExpert::new(observation, 1).unwrap();
        judged(&expert, [95e3, 25e3], 0.0).0 - judged(&expert, [5e3, 5e3], 0.0).0
    };
    assert!(fall(&with(9e3)) < -3.0, "the Gaussian about 0, 0");
    assert!(fall(&with(11e3)) > 3.0, "the cells' eastern place");
}

#[test]
fn the_mean_over_a_place_is_that_of_the_density() {
    let expert = NeuralExpert::new(&with_cells(two_places), 1).unwrap();
    for (center, half_m) in [([92e3, 18e3], 3e3), ([70e3, 40e3], 9e3), ([80e3, 10e3], 40e3), ([190e3, 0.0], 60e3)] {
        let steps = 60;
        let mut sum = 0.0;
        for n in 0..steps * steps {
            let at = |index: i32| (f64::from(2 * index + 1) / f64::from(steps) - 1.0) * half_m;
            sum += judged(&expert, [center[0] + at(n % steps), center[1] + at(n / steps)], 0.0).0.exp();
        }
        let expected = (sum / f64::from(steps * steps)).ln();
        let (log, _) = judged(&expert, center, half_m * std::f64::consts::SQRT_2);
        assert!((log - expected).abs() < 0.05, "{center:?} {half_m}: {log} for {expected}");
    }
}

#[test]
fn nowhere_within_the_radius_are_cells_more_likely_than_the_rise_allows() {
    // Steep between neighbours, and without an order.
    let rough = |[x, y]: [f64; 2]| 6.0 * (x * 0.7e-3).sin() * (y * 1.3e-3 + 1.0).cos();
    let expert = NeuralExpert::new(&with_cells(rough), 1).unwrap();
    for center in [[3e3, 4e3], [-77e3, 51e3], [195e3, -195e3], [203e3, 10e3], [260e3, 0.0]] {
        for radius_m in [100.0, 2e3, 8e3, 25e3, 70e3, 300e3] {
            let (log, rise) = judged(&expert, center, radius_m);
            for step in 0..72 {
                let (sine, cosine) = f64::from(5 * step).to_radians().sin_cos();
                for share in [0.0, 0.3, 0.6, 0.99] {
                    let point = [center[0] + share * radius_m * sine, center[1] + share * radius_m * cosine];
                    assert!(judged(&expert, point, 0.0).0 <= log + rise + 1e-6, "{center:?} {radius_m} {point:?}");
                }
            }
        }
        assert!(judged(&expert, center, 1.0).1 < 0.01, "small places leave no doubt");
    }
}

/// Three receivers without lags or levels; only the network speaks.
fn network_alone(observation: NeuralObservation) -> Evidence {
    let neural = NeuralEvidence {
        observation: NeuralObservation { origin: FRAME.origin, ..observation },
        receivers: vec![0, 1, 2],
        without: Vec::new(),
        exponent: 1.0,
        tdoa_exponent: 0.0,
        level_exponent: 0.0,
    };
    Evidence { neural: Some(neural), ..nothing(receivers(&[[0.0, 80e3], [90e3, -40e3], [-90e3, -40e3]])) }
}

#[test]
fn the_fix_of_a_network_alone_is_its_answer() {
    let fix = locate(
        &Geodesy::default(),
        &network_alone(NeuralObservation {
            position_enu_m: [12e3, -7e3],
            covariance_m2: [[9e6, 2e6], [2e6, 4e6]],
            ..observation()
        }),
    )
    .fix;
    let mode_m = FRAME.east_north_m(&Geodesy::default(), fix.mode.unwrap());
    assert!((mode_m[0] - 12e3).abs() < 50.0 && (mode_m[1] + 7e3).abs() < 50.0, "{mode_m:?}");
    assert_eq!((fix.verdict, fix.experts), (Verdict::Located, vec!["neural".to_owned()]));
    // −2 ln(1 − p/0.99)·π·√|Σ|: 68 % of everything are 68.7 % of the Gaussian, 1 % is anywhere.
    let expected_km2 = -2.0 * (1.0f64 - 0.68 / 0.99).ln() * std::f64::consts::PI * 32e12f64.sqrt() * 1e-6;
    let area_km2 = fix.regions.iter().find(|region| region.probability == 0.68).unwrap().area_km2;
    assert!((area_km2 / expected_km2 - 1.0).abs() < 0.02, "{area_km2} for {expected_km2}");
}

#[test]
fn two_places_stay_two_in_the_fix() {
    let fix = locate(&Geodesy::default(), &network_alone(with_cells(two_places))).fix;
    assert_eq!(fix.modes.len(), 2, "{:?}", fix.modes);
    assert!((fix.modes[0].probability - 0.71).abs() < 0.05, "¾ of 95 %: {:?}", fix.modes);
}

#[test]
fn an_exponent_on_the_network_scales_its_precision() {
    let area_km2 = |exponent: f64| {
        let covariance_m2 = [[1e8, 0.0], [0.0, 1e8]];
        let mut evidence = network_alone(NeuralObservation { covariance_m2, ..observation() });
        evidence.neural.as_mut().unwrap().exponent = exponent;
        locate(&Geodesy::default(), &evidence).fix.regions[0].area_km2
    };
    // A Gaussian to the power e has its covariance over e.
    assert!((area_km2(1.25) / area_km2(1.0) - 0.8).abs() < 0.03, "{} {}", area_km2(1.25), area_km2(1.0));
}

#[test]
fn what_the_network_has_seen_counts_by_its_exponent() {
    let evidence = |tdoa_exponent: f64| {
        let mut evidence = network_alone(NeuralObservation {
            position_enu_m: [0.0, 0.0],
            covariance_m2: [[1e8, 0.0], [0.0, 1e8]],
            ..observation()
        });
        // ±10 µs: a line through the middle.
        evidence.pairs = vec![lag(1, 2, 0.0, 10e-6, 1e-3)];
        evidence.neural.as_mut().unwrap().tdoa_exponent = tdoa_exponent;
        evidence
    };
    // What the lag takes off the log density from the middle to 3 km east, and the number of experts.
    let fall = |exponent: f64| {
        let located = locate(&Geodesy::default(), &evidence(exponent));
        let posterior = located.posterior.unwrap();
        let log = |east_m: f64| {
            let place = FRAME.position(&Geodesy::default(), [east_m, 0.0]);
            let at = posterior.frame.east_north_m(&Geodesy::default(), place);
            let inside = |x: f64, middle: f64, half_m: f64| (x - middle).abs() <= half_m;
            let holds = |cell: &&heimdall_localize::Cell| {
                (0..2).all(|axis| inside(at[axis], cell.east_north_m[axis], cell.half_m))
            };
            posterior.cells.iter().find(holds).unwrap().density().ln()
        };
        (log(0.0) - log(3e3) - 0.045, located.fix.experts.len())
    };
    let (full, half, none) = (fall(1.0), fall(0.5), fall(0.0));
    assert!(full.0 > 1.0 && (half.0 / full.0 - 0.5).abs() < 0.05, "{} and {}", half.0, full.0);
    assert!(none.0.abs() < 0.03, "{}", none.0);
    assert_eq!([full.1, half.1, none.1], [2, 2, 1]);
}

#[test]
fn taking_a_receivers_planes_away_moves_and_widens_the_fix_as_the_network_says() {
    let with = |position_enu_m: [f64; 2], deviation_m: f64| NeuralObservation {
        origin: FRAME.origin,
        position_enu_m,
        covariance_m2: [[deviation_m * deviation_m, 0.0], [0.0, deviation_m * deviation_m]],
        ..observation()
    };
    let mut evidence = network_alone(with([0.0, 0.0], 2e3));
    evidence.neural.as_mut().unwrap().without = vec![Some(with([3e3, 4e3], 4e3)), None, Some(with([0.0, 0.0], 2e3))];
    let occluded = occlude(&Geodesy::default(), &evidence);
    // 5 km away, and four times the area.
    let first = occluded[0].unwrap();
    assert!((first.moved_m - 5e3).abs() < 250.0 && (first.growth - 4.0).abs() < 0.3, "{first:?}");
    assert_eq!(occluded[1], None);
    assert!(occluded[2].unwrap().moved_m < 1.0 && (occluded[2].unwrap().growth - 1.0).abs() < 1e-9);
    // The evidence without a receiver asks the network without it, and is silent where it was not asked.
    assert_eq!(evidence.without(0).neural.unwrap().observation, with([3e3, 4e3], 4e3));
    assert_eq!(evidence.without(1).neural, None);
}
