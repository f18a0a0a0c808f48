//! What the user is told, and when.
#![allow(clippy::unwrap_used)]

mod common;

use common::{all_lags, at, nothing, receivers};
use heimdall_localize::{
    BearingObservation, Evidence, Fix, Geodesy, LevelObservation, SearchArea, Verdict, leave_one_out, locate,
};

const FIVE_M: [[f64; 2]; 5] = [[-20e3, 3e3], [14e3, -9e3], [6e3, 22e3], [-8e3, -17e3], [25e3, 11e3]];
const TRUTH_M: [f64; 2] = [3e3, 5e3];

fn tdoa(places_m: &[[f64; 2]], truth_m: [f64; 2]) -> Evidence {
    let receivers = receivers(places_m);
    let count = receivers.len();
    let pairs = all_lags(&receivers, at(truth_m), &vec![0.0; count], &vec![1e-7; count]);
    Evidence { pairs, ..nothing(receivers) }
}

fn fix(evidence: &Evidence) -> Fix {
    locate(&Geodesy::default(), evidence).fix
}

fn says(sentences: &[String], part: &str) -> bool {
    sentences.iter().any(|sentence| sentence.contains(part))
}

#[test]
fn without_receivers_or_anything_comparable_the_reason_is_named() {
    for (count, part) in [(0, "No receiver"), (1, "Only one receiver"), (3, "neither a clock nor comparable levels")] {
        let fix = fix(&nothing(receivers(&FIVE_M[..count])));
        assert_eq!(fix.verdict, Verdict::NotLocatable);
        assert!(says(&fix.reasons, part), "{:?}", fix.reasons);
        assert!(fix.mean.is_none() && fix.regions.is_empty() && !fix.sentence.is_empty());
    }
}

#[test]
fn two_receivers_give_a_region_to_look_at_but_no_location() {
    let fix = fix(&tdoa(&FIVE_M[..2], TRUTH_M));
    assert_eq!(fix.verdict, Verdict::NotLocatable);
    assert!(
        says(&fix.reasons, "Only 2 usable receivers take part; a position needs at least three"),
        "{:?}",
        fix.reasons
    );
    // The hyperbola is still shown.
    assert_eq!(fix.regions.len(), 3);
    assert!(fix.mean.is_some());
}

#[test]
fn three_receivers_around_the_transmitter_locate_it() {
    let fix = fix(&tdoa(&FIVE_M[..3], TRUTH_M));
    assert_eq!(fix.verdict, Verdict::Located, "{fix:?}");
    assert!(fix.reasons.is_empty() && fix.warnings.is_empty(), "{:?} {:?}", fix.reasons, fix.warnings);
    assert!(fix.sentence.starts_with("Located near 46.04") && fix.sentence.contains("95 %"), "{}", fix.sentence);
}

#[test]
fn receivers_at_one_place_count_as_one() {
    // Three receivers, two of them on one hill: 200 m apart in a scene of 40 km.
    let fix = fix(&tdoa(&[[-20e3, 3e3], [14e3, -9e3], [14.2e3, -9e3]], TRUTH_M));
    assert!(
        says(&fix.warnings, "R2 and R3 are only 200 m apart: for a position they count as one receiver."),
        "{:?}",
        fix.warnings
    );
    assert_eq!(fix.verdict, Verdict::NotLocatable);
    assert!(says(&fix.reasons, "Only 2 usable receivers take part"), "{:?}", fix.reasons);
    // All at the very same place.
    let same = tdoa(&[[1e3, 1e3]; 3], TRUTH_M);
    let fix = self::fix(&same);
    assert_eq!(fix.verdict, Verdict::NotLocatable);
    assert!(says(&fix.warnings, "count as one receiver"), "{:?}", fix.warnings);
    assert!(says(&fix.reasons, "needs at least three at different places"), "{:?}", fix.reasons);
}

#[test]
fn a_pair_at_one_place_beside_three_others_is_a_warning_only() {
    let fix = fix(&tdoa(&[[-20e3, 3e3], [14e3, -9e3], [6e3, 22e3], [6.1e3, 22e3]], TRUTH_M));
    assert_eq!(fix.verdict, Verdict::Located);
    assert!(says(&fix.warnings, "R3 and R4 are only 100 m apart"), "{:?}", fix.warnings);
}

#[test]
fn receivers_on_a_line_are_a_warning() {
    let line = [[-20e3, 0.0], [0.0, 300.0], [20e3, 0.0]];
    assert!(says(&fix(&tdoa(&line, TRUTH_M)).warnings, "nearly on one line"));
    let triangle = [[-20e3, 0.0], [0.0, 12e3], [20e3, 0.0]];
    assert!(!says(&fix(&tdoa(&triangle, TRUTH_M)).warnings, "nearly on one line"));
}

#[test]
fn lags_that_say_nothing_are_hopeless() {
    // Correlations of noise: no peak stands out, σ is as wide as the search, detection is low.
    let mut evidence = tdoa(&FIVE_M, TRUTH_M);
    for pair in &mut evidence.pairs {
        pair.evidence.components.iter_mut().for_each(|c| c.sigma_s = 10.0 * pair.max_lag_s);
        pair.evidence.thermal_sigma_s = 10.0 * pair.max_lag_s;
        pair.evidence.detection = 2.0;
    }
    let fix = fix(&evidence);
    assert_eq!(fix.verdict, Verdict::NotLocatable);
    assert!(says(&fix.reasons, "no signal in common in this band and time"), "{:?}", fix.reasons);
    assert!(says(&fix.reasons, "fits almost anywhere"), "{:?}", fix.reasons);
    // 95 % of a disc of equal probability, as far as the densest cells can tell.
    let share = fix.regions[2].area_km2 * 1e6 / (std::f64::consts::PI * fix.searched_radius_m.powi(2));
    assert!((0.85..1.0).contains(&share), "{share}");
    assert!(fix.sentence.starts_with("Not locatable"));
}

#[test]
fn levels_alone_give_a_region_and_say_so() {
    let receivers = receivers(&FIVE_M);
    let geodesy = Geodesy::default();
    let levels = (0..5)
        .map(|receiver| {
            // Near the second receiver: amid them all, equal levels would fit far away as well.
            let distance_km = geodesy.distance_m(receivers[receiver].position, at([12e3, -6e3])) / 1e3;
            LevelObservation { receiver, level_db: -60.0 - 30.0 * distance_km.log10(), sigma_db: 1.0 }
        })
        .collect();
    let fix = fix(&Evidence { levels, ..nothing(receivers) });
    assert_eq!(fix.verdict, Verdict::Region, "{:?}", fix.reasons);
    assert!(says(&fix.reasons, "levels give a region, not a point"));
    assert!(fix.sentence.starts_with("A region, not a point: with 95 % probability somewhere in "), "{}", fix.sentence);
    assert_eq!(fix.experts, ["level"]);
    assert!(fix.bound_95.is_some());
}

#[test]
fn one_level_is_no_evidence() {
    let levels = vec![LevelObservation { receiver: 0, level_db: -90.0, sigma_db: 1.0 }];
    let fix = fix(&Evidence { levels, ..nothing(receivers(&FIVE_M[..3])) });
    assert_eq!(fix.verdict, Verdict::NotLocatable);
    assert!(fix.mean.is_none());
}

#[test]
fn one_bearing_is_a_direction_and_not_a_place() {
    let bearings = vec![BearingObservation { receiver: 0, bearing_deg: 40.0, sigma_deg: 3.0 }];
    let fix = fix(&Evidence { bearings, ..nothing(receivers(&FIVE_M[..1])) });
    assert_eq!(fix.verdict, Verdict::NotLocatable);
    assert!(says(&fix.reasons, "needs at least three at different places"), "{:?}", fix.reasons);
    assert_eq!(fix.regions.len(), 3);
}

#[test]
fn a_transmitter_near_the_edge_of_what_is_searched_is_a_warning() {
    let mut evidence = tdoa(&FIVE_M, [24e3, 10e3]);
    evidence.area = Some(SearchArea { center: at([0.0, 0.0]), radius_m: 26.4e3 });
    let fix = fix(&evidence);
    assert!(says(&fix.warnings, "near or beyond the edge of the 26 km searched"), "{:?}", fix.warnings);
    assert_eq!(fix.verdict, Verdict::Region);
    let inside = self::fix(&tdoa(&FIVE_M, TRUTH_M));
    assert!(!says(&inside.warnings, "edge"));
}

#[test]
fn western_and_southern_coordinates_are_written_with_their_letters() {
    let geodesy = Geodesy::default();
    let frame = heimdall_localize::LocalFrame {
        origin: heimdall_recording::Position { latitude_deg: -33.5, longitude_deg: -70.5 },
    };
    let mut evidence = tdoa(&FIVE_M, TRUTH_M);
    for (receiver, place) in evidence.receivers.iter_mut().zip(FIVE_M) {
        receiver.position = frame.position(&geodesy, place);
    }
    evidence.pairs = all_lags(&evidence.receivers, frame.position(&geodesy, TRUTH_M), &[0.0; 5], &[1e-7; 5]);
    let fix = fix(&evidence);
    assert!(fix.sentence.starts_with("Located near 33.45") && fix.sentence.contains("° S 70.4"), "{}", fix.sentence);
    assert!(fix.sentence.contains("° W"), "{}", fix.sentence);
}

#[test]
fn leave_one_out_names_the_receiver_whose_clock_is_wrong() {
    let geodesy = Geodesy::default();
    let places = [[-20e3, 3e3], [14e3, -9e3], [6e3, 22e3], [-8e3, -17e3], [25e3, 11e3], [-3e3, 12e3]];
    let sigma_s = 2e-7;
    for wrong in 0..places.len() {
        let receivers = receivers(&places);
        let mut errors_s: Vec<f64> = [0.3, -0.8, 0.5, -0.1, 0.9, -0.6].map(|e| e * sigma_s).to_vec();
        errors_s[wrong] += 50.0 * sigma_s;
        let pairs = all_lags(&receivers, at(TRUTH_M), &errors_s, &[sigma_s; 6]);
        let evidence = Evidence { pairs, ..nothing(receivers) };
        let mean = fix(&evidence).mean.unwrap();
        let disagreement: Vec<f64> = (0..places.len())
            .map(|receiver| {
                leave_one_out(&geodesy, &evidence, mean, receiver).and_then(|l| l.disagreement_sigma).unwrap_or(0.0)
            })
            .collect();
        let worst = (0..places.len()).max_by(|a, b| disagreement[*a].total_cmp(&disagreement[*b])).unwrap();
        assert_eq!(worst, wrong, "{disagreement:?}");
        // 50 σ of one arrival time is 50/√2 σ of a lag; prediction takes a little of that.
        assert!((15.0..36.0).contains(&disagreement[wrong]), "{disagreement:?}");
        let left = leave_one_out(&geodesy, &evidence, mean, wrong).unwrap();
        assert!(geodesy.distance_m(left.mean, at(TRUTH_M)) < 4.0 * sigma_s * 3e8, "{left:?}");
    }
}

#[test]
fn leave_one_out_is_content_with_receivers_that_agree() {
    let geodesy = Geodesy::default();
    let evidence = tdoa(&FIVE_M, TRUTH_M);
    let mean = fix(&evidence).mean.unwrap();
    for receiver in 0..5 {
        let left = leave_one_out(&geodesy, &evidence, mean, receiver).unwrap();
        assert!(left.disagreement_sigma.unwrap() < 0.5, "{left:?}");
        assert!(left.moved_m < 30.0, "{left:?}");
    }
    assert!(leave_one_out(&geodesy, &evidence, mean, 5).is_none());
    // Of three receivers the two others do not locate: nothing to disagree with.
    let three = tdoa(&FIVE_M[..3], TRUTH_M);
    let left = leave_one_out(&geodesy, &three, mean, 0).unwrap();
    assert_eq!(left.disagreement_sigma, None);
}
