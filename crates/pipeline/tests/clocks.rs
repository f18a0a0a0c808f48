//! Recordings whose clocks nobody disciplined, aligned on a transmitter of known place.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::ops::ControlFlow;

use common::{Dropped, TRUTH, place, spec};
use heimdall_localize::{Geodesy, Verdict};
use heimdall_pipeline::{Clocks, Reference, ReferenceScheme, ReferenceSettings, Report, align_clocks};
use heimdall_recording::{Position, TimeGrade};
use heimdall_simulate::{
    FreeClock, Modulation, ReferenceEmission, SampleFormat, Scene as Simulated, Unshared, sigmf_collection,
    simulate_unshared,
};

const REFERENCE: Position = Position { latitude_deg: 44.9, longitude_deg: 8.0 };
/// Stamps are wrong by this much.
const STAMPS_S: [f64; 5] = [0.0, 0.61, -0.83, 0.02, -0.27];

/// Five receivers of 48 kHz with computers' clocks; the wanted signal 9 kHz below the centre.
fn simulated() -> Simulated {
    let mut scene = spec();
    scene.transmitter.frequency_offset_hz = -9e3;
    scene.duration_s = 3.0;
    for (receiver, stamp_s) in scene.receivers.iter_mut().zip(STAMPS_S) {
        receiver.sample_rate_hz = 48e3;
        receiver.time_grade = TimeGrade::Ntp;
        receiver.clock_error_s = stamp_s;
    }
    scene
}

fn unshared(frequency_hz: f64, part_s: Option<f64>) -> Unshared {
    let clock = |(sample_ppm, drift)| FreeClock {
        sample_ppm,
        sample_drift_ppm_per_s: drift,
        tuning_ppm: sample_ppm,
        tuning_drift_ppm_per_s: drift,
    };
    Unshared {
        reference: ReferenceEmission {
            position: REFERENCE,
            frequency_hz,
            modulation: Modulation::FlatNoise { bandwidth_hz: 10e3 },
            snr_db: 20.0,
            excess_delay_sigma_s: 0.0,
        },
        clocks: [(3.0, 0.004), (-17.0, 0.0), (20.0, -0.01), (-6.5, 0.01), (11.0, 0.0)].map(clock).to_vec(),
        part_s,
    }
}

fn settings(frequency_hz: f64, scheme: ReferenceScheme) -> ReferenceSettings {
    let reference = Reference {
        name: "the beacon".into(),
        position: REFERENCE,
        frequency_hz,
        bandwidth_hz: 10e3,
        position_sigma_m: 5.0,
    };
    ReferenceSettings { reference, scheme }
}

fn dropped(scene: &Simulated, unshared: &Unshared, settings: ReferenceSettings) -> Dropped {
    let simulated = simulate_unshared(scene, unshared).unwrap();
    let files = sigmf_collection(&simulated, "scene", SampleFormat::Cf32Le).unwrap();
    let mut dropped = Dropped::default();
    dropped.add(&files.into_iter().map(|file| (file.name, file.bytes)).collect::<Vec<_>>());
    dropped.scene.settings.reference = Some(settings);
    dropped.scene.settings.experts_off = vec!["level".into()];
    dropped
}

fn aligned(dropped: &mut Dropped) -> Clocks {
    let clocks = align_clocks(&dropped.scene, &dropped.sources, &mut |_| ControlFlow::Continue(())).unwrap();
    clocks.apply(&mut dropped.scene);
    clocks
}

fn assert_located(report: &Report, within_m: f64) {
    assert_eq!(report.fix.verdict, Verdict::Located, "{:?} {:?}", report.fix.reasons, report.fix.warnings);
    let off_m = Geodesy::default().distance_m(report.fix.mean.unwrap(), TRUTH);
    assert!(off_m < within_m, "{off_m} m off");
    let held = report.fix.regions.iter().any(|r| r.probability == 0.95 && r.geometry.holds(TRUTH));
    assert!(held, "the 95 % region does not hold the transmitter");
}

#[test]
fn clocks_a_second_and_twenty_ppm_apart_agree_on_a_reference_in_the_same_band() {
    let (scene, unshared) = (simulated(), unshared(145.5e6 + 11e3, None));
    let mut dropped = dropped(&scene, &unshared, settings(145.5e6 + 11e3, ReferenceScheme::Inside));
    dropped.scene.settings.band = Some(heimdall_pipeline::Band { center_hz: 145.5e6 - 9e3, bandwidth_hz: 11e3 });
    let clocks = aligned(&mut dropped);
    assert_eq!(clocks.recordings.len(), 5);
    let ppm = |receiver: &str| {
        let index = receiver[1..].parse::<usize>().unwrap() - 1;
        unshared.clocks[index].sample_ppm
    };
    let base = clocks.base.clone().unwrap();
    for clock in &clocks.recordings {
        let aligned = clock.aligned.unwrap_or_else(|| panic!("{clock:?}"));
        assert!((aligned.rate_ppm - ppm(&clock.receiver) + ppm(&base)).abs() < 0.3, "{clock:?}");
        // A line-of-sight path's bias of 0.15 µs and little more.
        assert!((0.15e-6..0.4e-6).contains(&aligned.sigma_s), "{clock:?}");
    }
    assert!(dropped.scene.recordings.iter().all(|entry| entry.recording.time_grade == TimeGrade::Reference));
    let report = dropped.solve();
    assert_located(&report, 400.0);
    assert!(report.pairs.iter().all(|pair| pair.sigma_s > pair.clock_sigma_s && pair.clock_sigma_s > 0.2e-6));
}

#[test]
fn a_tuner_that_goes_to_the_reference_and_back_is_aligned_over_the_gap() {
    let mut scene = simulated();
    scene.transmitter.frequency_offset_hz = 300.0;
    scene.duration_s = 9.0;
    let (frequency_hz, scheme) = (98.3e6, ReferenceScheme::Parts { part_s: Some(3.0) });
    let mut dropped = dropped(&scene, &unshared(frequency_hz, Some(3.0)), settings(frequency_hz, scheme));
    dropped.scene.settings.band = Some(heimdall_pipeline::Band { center_hz: 145.5e6, bandwidth_hz: 18e3 });
    let clocks = aligned(&mut dropped);
    assert!(clocks.recordings.iter().all(|clock| clock.aligned.is_some()), "{clocks:?}");
    assert_located(&dropped.solve(), 400.0);
}

#[test]
fn who_does_not_hear_the_reference_is_named_and_left_out() {
    let scene = simulated();
    let frequency_hz = 145.5e6 + 11e3;
    let with = simulate_unshared(&scene, &unshared(frequency_hz, None)).unwrap();
    let mut deaf = unshared(frequency_hz, None);
    deaf.reference.snr_db = -60.0;
    let without = simulate_unshared(&scene, &deaf).unwrap();
    let mut mixed = with.clone();
    mixed.receivers[1] = without.receivers[1].clone();
    let files = sigmf_collection(&mixed, "scene", SampleFormat::Cf32Le).unwrap();
    let mut dropped = Dropped::default();
    dropped.add(&files.into_iter().map(|file| (file.name, file.bytes)).collect::<Vec<_>>());
    dropped.scene.settings.reference = Some(settings(frequency_hz, ReferenceScheme::Inside));
    let clocks = aligned(&mut dropped);
    let deaf = clocks.recordings.iter().find(|clock| clock.receiver == "R2").unwrap();
    assert!(deaf.aligned.is_none() && deaf.why_not.as_ref().unwrap().contains("R2 does not hold"), "{deaf:?}");
    assert_eq!(clocks.recordings.iter().filter(|clock| clock.aligned.is_some()).count(), 4);
    let report = dropped.solve();
    let said = report
        .fix
        .reasons
        .iter()
        .chain(&report.fix.warnings)
        .any(|line| line.contains("R2") && line.contains("the beacon"));
    assert!(said, "{:?} {:?}", report.fix.reasons, report.fix.warnings);
}

#[test]
fn a_reference_outside_the_recorded_band_and_one_that_repeats_itself_are_refused_with_the_reason() {
    let scene = simulated();
    let far = settings(147e6, ReferenceScheme::Inside);
    let mut outside = dropped(&scene, &unshared(145.5e6 + 11e3, None), far);
    let clocks = aligned(&mut outside);
    assert!(clocks.recordings.iter().all(|clock| clock.why_not.as_ref().unwrap().contains("not in the band")));
    assert_eq!(outside.solve().fix.verdict, Verdict::NotLocatable);
    // Nothing but a carrier: every delay fits.
    let mut bare = unshared(145.5e6 + 11e3, None);
    bare.reference.modulation = Modulation::FlatNoise { bandwidth_hz: 2.0 };
    let mut bare = dropped(&scene, &bare, settings(145.5e6 + 11e3, ReferenceScheme::Inside));
    assert!(aligned(&mut bare).recordings.iter().all(|clock| clock.aligned.is_none()));
    assert_eq!(place(44.9, 8.0), REFERENCE);
}

#[test]
fn recordings_with_satellite_clocks_are_left_as_they_are() {
    let mut scene = simulated();
    scene.receivers.iter_mut().for_each(|receiver| {
        receiver.time_grade = TimeGrade::Gnss;
        receiver.clock_error_s = 0.0;
    });
    let mut still = unshared(145.5e6 + 11e3, None);
    still.clocks = vec![FreeClock::default(); 5];
    let dropped = dropped(&scene, &still, settings(145.5e6 + 11e3, ReferenceScheme::Inside));
    assert!(align_clocks(&dropped.scene, &dropped.sources, &mut |_| ControlFlow::Continue(())).is_none());
}
