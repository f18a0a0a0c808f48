//! Lines of equal bound beside the bound itself.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{FRAME, at, lag, nothing, receivers};
use heimdall_localize::{
    Evidence, Geodesy, LevelObservation, SPEED_OF_LIGHT_M_PER_S, SearchArea, bound_lines, tdoa_bound,
};
use heimdall_recording::Position;

const PLACES_M: [[f64; 2]; 4] = [[-40e3, -30e3], [45e3, -35e3], [38e3, 42e3], [-35e3, 40e3]];
const SIGMA_S: f64 = 0.5e-6;

/// Four receivers whose arrival times are all known to [`SIGMA_S`].
fn timed() -> Evidence {
    let mut evidence = nothing(receivers(&PLACES_M));
    for first in 0..4 {
        for second in first + 1..4 {
            evidence.pairs.push(lag(first, second, 0.0, SIGMA_S * 2f64.sqrt(), 1e-3));
        }
    }
    evidence.area = Some(SearchArea { center: at([0.0, 0.0]), radius_m: 120e3 });
    evidence
}

fn position([longitude_deg, latitude_deg]: &[f64; 2]) -> Position {
    Position { latitude_deg: *latitude_deg, longitude_deg: *longitude_deg }
}

/// Semi-major axis of the 95 % ellipse by the bound's own formula.
fn semi_major_m(geodesy: &Geodesy, place: Position) -> f64 {
    let positions: Vec<_> = receivers(&PLACES_M).iter().map(|receiver| receiver.position).collect();
    let variance = (SIGMA_S * SPEED_OF_LIGHT_M_PER_S).powi(2);
    let [a, b, d] = tdoa_bound(geodesy, place, &positions, &[variance; 4]).unwrap();
    let largest = (a + d) / 2.0 + ((a - d) / 2.0).hypot(b);
    (-2.0 * 0.05f64.ln() * largest).sqrt()
}

#[test]
fn on_a_line_the_bound_is_what_the_line_says_and_finer_lines_lie_inside_coarser_ones() {
    let geodesy = Geodesy::default();
    let lines = bound_lines(&geodesy, &timed());
    assert!(lines.len() >= 3, "{} lines", lines.len());
    for line in &lines {
        let mut ratios = Vec::new();
        for place in line.rings.iter().flatten() {
            let place = position(place);
            let [east, north] = FRAME.east_north_m(&geodesy, place);
            // Not along the edge of the square, nor beside a receiver, where the bound jumps.
            let beside = |receiver: &[f64; 2]| (east - receiver[0]).hypot(north - receiver[1]) < 15e3;
            if east.abs().max(north.abs()) < 110e3 && !PLACES_M.iter().any(beside) {
                ratios.push(semi_major_m(&geodesy, place) / line.semi_major_m);
            }
        }
        ratios.sort_by(f64::total_cmp);
        let Some(middle) = ratios.get(ratios.len() / 2) else { continue };
        assert!((middle - 1.0).abs() < 0.02, "{} m: {middle}", line.semi_major_m);
        assert!(ratios[0] > 0.85 && ratios[ratios.len() - 1] < 1.2, "{} m: {ratios:?}", line.semi_major_m);
    }
    let extent = |line: &heimdall_localize::BoundLine| {
        let far = |place: &[f64; 2]| FRAME.east_north_m(&geodesy, position(place)).map(f64::abs);
        line.rings.iter().flatten().map(far).fold(0.0, |most: f64, [east, north]| most.max(east.max(north)))
    };
    assert!(lines.windows(2).all(|pair| pair[0].semi_major_m < pair[1].semi_major_m));
    assert!(lines.windows(2).all(|pair| extent(&pair[0]) <= extent(&pair[1]) + 1.0));
}

#[test]
fn levels_alone_give_lines_and_two_receivers_none() {
    let geodesy = Geodesy::default();
    let mut levels = nothing(receivers(&PLACES_M));
    let level = |receiver| LevelObservation { receiver, level_db: -60.0, sigma_db: 1.0 };
    levels.levels = (0..4).map(level).collect();
    let of_levels = bound_lines(&geodesy, &levels);
    let finest_m = |lines: &[heimdall_localize::BoundLine]| lines.first().unwrap().semi_major_m;
    assert!(finest_m(&of_levels) > 3.0 * finest_m(&bound_lines(&geodesy, &timed())), "{}", finest_m(&of_levels));
    let mut two = nothing(receivers(&PLACES_M[..2]));
    two.levels = (0..2).map(level).collect();
    assert!(bound_lines(&geodesy, &two).is_empty());
}
