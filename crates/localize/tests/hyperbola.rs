//! Lines of constant lag on the ellipsoid.

mod common;

use common::at;
use heimdall_localize::{Geodesy, SPEED_OF_LIGHT_M_PER_S, hyperbola};
use heimdall_recording::Position;

#[test]
fn every_vertex_has_the_lag_to_within_a_metre_of_light() {
    let geodesy = Geodesy::default();
    // A town, a region, LF receivers over Europe, HF receivers over a continent.
    for (first, second, reach_m) in [
        (at([-4e3, 1e3]), at([3e3, -2e3]), 60e3),
        (at([-60e3, 10e3]), at([70e3, -20e3]), 300e3),
        (at([-300e3, 400e3]), at([200e3, -500e3]), 2_500e3),
        (at([-1_000e3, 100e3]), at([900e3, -300e3]), 6_000e3),
    ] {
        let baseline_m = geodesy.distance_m(first, second);
        for share in [-0.95, -0.5, -0.01, 0.0, 0.3, 0.9] {
            let difference_m = share * baseline_m;
            let line = hyperbola(&geodesy, first, second, difference_m / SPEED_OF_LIGHT_M_PER_S, reach_m);
            assert!(line.len() > 10, "{share} of {baseline_m} m: {} vertices", line.len());
            let mut worst: f64 = 0.0;
            for [longitude_deg, latitude_deg] in line {
                let place = Position { latitude_deg, longitude_deg };
                let got = geodesy.distance_m(place, first) - geodesy.distance_m(place, second);
                worst = worst.max((got - difference_m).abs());
            }
            assert!(worst < 1.0, "{share} of {baseline_m} m, reach {reach_m} m: {worst} m");
        }
    }
}

#[test]
fn a_lag_longer_than_the_baseline_has_no_line() {
    let geodesy = Geodesy::default();
    let (first, second) = (at([-4e3, 0.0]), at([3e3, 0.0]));
    for lag_s in [24e-6, -24e-6] {
        assert!(hyperbola(&geodesy, first, second, lag_s, 100e3).is_empty());
    }
    assert!(hyperbola(&geodesy, first, first, 0.0, 100e3).is_empty());
}

/// Lag 0 is the perpendicular bisector.
#[test]
fn the_line_bends_around_the_receiver_that_hears_first() {
    let geodesy = Geodesy::default();
    let (first, second) = (at([-10e3, 0.0]), at([10e3, 0.0]));
    for (share, nearer) in [(-0.5, first), (0.5, second)] {
        let line = hyperbola(&geodesy, first, second, share * 20e3 / SPEED_OF_LIGHT_M_PER_S, 40e3);
        let farther = if nearer == first { second } else { first };
        assert!(line.iter().all(|[longitude_deg, latitude_deg]| {
            let place = Position { latitude_deg: *latitude_deg, longitude_deg: *longitude_deg };
            geodesy.distance_m(place, nearer) < geodesy.distance_m(place, farther)
        }));
    }
}
