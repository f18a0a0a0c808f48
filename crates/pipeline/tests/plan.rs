//! Which band and which time are chosen.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Dropped, Meta, dropped, generator, noise, says, spec, sum, tone};
use heimdall_pipeline::{Band, Scene, TimeWindow, plan};
use heimdall_simulate::Modulation;
use num_complex::Complex32;

#[test]
fn of_narrow_recordings_all_that_they_share_is_used() {
    let mut spec = spec();
    spec.receivers[1].sample_rate_hz = 25e3;
    let plan = plan(&dropped(&spec).scene).unwrap();
    // 94 % of the narrowest, around its centre.
    assert!((plan.band.bandwidth_hz - 0.94 * 16e3).abs() < 1.0, "{:?}", plan.band);
    assert!((plan.band.center_hz - 145.5e6).abs() < 1.0);
    assert!((plan.rate_hz - 1.28 * plan.band.bandwidth_hz).abs() < 1e-6);
    assert_eq!(plan.recordings.len(), 5);
    // The last receiver starts 4 × 12.345678 ms after the first, which ends after 300 ms.
    assert_eq!(plan.start_unix_ns, common::START_NS + 4 * 12_345_678);
    let seconds = plan.samples as f64 / plan.rate_hz;
    assert!((seconds - (0.3 - 4.0 * 0.012_345_678)).abs() < 1e-3, "{seconds}");
}

/// Three recordings of 200 kHz: an emission of 12.5 kHz, leakage at 0 Hz, and at one receiver alone a strong neighbour.
fn wide() -> Dropped {
    let mut spec = spec();
    spec.receivers.truncate(3);
    spec.transmitter.frequency_offset_hz = 31_700.0;
    spec.transmitter.modulation = Modulation::FlatNoise { bandwidth_hz: 12.5e3 };
    for receiver in &mut spec.receivers {
        receiver.sample_rate_hz = 200e3;
    }
    let simulated = heimdall_simulate::simulate(&spec).unwrap();
    let mut dropped = Dropped::default();
    for (index, receiver) in simulated.receivers.iter().enumerate() {
        let samples = &receiver.iq;
        let mut samples: Vec<Complex32> = samples.iter().map(|s| s + Complex32::new(0.3, -0.2)).collect();
        if index == 0 {
            samples = sum(&samples, &tone(-60e3, 200e3, 1.0, samples.len()), 1.0);
        }
        let meta = Meta { station: &receiver.spec.name, rate_hz: 200e3, ..Meta::default() };
        dropped.add(&meta.floats(&samples));
    }
    dropped
}

#[test]
fn of_wide_recordings_the_strongest_emission_in_common_is_used() {
    let plan = plan(&wide().scene).unwrap();
    // The surveys' bins are 200 kHz / 512 wide.
    let bin_hz = 200e3 / 512.0;
    assert!((plan.band.center_hz - 145.5317e6).abs() < 1.5 * bin_hz, "{:?}", plan.band);
    assert!((12.5e3..20e3).contains(&plan.band.bandwidth_hz), "{:?}", plan.band);
}

#[test]
fn a_band_that_the_user_chose_is_used() {
    let mut dropped = wide();
    let band = Band { center_hz: 145.45e6, bandwidth_hz: 5e3 };
    dropped.scene.settings.band = Some(band);
    let plan = plan(&dropped.scene).unwrap();
    assert_eq!(plan.band, band);
    assert_eq!(plan.rate_hz, 6.4e3);
}

#[test]
fn a_recording_of_another_band_is_left_out_with_a_sentence() {
    let mut all = dropped(&spec());
    let mut other = spec();
    other.receivers.truncate(1);
    other.receivers[0].name = "Elsewhere".into();
    other.center_frequency_hz = 433.9e6;
    let other = dropped(&other);
    all.scene.recordings.extend(other.scene.recordings);
    all.sources.extend(other.sources);
    let plan = plan(&all.scene).unwrap();
    assert_eq!(plan.recordings.len(), 5);
    assert!(!plan.recordings.iter().any(|id| id.to_lowercase().contains("elsewhere")));
    let report = all.solve();
    let sentences = [report.fix.reasons.clone(), report.fix.warnings.clone()].concat();
    assert!(says(&sentences, "Elsewhere: It records another band than the others."), "{sentences:?}");
    assert_eq!(report.pairs.len(), 10);
}

#[test]
fn a_recording_of_another_time_is_left_out_with_a_sentence() {
    let mut spec = spec();
    spec.receivers[2].start_offset_ns = 3_000_000_000;
    let all = dropped(&spec);
    let plan = plan(&all.scene).unwrap();
    assert_eq!(plan.start_unix_ns, common::START_NS + 4 * 12_345_678);
    let report = all.solve();
    let sentences = [report.fix.reasons.clone(), report.fix.warnings.clone()].concat();
    assert!(says(&sentences, "R3: It was recorded at another time than the others."), "{sentences:?}");
    assert_eq!(report.pairs.len(), 6);
}

#[test]
fn a_window_is_taken_from_the_common_start() {
    let mut dropped = dropped(&spec());
    let common_s = 0.3 - 4.0 * 0.012_345_678;
    let first = plan(&dropped.scene).unwrap();
    for (start_s, duration_s, want_start_s, want_s) in [
        (0.1, 0.05, 0.1, 0.05),
        // Longer than there is: what there is.
        (0.2, 9.0, 0.2, common_s - 0.2),
        (-5.0, 0.1, 0.0, 0.1),
    ] {
        dropped.scene.settings.window = Some(TimeWindow { start_s, duration_s });
        let plan = plan(&dropped.scene).unwrap();
        assert_eq!(plan.start_unix_ns - first.start_unix_ns, (want_start_s * 1e9) as i64);
        assert!((plan.samples as f64 / plan.rate_hz - want_s).abs() < 1e-3, "{start_s} {duration_s}");
    }
    // Nothing is left of it: no plan, and a report that says something all the same.
    for (start_s, duration_s) in [(99.0, 1.0), (0.0, 0.0), (0.0, -1.0)] {
        dropped.scene.settings.window = Some(TimeWindow { start_s, duration_s });
        assert_eq!(plan(&dropped.scene), None, "{start_s} {duration_s}");
        assert!(!dropped.solve().fix.sentence.is_empty());
    }
    // What is no number is no choice.
    for (start_s, duration_s) in [(f64::NAN, 1.0), (0.0, f64::NAN), (f64::INFINITY, 1.0)] {
        dropped.scene.settings.window = Some(TimeWindow { start_s, duration_s });
        assert_eq!(plan(&dropped.scene).as_ref(), Some(&first), "{start_s} {duration_s}");
    }
}

#[test]
fn bands_that_cannot_be_are_no_plan() {
    let mut dropped = dropped(&spec());
    for bandwidth_hz in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        dropped.scene.settings.band = Some(Band { center_hz: 145.5e6, bandwidth_hz });
        assert_eq!(plan(&dropped.scene), None, "{bandwidth_hz}");
    }
}

#[test]
fn switching_a_receiver_off_leaves_the_grid_alone() {
    let mut dropped = dropped(&spec());
    let first = plan(&dropped.scene).unwrap();
    // R5 starts last and so sets the start of the grid.
    for name in ["R1", "R5"] {
        dropped.scene.settings.switched_off = vec![name.into()];
        assert!(plan(&dropped.scene).unwrap().same_grid(&first), "{name}");
    }
}

#[test]
fn a_short_recording_that_is_switched_off_does_not_shorten_the_others() {
    let mut dropped = dropped(&spec());
    let short = &mut dropped.scene.recordings[1].recording;
    short.sample_count /= 4;
    let name = short.station.as_ref().unwrap().value.clone();
    let seconds = |scene: &Scene| plan(scene).map(|plan| plan.samples as f64 / plan.rate_hz).unwrap();
    let with = seconds(&dropped.scene);
    dropped.scene.settings.switched_off = vec![name.clone()];
    let without = seconds(&dropped.scene);
    // The others share 300 ms less the last one's 4 × 12.345678 ms of delay.
    assert!(with < 0.08 && (without - (0.3 - 4.0 * 0.012_345_678)).abs() < 1e-3, "{with} {without}");
    assert!(!plan(&dropped.scene).unwrap().recordings.contains(&dropped.scene.recordings[1].id));
    // Switching one of the others off beside it moves nothing.
    let grid = plan(&dropped.scene).unwrap();
    let other = dropped.scene.recordings[2].recording.station.as_ref().unwrap().value.clone();
    dropped.scene.settings.switched_off = vec![name, other];
    assert_eq!(plan(&dropped.scene).unwrap().samples, grid.samples);
}

#[test]
fn without_usable_recordings_there_is_no_plan() {
    assert_eq!(plan(&Scene::default()), None);
    // Silence, and less than 64 samples.
    let mut silent = Dropped::default();
    silent.add(&Meta::default().integers(&vec![Complex32::ZERO; 16_000]));
    assert_eq!(plan(&silent.scene), None);
    let mut short = Dropped::default();
    short.add(&Meta::default().floats(&noise(&mut generator(1), 40)));
    assert_eq!(plan(&short.scene), None);
}

/// Without a common clock each recording is read from its own beginning: levels still compare.
#[test]
fn recordings_without_a_clock_are_read_from_their_own_start() {
    let mut spec = spec();
    for (index, receiver) in spec.receivers.iter_mut().enumerate() {
        receiver.time_grade = heimdall_recording::TimeGrade::Ntp;
        receiver.start_offset_ns = 500_000_000 * index as i64;
    }
    let dropped = dropped(&spec);
    let plan = plan(&dropped.scene).unwrap();
    assert!((plan.samples as f64 / plan.rate_hz - 0.3).abs() < 1e-3);
    for channel in dropped.channels() {
        assert!(channel.facts.present.len() as f64 > 0.95 * plan.samples as f64, "{:?}", channel.facts.present);
        assert!((channel.facts.snr_db - 18.0).abs() < 4.0, "{}", channel.facts.snr_db);
    }
}
