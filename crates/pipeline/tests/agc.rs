//! Automatic gain control is suspected where a receiver has it, and where none has hardly ever.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{dropped, spec};
use heimdall_pipeline::survey;
use heimdall_recording::{Content, InputFile, TypedFacts};
use heimdall_simulate::{Modulation, Noise, SampleFormat, SimulatedScene, sigmf_collection, simulate};
use num_complex::Complex32;
use std::rc::Rc;

/// One receiver of 48 kHz for 4 s.
fn recorded(seed: u64, modulation: Modulation, snr_db: f64) -> SimulatedScene {
    let mut scene = spec();
    scene.seed = seed;
    scene.duration_s = 4.0;
    scene.transmitter.modulation = modulation;
    scene.receivers.truncate(1);
    scene.receivers[0].sample_rate_hz = 48e3;
    scene.receivers[0].noise = Noise::SnrDb(snr_db);
    simulate(&scene).unwrap()
}

fn suspected_db(mut scene: SimulatedScene, iq: Vec<Complex32>) -> Option<f64> {
    scene.receivers[0].iq = iq;
    let files: Vec<InputFile> = sigmf_collection(&scene, "scene", SampleFormat::Cf32Le)
        .unwrap()
        .into_iter()
        .filter(|file| !file.name.ends_with("collection"))
        .map(|file| InputFile { name: file.name, source: Rc::new(file.bytes) })
        .collect();
    let Content::Recording(recording) = heimdall_recording::open(&files, &TypedFacts::default()).unwrap().remove(0)
    else {
        panic!("no recording")
    };
    let data = files.iter().find(|file| file.name.ends_with("data")).unwrap();
    survey(&recording, data.source.as_ref()).unwrap().agc_db
}

/// A gain that holds the mean power, fast down and slow up, as receivers do.
fn controlled(iq: &[Complex32], rate_hz: f32) -> Vec<Complex32> {
    let (attack, decay) = (1.0 / (0.002 * rate_hz), 1.0 / (0.05 * rate_hz));
    let mut level = 1e-9f32;
    iq.iter()
        .map(|sample| {
            let power = sample.norm_sqr();
            level += (power - level) * if power > level { attack } else { decay };
            sample * (0.1 / level.max(1e-12).sqrt())
        })
        .collect()
}

/// The signal swells and fades by 30 dB several times, at most 40 dB over the noise: that of `quiet` is 30 dB over its
/// signal.
fn fading(scene: &SimulatedScene, quiet: &SimulatedScene) -> Vec<Complex32> {
    let both = scene.receivers[0].iq.iter().zip(&quiet.receivers[0].iq).enumerate();
    let full = 10f64.powf((quiet.receivers[0].full_scale_dbm - scene.receivers[0].full_scale_dbm) / 20.0) as f32;
    both.map(|(n, (signal, noise))| {
        let swell = 10f32.powf(-1.5 * (0.5 + 0.5 * (n as f32 / 48e3 * 2.0 * std::f32::consts::PI * 0.8).cos()));
        signal * swell + noise * (full * 10f32.powf(-3.5))
    })
    .collect()
}

const SIGNALS: [Modulation; 5] = [
    Modulation::FlatNoise { bandwidth_hz: 10e3 },
    Modulation::Fsk { symbol_rate_hz: 1200.0, deviation_hz: 2400.0 },
    Modulation::NbfmVoiceLike { deviation_hz: 2500.0 },
    Modulation::Am { depth: 0.9 },
    Modulation::CwKeyed { words_per_minute: 15.0 },
];

#[test]
fn a_gain_that_follows_a_fading_signal_is_suspected_and_the_same_fading_at_a_fixed_gain_is_not() {
    for modulation in SIGNALS {
        let mut found = 0;
        for seed in 0..4 {
            let (strong, quiet) = (recorded(seed, modulation, 60.0), recorded(seed + 100, modulation, -30.0));
            let fixed = fading(&strong, &quiet);
            assert_eq!(suspected_db(strong.clone(), fixed.clone()), None, "{modulation:?}, fixed gain");
            found += usize::from(suspected_db(strong, controlled(&fixed, 48e3)).is_some());
        }
        println!("{modulation:?}: {found} of 4 with automatic gain suspected");
        // In the pauses of a keyed signal the gain recovers, so that the total power moves too: it mostly escapes.
        let keyed = matches!(modulation, Modulation::CwKeyed { .. });
        assert!(keyed || found >= 3, "{modulation:?}: {found} of 4");
    }
}

#[test]
fn fixed_gains_raise_no_alarm() {
    let (mut alarms, mut count) = (0, 0);
    for modulation in SIGNALS {
        for seed in 0..12 {
            let scene = recorded(seed, modulation, -5.0 + 4.0 * seed as f64);
            let iq = scene.receivers[0].iq.clone();
            alarms += usize::from(suspected_db(scene, iq).is_some());
            count += 1;
        }
    }
    println!("{alarms} false alarms in {count} recordings of a fixed gain");
    assert_eq!(alarms, 0, "of {count}");
}

#[test]
fn the_report_says_so_and_the_level_counts_for_less() {
    let mut suspected = dropped(&spec());
    suspected.scene.recordings[0].survey.agc_db = Some(12.0);
    let report = suspected.solve();
    let said = |index: usize| report.recordings[index].notices.iter().any(|notice| notice.contains("gain control"));
    assert!(said(0) && !said(1));
    let sigma = |index: usize| report.receivers[index].level.unwrap().sigma_db;
    assert!((sigma(0).powi(2) - sigma(1).powi(2) - 144.0).abs() < 1e-6);
}
