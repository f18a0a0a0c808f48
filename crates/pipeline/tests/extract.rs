//! What is taken out of a recording, measured against what went in.
#![allow(clippy::unwrap_used)]

mod common;

use std::ops::ControlFlow;

use common::{Dropped, Meta, generator, noise, sum, tone};
use heimdall_pipeline::{Band, Error, Plan, extract, plan};
use num_complex::Complex32;

const RATE_HZ: f64 = 16e3;

fn one(samples: &[Complex32]) -> Dropped {
    let mut dropped = Dropped::default();
    dropped.add(&Meta::default().floats(samples));
    dropped
}

#[test]
fn level_and_snr_of_a_tone_in_noise_are_those_that_went_in() {
    // −20 dBFS of tone; noise of −40 dBFS over 16 kHz is −40.27 dBFS in the band of 15.04 kHz.
    let samples = sum(&tone(1_000.0, RATE_HZ, 0.1, 32_000), &noise(&mut generator(1), 32_000), 0.01);
    let facts = one(&samples).channels().remove(0).facts;
    let noise_db = -40.0 + 10.0 * f64::log10(0.94);
    assert!((facts.power_dbfs - -19.96).abs() < 0.1, "{}", facts.power_dbfs);
    // The lower fifth of the bins reads a little low.
    assert!((facts.noise_dbfs - noise_db).abs() < 1.5, "{} is not {noise_db}", facts.noise_dbfs);
    assert!((facts.snr_db - (-20.0 - noise_db)).abs() < 1.5, "{}", facts.snr_db);
    assert!(facts.notices.is_empty(), "{:?}", facts.notices);
}

#[test]
fn a_band_is_moved_to_zero_and_the_rest_is_gone() {
    // A tone in the band and a stronger one outside.
    let samples = sum(&tone(3_100.0, RATE_HZ, 0.1, 32_000), &tone(-4_000.0, RATE_HZ, 0.5, 32_000), 1.0);
    let mut dropped = one(&samples);
    dropped.scene.settings.band = Some(Band { center_hz: 145.503e6, bandwidth_hz: 2e3 });
    let channel = dropped.channels().remove(0);
    assert!((channel.facts.power_dbfs - -20.0).abs() < 0.1, "{}", channel.facts.power_dbfs);
    // It turns at 100 Hz: 100/2560 of a turn per sample.
    let inner = &channel.samples[100..channel.samples.len() - 100];
    let turn: Complex32 = inner.windows(2).map(|w| w[1] * w[0].conj()).sum();
    assert!((f64::from(turn.arg()) / std::f64::consts::TAU * 2560.0 - 100.0).abs() < 0.1);
}

#[test]
fn the_present_range_is_what_the_recording_covers() {
    let mut dropped = one(&noise(&mut generator(2), 16_000));
    let whole = plan(&dropped.scene).unwrap();
    let grid = |seconds: f64| (seconds * whole.rate_hz) as i64;
    // The grid begins 0.4 s before the recording and lasts 0.8 s beyond it; and lies wholly elsewhere.
    let at = |start_s: f64, seconds: f64| Plan {
        start_unix_ns: common::START_NS + (start_s * 1e9) as i64,
        samples: (seconds * whole.rate_hz) as usize,
        ..whole.clone()
    };
    for (start_s, seconds, want) in [(-0.4, 2.2, 0.4..1.4), (0.25, 0.5, 0.0..0.5), (0.5, 2.0, 0.0..0.5)] {
        dropped.scene.settings.window = None;
        let entry = &dropped.scene.recordings[0];
        let channel =
            extract(entry, dropped.sources[0].as_ref(), &at(start_s, seconds), &mut |_| ControlFlow::Continue(()))
                .unwrap();
        assert_eq!(channel.samples.len(), at(start_s, seconds).samples);
        let present = &channel.facts.present;
        assert!((present.start as i64 - grid(want.start)).abs() < 40, "{present:?} is not {want:?} s");
        assert!((present.end as i64 - grid(want.end)).abs() < 40, "{present:?} is not {want:?} s");
        // Noise of power 1 in 94 % of the rate, wherever it lies in the grid.
        assert!((channel.facts.power_dbfs - 10.0 * f64::log10(0.94)).abs() < 0.3, "{}", channel.facts.power_dbfs);
    }
    for start_s in [-9.0, 9.0] {
        let entry = &dropped.scene.recordings[0];
        let channel =
            extract(entry, dropped.sources[0].as_ref(), &at(start_s, 1.0), &mut |_| ControlFlow::Continue(())).unwrap();
        assert!(channel.facts.present.is_empty(), "{:?}", channel.facts.present);
        assert!(channel.samples.iter().all(|sample| sample.norm() == 0.0));
    }
}

#[test]
fn clipping_is_noticed() {
    let loud: Vec<Complex32> = noise(&mut generator(3), 16_000).into_iter().map(|s| s * 1.5).collect();
    let mut dropped = Dropped::default();
    dropped.add(&Meta::default().integers(&loud));
    let notices = dropped.channels().remove(0).facts.notices;
    assert!(notices.len() == 1 && notices[0].contains("% of its samples are clipped"), "{notices:?}");
    // |I| > 1 of σ = 1.5/√2: 2·(1 − Φ(0.943)) = 34.6 % of the numbers, 57 % of the samples.
    let percent: f64 = notices[0].split(' ').next().unwrap().parse().unwrap();
    assert!((30.0..75.0).contains(&percent), "{percent}");
    let report = dropped.solve();
    assert!(common::says(&report.recordings[0].notices, "clipped"));
}

#[test]
fn samples_that_are_not_numbers_are_noticed_and_do_no_harm() {
    let mut samples = noise(&mut generator(4), 16_000);
    for n in [100, 5_000, 5_001] {
        samples[n] = Complex32::new(f32::NAN, f32::INFINITY);
    }
    let channel = one(&samples).channels().remove(0);
    assert_eq!(channel.facts.notices, ["3 samples are not numbers; they count as zero."]);
    assert!(channel.samples.iter().all(|sample| sample.re.is_finite() && sample.im.is_finite()));
}

#[test]
fn stopping_and_missing_facts_are_errors_of_their_own() {
    let mut dropped = one(&noise(&mut generator(5), 16_000));
    let plan = plan(&dropped.scene).unwrap();
    let stopped =
        extract(&dropped.scene.recordings[0], dropped.sources[0].as_ref(), &plan, &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(Error::Stopped)));
    dropped.scene.recordings[0].recording.sample_rate_hz = None;
    let missing =
        extract(&dropped.scene.recordings[0], dropped.sources[0].as_ref(), &plan, &mut |_| ControlFlow::Continue(()));
    assert_eq!(missing.unwrap_err().to_string(), "The sample rate of R1.sigmf-data is not known. Type it in.");
}

#[test]
fn progress_rises_to_one() {
    let dropped = one(&noise(&mut generator(6), 200_000));
    let plan = plan(&dropped.scene).unwrap();
    let mut shares = Vec::new();
    extract(&dropped.scene.recordings[0], dropped.sources[0].as_ref(), &plan, &mut |share| {
        shares.push(share);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(shares.len() >= 3 && shares.windows(2).all(|w| w[0] < w[1]), "{shares:?}");
    assert_eq!(shares.last(), Some(&1.0));
}
