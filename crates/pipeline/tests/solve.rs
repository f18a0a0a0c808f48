//! From dropped files to a report: what users rely on.
#![allow(clippy::unwrap_used)]

mod common;

use std::ops::ControlFlow;

use common::{Dropped, Meta, TRUTH, dropped, generator, noise, says, spec};
use heimdall_localize::{Geodesy, SPEED_OF_LIGHT_M_PER_S, Verdict};
use heimdall_pipeline::{Report, Solver};
use heimdall_recording::{Fact, Origin, TimeGrade};

fn off_m(report: &Report) -> f64 {
    Geodesy::default().distance_m(report.fix.mean.unwrap(), TRUTH)
}

fn sentences(report: &Report) -> Vec<String> {
    [report.fix.reasons.clone(), report.fix.warnings.clone()].concat()
}

#[test]
fn five_recordings_locate_the_transmitter_and_every_number_fits() {
    let report = dropped(&spec()).solve();
    assert_eq!(report.fix.verdict, Verdict::Located, "{:?}", sentences(&report));
    assert!(off_m(&report) < 150.0, "{} m", off_m(&report));
    assert_eq!(report.fix.experts, ["tdoa", "level"]);
    assert!(report.synthetic && !report.local && report.local_fix.is_none());
    assert_eq!(report.effective.propagation, "line of sight");
    assert_eq!(report.effective.window_start.as_deref(), Some("2023-11-14T22:13:20.049382712Z"));
    assert_eq!(report.pairs.len(), 10);
    let geodesy = Geodesy::default();
    for pair in &report.pairs {
        let position =
            |name: &str| report.receivers.iter().find(|r| r.name == name).unwrap().position.clone().unwrap().value;
        let [a, b] = [0, 1].map(|i| geodesy.distance_m(position(&pair.receivers[i]), TRUTH));
        let truth_s = (a - b) / SPEED_OF_LIGHT_M_PER_S;
        assert!((pair.lag_s - truth_s).abs() < 5.0 * pair.thermal_sigma_s + 1e-7, "{pair:?}");
        let fix_s = [0, 1].map(|i| geodesy.distance_m(position(&pair.receivers[i]), report.fix.mean.unwrap()));
        let residual_s = pair.lag_s - (fix_s[0] - fix_s[1]) / SPEED_OF_LIGHT_M_PER_S;
        assert!((pair.residual_s.unwrap() - residual_s).abs() < 1e-12);
        // Noise, scatter and √2 of the bias.
        let all = pair.thermal_sigma_s.hypot(pair.scatter_sigma_s).hypot(std::f64::consts::SQRT_2 * 0.15e-6);
        assert!((pair.sigma_s / all - 1.0).abs() < 0.3 && pair.sigma_s >= pair.bias_sigma_s, "{pair:?}");
        let highest = pair.curve.values.iter().copied().fold(0.0, f32::max);
        assert!((f64::from(highest) - pair.peak).abs() < 1e-6 && pair.peak > 0.9);
        let at = pair.curve.values.iter().position(|v| *v == highest).unwrap();
        assert!((pair.curve.start_s + at as f64 * pair.curve.step_s - pair.lag_s).abs() < 30e-6);
        // The line passes the transmitter within what the lag may err, seen from afar.
        let nearest = pair.hyperbola[0]
            .iter()
            .map(|[lon, lat]| geodesy.distance_m(common::place(*lat, *lon), TRUTH))
            .fold(f64::INFINITY, f64::min);
        assert!(nearest < 3e3, "{nearest} m from the line");
    }
    for receiver in &report.receivers {
        assert!(receiver.used && receiver.why_not.is_none());
        assert!(receiver.level.unwrap().calibrated);
        assert!(receiver.leave_one_out.unwrap().disagreement_sigma.unwrap() < 4.0);
    }
}

/// The simulator's levels are in dBm at the antenna: so must the report's be.
#[test]
fn calibrated_levels_are_those_of_the_scene() {
    let spec = spec();
    let simulated = heimdall_simulate::simulate(&spec).unwrap();
    for (receiver, simulated) in dropped(&spec).solve().receivers.iter().zip(&simulated.receivers) {
        let level = receiver.level.unwrap();
        assert!((level.level_db - simulated.truth.level_dbm).abs() < 0.5, "{level:?} is not {:?}", simulated.truth);
        assert_eq!(level.sigma_db, 1.0);
    }
}

#[test]
fn switching_a_receiver_off_and_on_gives_the_same_answer_from_the_cache() {
    let mut dropped = dropped(&spec());
    let mut solver = Solver::default();
    let first = dropped.solve_with(&mut solver);
    dropped.scene.settings.switched_off = vec!["R2".into()];
    let without = dropped.solve_with(&mut solver);
    let off = &without.receivers[1];
    assert!(!off.used && off.why_not.as_deref() == Some("Switched off."));
    assert_eq!(without.pairs.len(), 6);
    assert!(!without.pairs.iter().any(|pair| pair.receivers.contains(&"R2".to_string())));
    assert!(off_m(&without) < 200.0);
    // The cache must not show: a solver that never saw the others says the same.
    assert!(without == dropped.solve());
    dropped.scene.settings.switched_off.clear();
    assert!(dropped.solve_with(&mut solver) == first);
}

#[test]
fn another_band_forgets_the_correlations_of_the_first() {
    let mut dropped = dropped(&spec());
    let mut solver = Solver::default();
    dropped.solve_with(&mut solver);
    dropped.scene.settings.band = Some(heimdall_pipeline::Band { center_hz: 145.5e6, bandwidth_hz: 4e3 });
    assert!(dropped.solve_with(&mut solver) == dropped.solve());
}

#[test]
fn a_recording_with_i_and_q_exchanged_is_correlated_anew() {
    let mut dropped = dropped(&spec());
    let mut solver = Solver::default();
    let first = dropped.solve_with(&mut solver);
    let recording = &mut dropped.scene.recordings[1];
    recording.recording.layout.iq_swapped = true;
    solver.forget(&recording.id);
    let exchanged = dropped.solve_with(&mut solver);
    assert!(exchanged == dropped.solve() && exchanged.pairs != first.pairs);
}

#[test]
fn moving_a_receiver_moves_the_answer() {
    let mut dropped = dropped(&spec());
    let mut solver = Solver::default();
    dropped.solve_with(&mut solver);
    // By 20 km: its lags no longer fit.
    let wrong = common::place(45.2, 7.25);
    dropped.scene.recordings[0].recording.position = Some(Fact::new(wrong, Origin::Map));
    let report = dropped.solve_with(&mut solver);
    assert_eq!(report.receivers[0].position.clone().unwrap().value, wrong);
    assert!(says(&report.fix.warnings, "R1 disagrees with the others"), "{:?}", sentences(&report));
}

#[test]
fn a_receiver_with_a_wrong_clock_is_named() {
    let mut spec = spec();
    spec.receivers[3].clock_error_s = 30e-6;
    let report = dropped(&spec).solve();
    assert!(says(&report.fix.warnings, "R4 disagrees with the others"), "{:?}", sentences(&report));
    let disagreement = |index: usize| report.receivers[index].leave_one_out.unwrap().disagreement_sigma.unwrap_or(0.0);
    assert!((0..5).filter(|index| *index != 3).all(|index| disagreement(index) < disagreement(3)));
}

#[test]
fn channels_of_another_plan_are_not_used() {
    let mut dropped = dropped(&spec());
    let stale = dropped.channels();
    dropped.scene.settings.window = Some(heimdall_pipeline::TimeWindow { start_s: 0.05, duration_s: 0.1 });
    let report = Solver::default().solve(&dropped.scene, &stale, &mut |_| ControlFlow::Continue(()));
    assert!(report.pairs.is_empty());
    assert!(report.recordings.iter().all(|recording| recording.level_dbfs.is_none()));
}

#[test]
fn the_same_file_dropped_twice_counts_once() {
    let mut dropped = dropped(&spec());
    let copy = (dropped.scene.recordings[0].clone(), dropped.sources[0].clone());
    dropped.scene.recordings.push(heimdall_pipeline::SceneRecording { id: "copy".into(), ..copy.0 });
    dropped.sources.push(copy.1);
    let report = dropped.solve();
    assert_eq!(report.receivers[5].name, "R1 (2)");
    assert!(
        report.receivers[5].why_not.as_deref().unwrap().contains("holds the same samples as"),
        "{:?}",
        report.receivers[5]
    );
    assert_eq!(report.pairs.len(), 10);
    assert_eq!(report.fix.verdict, Verdict::Located);
}

#[test]
fn a_receiver_at_zero_zero_is_one_without_a_position() {
    let mut dropped = Dropped::default();
    for (index, position) in [(45.0, 8.0), (0.0, 0.0)].into_iter().enumerate() {
        let station = format!("R{index}");
        let meta = Meta { station: &station, position, ..Meta::default() };
        dropped.add(&meta.floats(&noise(&mut generator(index as u64), 8_000)));
    }
    let report = dropped.solve();
    assert!(report.receivers[1].position.is_none());
    assert!(report.receivers[1].why_not.as_deref().unwrap().starts_with("Its position is not known"));
    // A dropped table answers.
    let report = dropped.with_csv("receivers.csv", "name,lat,lon\nr1,45.5,8.5\n").solve();
    assert_eq!(report.receivers[1].position, Some(Fact::new(common::place(45.5, 8.5), Origin::Sidecar)));
}

#[test]
fn experts_can_be_switched_off() {
    let mut dropped = dropped(&spec());
    for (off, experts) in [("tdoa", vec!["level"]), ("level", vec!["tdoa"])] {
        dropped.scene.settings.experts_off = vec![off.into()];
        let report = dropped.solve();
        assert_eq!(report.fix.experts, experts);
    }
    dropped.scene.settings.experts_off = vec!["tdoa".into(), "level".into()];
    let report = dropped.solve();
    assert_eq!(report.fix.verdict, Verdict::NotLocatable);
    assert!(report.fix.mean.is_none());
}

#[test]
fn recordings_without_a_common_clock_are_compared_by_level_and_say_why() {
    let mut spec = spec();
    for receiver in &mut spec.receivers {
        receiver.time_grade = TimeGrade::Ntp;
    }
    let report = dropped(&spec).solve();
    assert!(report.pairs.is_empty());
    assert_eq!(report.fix.experts, ["level"]);
    assert_ne!(report.fix.verdict, Verdict::Located);
    assert!(says(&report.fix.reasons, "R1: No time differences from it"), "{:?}", sentences(&report));
}

#[test]
fn recordings_of_different_emissions_are_not_locatable() {
    let mut dropped = Dropped::default();
    for (index, position) in [(45.0, 7.3), (45.4, 8.5), (44.5, 8.2), (44.9, 9.0)].into_iter().enumerate() {
        let station = format!("R{index}");
        let meta = Meta { station: &station, position, ..Meta::default() };
        dropped.add(&meta.floats(&noise(&mut generator(50 + index as u64), 16_000)));
    }
    dropped.scene.settings.experts_off = vec!["level".into()];
    let report = dropped.solve();
    assert_eq!(report.fix.verdict, Verdict::NotLocatable, "{}", report.fix.sentence);
    assert!(!report.fix.reasons.is_empty());
}

#[test]
fn a_silent_recording_is_named_and_the_others_go_on() {
    let mut dropped = dropped(&spec());
    let meta = Meta { station: "Mute", ..Meta::default() };
    dropped.add(&meta.integers(&vec![num_complex::Complex32::ZERO; 4_800]));
    let report = dropped.solve();
    assert!(says(&sentences(&report), "Mute: It is silent"), "{:?}", sentences(&report));
    assert_eq!(report.fix.verdict, Verdict::Located);
}

#[test]
fn levels_from_a_table_give_a_region() {
    let rows = "receiver,lat,lon,level_dbm\nA,45.0,7.3,-92\nB,45.2,7.9,-70\nC,44.6,8.9,-104\nD,44.4,8.5,-103\nE,45.5,9.1,-108\n";
    let report = Dropped::default().with_csv("levels.csv", rows).solve();
    assert_eq!(report.fix.experts, ["level"]);
    assert_eq!(report.receivers.len(), 5);
    assert!(report.receivers.iter().all(|r| r.used && r.level.unwrap().calibrated));
    // B hears it best by far.
    let mean = report.fix.mean.unwrap();
    let geodesy = Geodesy::default();
    let nearest = report
        .receivers
        .iter()
        .min_by(|a, b| {
            let d = |r: &heimdall_pipeline::ReceiverReport| geodesy.distance_m(r.position.clone().unwrap().value, mean);
            d(a).total_cmp(&d(b))
        })
        .unwrap();
    assert_eq!(nearest.name, "B");
    assert_eq!(report.fix.verdict, Verdict::Region, "{:?}", sentences(&report));
    // The same again, as two readings each: the mean of their decibels, no more certain.
    let twice: String = rows.lines().skip(1).map(|row| format!("{row}\n")).collect();
    let again = Dropped::default().with_csv("levels.csv", &format!("{rows}{twice}")).solve();
    assert_eq!(again.fix, report.fix);
}

#[test]
fn levels_in_local_metres_are_answered_in_metres() {
    // 30 dB per decade from (120, 80) m.
    let places = [(0.0, 0.0), (300.0, 0.0), (0.0, 300.0), (300.0, 300.0), (100.0, 120.0)];
    let rows: String = places
        .iter()
        .enumerate()
        .map(|(index, (x, y))| {
            let distance = (x - 120.0f64).hypot(y - 80.0);
            format!("R{index},{x},{y},{:.2}\n", -20.0 - 30.0 * distance.log10())
        })
        .collect();
    let report = Dropped::default().with_csv("levels.csv", &format!("receiver,x_m,y_m,level_dbm\n{rows}")).solve();
    assert!(report.local);
    let local = report.local_fix.unwrap();
    let off = (local.mode_m[0] - 120.0).hypot(local.mode_m[1] - 80.0);
    assert!(off < 60.0, "{local:?}");
    assert!(heimdall_pipeline::export::text(&report).contains("mean (x, y)"));
}

#[test]
fn bearings_from_a_table_cross() {
    let geodesy = Geodesy::default();
    let bearing = |lat: f64, lon: f64| geodesy.distance_and_azimuth(common::place(lat, lon), TRUTH).1.rem_euclid(360.0);
    let rows = format!(
        "receiver,lat,lon,bearing_deg,sigma_deg\nA,45.0,7.3,{:.3},1\nB,44.4,8.5,{:.3},1\nC,45.5,9.1,{:.3},1\n",
        bearing(45.0, 7.3),
        bearing(44.4, 8.5),
        bearing(45.5, 9.1)
    );
    let report = Dropped::default().with_csv("bearings.csv", &rows).solve();
    assert_eq!(report.fix.experts, ["bearing"]);
    let mode = report.fix.mode.unwrap();
    assert!(geodesy.distance_m(mode, TRUTH) < 1e3, "{} m", geodesy.distance_m(mode, TRUTH));
    assert_eq!(report.receivers[0].bearing_sigma_deg, Some(1.0));
}

#[test]
fn a_table_of_the_receivers_own_levels_speaks_for_their_recordings() {
    let dropped = dropped(&spec()).with_csv("levels.csv", "receiver,level_dbm\nR1,-77.5\n");
    let level = dropped.solve().receivers[0].level.unwrap();
    assert_eq!((level.level_db, level.sigma_db), (-77.5, 1.0));
}

#[test]
fn uncalibrated_levels_carry_the_gain_s_uncertainty() {
    let mut dropped = Dropped::default();
    for (index, position) in [(45.0, 7.3), (45.4, 8.5), (44.5, 8.2)].into_iter().enumerate() {
        let station = format!("R{index}");
        let meta = Meta { station: &station, position, time_grade: "ntp", ..Meta::default() };
        let samples = common::tone(2e3, 16e3, 0.1, 16_000);
        dropped.add(&meta.floats(&common::sum(&samples, &noise(&mut generator(index as u64), 16_000), 1e-3)));
    }
    for (gain_sigma_db, want) in
        [(None, 10f64.hypot(1.0)), (Some(3.0), 3f64.hypot(1.0)), (Some(-1.0), 10f64.hypot(1.0))]
    {
        dropped.scene.settings.gain_sigma_db = gain_sigma_db;
        let report = dropped.solve();
        let level = report.receivers[0].level.unwrap();
        assert!(!level.calibrated && (level.sigma_db - want).abs() < 1e-9, "{level:?}");
        assert!((level.level_db - -20.0).abs() < 0.1, "{level:?}");
    }
}

#[test]
fn the_bias_follows_the_frequency_unless_it_is_typed() {
    for (center_hz, label, bias_s) in
        [(77.5e3, "ground wave", 20e-6), (7.1e6, "sky wave", 100e-6), (145.5e6, "line of sight", 0.15e-6)]
    {
        let mut spec = spec();
        spec.center_frequency_hz = center_hz;
        let mut dropped = dropped(&spec);
        let report = dropped.solve();
        assert_eq!((report.effective.propagation.as_str(), report.effective.bias_sigma_s), (label, bias_s));
        dropped.scene.settings.bias_sigma_s = Some(1e-6);
        let report = dropped.solve();
        assert_eq!(report.effective.bias_sigma_s, 1e-6);
        assert!((report.pairs[0].bias_sigma_s - std::f64::consts::SQRT_2 * 1e-6).abs() < 1e-15);
    }
}

#[test]
fn a_hundred_receivers_are_answered() {
    let rows: String = (0..130)
        .map(|n| {
            let (lat, lon) = (44.0 + 0.17 * f64::from(n % 12), 7.0 + 0.2 * f64::from(n / 12));
            let km = Geodesy::default().distance_m(common::place(lat, lon), TRUTH) / 1e3;
            format!("S{n},{lat},{lon},{:.1}\n", -60.0 - 30.0 * km.log10())
        })
        .collect();
    let report = Dropped::default().with_csv("levels.csv", &format!("receiver,lat,lon,level_dbm\n{rows}")).solve();
    assert_eq!(report.receivers.iter().filter(|r| r.used).count(), 120);
    assert!(report.receivers[125].why_not.as_deref().unwrap().contains("Only the first 120"));
    assert!(off_m(&report) < 10e3, "{} m", off_m(&report));
}

#[test]
fn stopping_leaves_out_what_is_still_to_come() {
    let dropped = dropped(&spec());
    let mut solver = Solver::default();
    let mut calls = 0;
    let report = solver.solve(&dropped.scene, &dropped.channels(), &mut |_| {
        calls += 1;
        if calls >= 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(report.pairs.len(), 3);
    // And the next call completes it.
    assert!(dropped.solve_with(&mut solver) == dropped.solve());
}

#[test]
fn an_empty_scene_has_a_report() {
    let report = Dropped::default().solve();
    assert_eq!(report.fix.verdict, Verdict::NotLocatable);
    assert!(says(&report.fix.reasons, "No receiver"), "{:?}", report.fix.reasons);
    assert_eq!(report.effective.window_start, None);
}
