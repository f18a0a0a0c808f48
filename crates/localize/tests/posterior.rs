//! Mean, covariance, regions and modes against closed forms.
#![allow(clippy::unwrap_used)]

mod common;

use common::{FRAME, all_lags, at, holds, nothing, receivers, ring_area_m2};
use heimdall_localize::{
    BearingObservation, Evidence, Fix, Geodesy, LevelObservation, LocalFrame, Propagation, Receiver, SearchArea,
    Verdict, ellipse, gaussian_k, locate, search_area, tdoa_bound,
};
use heimdall_recording::Position;

const FIVE_M: [[f64; 2]; 5] = [[-20e3, 3e3], [14e3, -9e3], [6e3, 22e3], [-8e3, -17e3], [25e3, 11e3]];

/// A scene so accurate that range differences are linear over the posterior, with its exact covariance.
fn gaussian_scene(errors_s: &[f64; 5]) -> (Evidence, [f64; 3]) {
    let geodesy = Geodesy::default();
    let truth = at([3e3, 5e3]);
    let sigmas_s = [1e-7, 0.4e-7, 2e-7, 0.7e-7, 1.5e-7];
    let receivers = receivers(&FIVE_M);
    let positions: Vec<Position> = receivers.iter().map(|r| r.position).collect();
    let variances: Vec<f64> =
        sigmas_s.iter().map(|s: &f64| (s * heimdall_localize::SPEED_OF_LIGHT_M_PER_S).powi(2)).collect();
    let covariance = tdoa_bound(&geodesy, truth, &positions, &variances).unwrap();
    let pairs = all_lags(&receivers, truth, errors_s, &sigmas_s);
    (Evidence { pairs, ..nothing(receivers) }, covariance)
}

#[test]
fn mean_and_covariance_of_a_gaussian_scene_are_those_of_the_closed_form() {
    let geodesy = Geodesy::default();
    let (evidence, [ee, en, nn]) = gaussian_scene(&[0.0; 5]);
    let located = locate(&geodesy, &evidence);
    let truth = LocalFrame { origin: at([3e3, 5e3]) };
    let sigma_m = (ee + nn).sqrt();
    for place in [located.fix.mean.unwrap(), located.fix.mode.unwrap()] {
        let [east, north] = truth.east_north_m(&geodesy, place);
        assert!(east.hypot(north) < 0.03 * sigma_m, "{east} m, {north} m off of {sigma_m} m");
    }
    let posterior = located.posterior.unwrap();
    assert!(posterior.complete);
    let total: f64 = posterior.cells.iter().map(|cell| cell.probability).sum();
    assert!((total - 1.0).abs() < 1e-9);
    let (_, got) = posterior.body();
    for (got, want) in got.iter().zip([ee, en, nn]) {
        assert!((got - want).abs() < 0.04 * ee.max(nn), "{got} is not {want} of {ee} {en} {nn}");
    }
    let (fix, bound) = (located.fix.ellipse_95.unwrap(), located.fix.bound_95.unwrap());
    let exact = ellipse(at([3e3, 5e3]), [ee, en, nn], gaussian_k(0.95)).unwrap();
    assert!((bound.semi_major_m / exact.semi_major_m - 1.0).abs() < 1e-3);
    assert!((bound.semi_minor_m / exact.semi_minor_m - 1.0).abs() < 1e-3);
    assert!((fix.semi_major_m / exact.semi_major_m - 1.0).abs() < 0.03, "{fix:?} is not {exact:?}");
    assert!((fix.semi_minor_m / exact.semi_minor_m - 1.0).abs() < 0.03, "{fix:?} is not {exact:?}");
    assert_eq!(located.fix.verdict, Verdict::Located);
    assert!(located.fix.reasons.is_empty(), "{:?}", located.fix.reasons);
    assert_eq!(located.fix.experts, ["tdoa"]);
}

/// With errors in the arrival times the mean is the weighted least-squares solution (Gauss–Newton).
#[test]
fn mean_of_a_noisy_scene_is_the_weighted_least_squares_solution() {
    let geodesy = Geodesy::default();
    let errors_s = [0.8e-7, -0.3e-7, -2.5e-7, 0.5e-7, 1.9e-7];
    let sigmas_s: [f64; 5] = [1e-7, 0.4e-7, 2e-7, 0.7e-7, 1.5e-7];
    let (evidence, [ee, _, nn]) = gaussian_scene(&errors_s);
    let truth_m = [3e3, 5e3];
    let light = heimdall_localize::SPEED_OF_LIGHT_M_PER_S;
    let distance = |receiver: usize, place: [f64; 2]| geodesy.distance_m(at(FIVE_M[receiver]), at(place));
    let mut place = truth_m;
    for _ in 0..6 {
        let weight: Vec<f64> = sigmas_s.iter().map(|s| (s * light).powi(-2)).collect();
        let total: f64 = weight.iter().sum();
        let residual: Vec<f64> =
            (0..5).map(|r| distance(r, truth_m) + errors_s[r] * light - distance(r, place)).collect();
        let gradient: Vec<[f64; 2]> = (0..5)
            .map(|r| {
                [[1.0, 0.0], [0.0, 1.0]].map(|[e, n]| {
                    (distance(r, [place[0] + e, place[1] + n]) - distance(r, [place[0] - e, place[1] - n])) / 2.0
                })
            })
            .collect();
        let mean = |pick: &dyn Fn(usize) -> f64| (0..5).map(|r| weight[r] * pick(r)).sum::<f64>() / total;
        let (mr, me, mn) = (mean(&|r| residual[r]), mean(&|r| gradient[r][0]), mean(&|r| gradient[r][1]));
        let (mut a, mut b, mut d, mut x, mut y) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for r in 0..5 {
            let (e, n, v) = (gradient[r][0] - me, gradient[r][1] - mn, residual[r] - mr);
            a += weight[r] * e * e;
            b += weight[r] * e * n;
            d += weight[r] * n * n;
            x += weight[r] * e * v;
            y += weight[r] * n * v;
        }
        let det = a * d - b * b;
        place = [place[0] + (d * x - b * y) / det, place[1] + (a * y - b * x) / det];
    }
    let mean = FRAME.east_north_m(&geodesy, locate(&geodesy, &evidence).fix.mean.unwrap());
    let off = (mean[0] - place[0]).hypot(mean[1] - place[1]);
    assert!(off < 0.05 * (ee + nn).sqrt(), "{mean:?} is not {place:?}");
}

/// A region of probability p of a Gaussian has the area π·(−2 ln(1−p))·√det.
#[test]
fn regions_of_a_gaussian_scene_have_the_areas_of_the_closed_form() {
    let (evidence, [ee, en, nn]) = gaussian_scene(&[0.0; 5]);
    let fix = locate(&Geodesy::default(), &evidence).fix;
    for (region, probability) in fix.regions.iter().zip([0.5, 0.68, 0.95]) {
        assert_eq!(region.probability, probability);
        let want_m2 = std::f64::consts::PI * -2.0 * f64::ln(1.0 - probability) * (ee * nn - en * en).sqrt();
        let drawn_m2: f64 = region.geometry.coordinates.iter().flatten().map(|ring| ring_area_m2(ring)).sum();
        assert!((drawn_m2 / want_m2 - 1.0).abs() < 0.04, "{probability}: {drawn_m2} m² is not {want_m2} m²");
        assert!((region.area_km2 * 1e6 / drawn_m2 - 1.0).abs() < 1e-3);
        assert!(holds(region, fix.mean.unwrap()) && holds(region, fix.mode.unwrap()));
    }
}

fn rings_follow_rfc_7946(fix: &Fix) {
    for region in &fix.regions {
        assert_eq!(region.geometry.kind, "MultiPolygon");
        assert!(!region.geometry.coordinates.is_empty());
        for polygon in &region.geometry.coordinates {
            for (index, ring) in polygon.iter().enumerate() {
                assert!(ring.len() >= 4 && ring.first() == ring.last(), "an open ring");
                assert!(ring.iter().flatten().all(|degrees| degrees.is_finite()));
                let area = ring_area_m2(ring);
                assert!(if index == 0 { area > 0.0 } else { area < 0.0 }, "ring {index} runs the wrong way: {area} m²");
            }
        }
        let outer_and_holes: f64 = region.geometry.coordinates.iter().flatten().map(|ring| ring_area_m2(ring)).sum();
        assert!((outer_and_holes / 1e6 / region.area_km2 - 1.0).abs() < 0.01);
    }
    let areas: Vec<f64> = fix.regions.iter().map(|region| region.area_km2).collect();
    assert!(areas.windows(2).all(|pair| pair[0] < pair[1]), "{areas:?}");
}

/// Levels that say "5 to 10 km from both receivers at one hill" leave a ring with a hole.
fn ring_scene() -> Evidence {
    // Receivers on a small circle see the same level, those far outside much less: the place is near
    // the middle, at a distance that a known power gives, in no particular direction.
    let receivers = receivers(&[[0.0, 0.0], [30.0, 0.0]]);
    let mut evidence = nothing(receivers);
    evidence.level_prior.power_sigma_db = 0.5;
    evidence.level_prior.exponent_sigma = 0.02;
    evidence.level_prior.shadowing_db = vec![(1.0, 1.0)];
    // Power −60 dBm at 1 km, exponent 3: −90 dBm at 10 km.
    evidence.levels = [0, 1].map(|receiver| LevelObservation { receiver, level_db: -90.0, sigma_db: 0.5 }).to_vec();
    evidence.area = Some(SearchArea { center: FRAME.origin, radius_m: 40e3 });
    evidence
}

#[test]
fn a_ring_around_a_receiver_is_a_polygon_with_a_hole() {
    let geodesy = Geodesy::default();
    let fix = locate(&geodesy, &ring_scene()).fix;
    rings_follow_rfc_7946(&fix);
    for region in &fix.regions {
        assert_eq!(region.geometry.coordinates.len(), 1, "{} %", region.probability);
        assert_eq!(region.geometry.coordinates[0].len(), 2, "{} %", region.probability);
        assert!(!holds(region, FRAME.origin));
        // 10 km away in every direction is as probable as it gets.
        for azimuth in (0..360).step_by(30) {
            assert!(holds(region, geodesy.direct(FRAME.origin, f64::from(azimuth), 9.8e3)), "{azimuth}°");
        }
    }
}

#[test]
fn rings_are_closed_and_oriented_whatever_the_shape() {
    let geodesy = Geodesy::default();
    rings_follow_rfc_7946(&locate(&geodesy, &gaussian_scene(&[0.0; 5]).0).fix);
    // Two receivers: an unbounded hyperbola, cut at the edge of what is searched.
    let two = receivers(&FIVE_M[..2]);
    let pairs = all_lags(&two, at([3e3, 5e3]), &[0.0; 2], &[5e-7; 2]);
    rings_follow_rfc_7946(&locate(&geodesy, &Evidence { pairs, ..nothing(two) }).fix);
}

const BEARING_SIGMA_DEG: f64 = 0.5;

/// East–west and north–south lines of sight from 20 and 10 km that cross in the middle.
fn crossing() -> Evidence {
    let geodesy = Geodesy::default();
    let receivers = receivers(&[[-20e3, 0.0], [0.0, -10e3]]);
    let bearing = |receiver: usize| {
        let bearing_deg = geodesy.distance_and_azimuth(receivers[receiver].position, at([0.0, 0.0])).1;
        BearingObservation { receiver, bearing_deg, sigma_deg: BEARING_SIGMA_DEG }
    };
    let bearings = vec![bearing(0), bearing(1)];
    Evidence { bearings, ..nothing(receivers) }
}

#[test]
fn bearings_that_cross_locate_with_the_covariance_of_the_crossing() {
    let geodesy = Geodesy::default();
    // So small an area that what a wrong bearing would leave possible is 2 %.
    let area = Some(SearchArea { center: FRAME.origin, radius_m: 15e3 });
    let fix = locate(&geodesy, &Evidence { area, ..crossing() }).fix;
    let mode = FRAME.east_north_m(&geodesy, fix.mode.unwrap());
    assert!(mode[0].hypot(mode[1]) < 10.0, "{mode:?}");
    // σ is distance × angle, axis by axis.
    let sigma = BEARING_SIGMA_DEG.to_radians();
    let want_m2 = std::f64::consts::PI * -2.0 * f64::ln(1.0 - 0.68) * (20e3 * sigma) * (10e3 * sigma);
    let ratio = fix.regions[1].area_km2 * 1e6 / want_m2;
    assert!((0.98..1.1).contains(&ratio), "{ratio}");
    assert_eq!(fix.verdict, Verdict::Located, "two bearings from different places are enough");
}

/// One bearing in two hundred is taken to be wrong, and then the transmitter is anywhere on the other's line: over
/// the 111 km searched that is 5.3 % (integrated numerically over a 20 m grid of the same model).
#[test]
fn a_bearing_that_may_be_wrong_leaves_the_other_line_possible() {
    let geodesy = Geodesy::default();
    let located = locate(&geodesy, &crossing());
    let posterior = located.posterior.unwrap();
    let core: f64 = posterior
        .cells
        .iter()
        .filter(|cell| {
            let place = posterior.frame.position(&geodesy, cell.east_north_m);
            FRAME.east_north_m(&geodesy, place).iter().all(|axis| axis.abs() < 700.0)
        })
        .map(|cell| cell.probability)
        .sum();
    assert!((core - 0.9469).abs() < 0.015, "{core}");
}

/// The ellipse is drawn as 95 %, so it holds 95 % of the posterior, tails of wrong bearings included.
#[test]
fn the_ellipse_holds_what_it_says_where_the_posterior_is_no_gaussian() {
    let geodesy = Geodesy::default();
    let located = locate(&geodesy, &crossing());
    let (ellipse, posterior) = (located.fix.ellipse_95.unwrap(), located.posterior.unwrap());
    assert!(ellipse.k > 2.5, "{ellipse:?}");
    let inside = |place: Position| {
        let (distance_m, azimuth_deg) = geodesy.distance_and_azimuth(ellipse.center, place);
        let (across, along) = (azimuth_deg - ellipse.azimuth_deg).to_radians().sin_cos();
        (along * distance_m / ellipse.semi_major_m).hypot(across * distance_m / ellipse.semi_minor_m) <= 1.0
    };
    let held: f64 = posterior
        .cells
        .iter()
        .filter(|cell| inside(posterior.frame.position(&geodesy, cell.east_north_m)))
        .map(|cell| cell.probability)
        .sum();
    assert!((held - 0.95).abs() < 0.01, "{held}");
}

#[test]
fn bearings_that_miss_each_other_leave_both_lines_possible() {
    let geodesy = Geodesy::default();
    let receivers = receivers(&[[-20e3, 0.0], [20e3, 0.0]]);
    // Both look away from each other: the lines never meet.
    let bearings = vec![
        BearingObservation { receiver: 0, bearing_deg: 300.0, sigma_deg: 1.0 },
        BearingObservation { receiver: 1, bearing_deg: 60.0, sigma_deg: 1.0 },
    ];
    let fix = locate(&geodesy, &Evidence { bearings, ..nothing(receivers) }).fix;
    assert_ne!(fix.verdict, Verdict::Located, "{fix:?}");
}

/// Receivers on a line cannot tell one side from the other. On the equator the two sides are exact images.
#[test]
fn collinear_receivers_give_a_place_and_its_mirror_image() {
    let geodesy = Geodesy::default();
    let frame = LocalFrame { origin: Position { latitude_deg: 0.0, longitude_deg: 9.0 } };
    let receivers: Vec<Receiver> = [-25e3, 2e3, 30e3]
        .into_iter()
        .enumerate()
        .map(|(index, east)| Receiver { name: format!("R{index}"), position: frame.position(&geodesy, [east, 0.0]) })
        .collect();
    let truth = frame.position(&geodesy, [8e3, 15e3]);
    let pairs = all_lags(&receivers, truth, &[0.0; 3], &[1e-7; 3]);
    let fix = locate(&geodesy, &Evidence { pairs, ..nothing(receivers) }).fix;
    assert_eq!(fix.modes.len(), 2, "{:?}", fix.modes);
    for mode in &fix.modes {
        assert!((mode.probability - 0.475).abs() < 0.02, "{:?}", fix.modes);
        let [east, north] = frame.east_north_m(&geodesy, mode.position);
        assert!((east - 8e3).abs() < 60.0 && (north.abs() - 15e3).abs() < 60.0, "{east} {north}");
    }
    let sides: f64 = fix.modes.iter().map(|mode| mode.position.latitude_deg.signum()).sum();
    assert_eq!(sides, 0.0);
    assert_eq!(fix.verdict, Verdict::Region);
    assert!(fix.reasons.iter().any(|reason| reason.contains("2 separate places fit")), "{:?}", fix.reasons);
    assert!(fix.warnings.iter().any(|warning| warning.contains("nearly on one line")), "{:?}", fix.warnings);
    assert_eq!(fix.regions[2].geometry.coordinates.len(), 2);
}

/// The same scene at another place of the globe gives the same fix relative to it.
#[test]
fn date_line_and_southern_hemisphere_are_places_like_others() {
    let geodesy = Geodesy::default();
    for origin in [(-17.0, 179.98), (-45.0, -179.9), (64.0, -21.0), (0.0, 0.1)] {
        let frame = LocalFrame { origin: Position { latitude_deg: origin.0, longitude_deg: origin.1 } };
        let receivers: Vec<Receiver> = FIVE_M
            .iter()
            .enumerate()
            .map(|(index, place)| Receiver { name: format!("R{index}"), position: frame.position(&geodesy, *place) })
            .collect();
        let truth = frame.position(&geodesy, [3e3, 5e3]);
        let pairs = all_lags(&receivers, truth, &[0.0; 5], &[3e-7; 5]);
        let fix = locate(&geodesy, &Evidence { pairs, ..nothing(receivers) }).fix;
        assert!(geodesy.distance_m(fix.mean.unwrap(), truth) < 15.0, "{origin:?}");
        assert_eq!(fix.verdict, Verdict::Located, "{origin:?}");
        for ring in fix.regions.iter().flat_map(|region| region.geometry.coordinates.iter().flatten()) {
            let widest = ring.windows(2).map(|w| (w[0][0] - w[1][0]).abs()).fold(0.0, f64::max);
            assert!(widest < 1.0, "{origin:?}: an edge {widest}° long");
        }
    }
}

#[test]
fn the_search_reaches_as_far_as_the_wave_but_at_most_ten_times_the_receivers_extent() {
    let geodesy = Geodesy::default();
    // A square of 40 km: extent 20√2 km around its middle.
    let square = receivers(&[[-20e3, -20e3], [20e3, -20e3], [20e3, 20e3], [-20e3, 20e3]]);
    let extent_m = 20e3 * std::f64::consts::SQRT_2;
    for (propagation, reach_m) in [
        (Propagation::LineOfSight, 100e3),
        (Propagation::GroundWave, 10.0 * extent_m),
        (Propagation::SkyWave, 10.0 * extent_m),
    ] {
        let area = search_area(&geodesy, &square, propagation).unwrap();
        assert!(geodesy.distance_m(area.center, FRAME.origin) < 30.0);
        assert!((area.radius_m - extent_m - reach_m).abs() < 50.0, "{propagation:?}: {}", area.radius_m);
    }
    // One receiver: all that the wave reaches.
    let one = search_area(&geodesy, &square[..1], Propagation::GroundWave).unwrap();
    assert!((one.radius_m - 1_200e3).abs() < 1.0 && geodesy.distance_m(one.center, square[0].position) < 1.0);
    assert!(search_area(&geodesy, &[], Propagation::LineOfSight).is_none());
    // All around the globe: not beyond what the plane can show.
    let world: Vec<Receiver> = [(0.0, 0.0), (10.0, 120.0), (-10.0, -120.0)]
        .map(|(latitude_deg, longitude_deg)| Receiver {
            name: String::new(),
            position: Position { latitude_deg, longitude_deg },
        })
        .to_vec();
    assert!(search_area(&geodesy, &world, Propagation::SkyWave).unwrap().radius_m <= 9_000e3);
}

#[test]
fn nothing_lies_outside_the_area_that_was_asked_for() {
    let geodesy = Geodesy::default();
    let (mut evidence, _) = gaussian_scene(&[0.0; 5]);
    evidence.area = Some(SearchArea { center: at([-15e3, -10e3]), radius_m: 10e3 });
    let located = locate(&geodesy, &evidence);
    assert_eq!(located.fix.searched_radius_m, 10e3);
    for cell in located.posterior.unwrap().cells {
        assert!(cell.east_north_m[0].hypot(cell.east_north_m[1]) <= 10e3);
    }
    assert!(geodesy.distance_m(located.fix.mean.unwrap(), at([-15e3, -10e3])) <= 10e3);
}

#[test]
fn the_same_evidence_gives_the_same_fix_to_the_last_bit() {
    let geodesy = Geodesy::default();
    let two = receivers(&FIVE_M[..2]);
    let pairs = all_lags(&two, at([3e3, 5e3]), &[0.0; 2], &[5e-7; 2]);
    for evidence in [Evidence { pairs, ..nothing(two) }, ring_scene(), gaussian_scene(&[0.0; 5]).0] {
        let first = locate(&geodesy, &evidence).fix;
        for _ in 0..3 {
            assert!(locate(&geodesy, &evidence).fix == first);
        }
    }
}
