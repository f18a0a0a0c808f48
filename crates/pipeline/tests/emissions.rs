//! Emissions that several receivers share, in spectra whose truth is known.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use heimdall_pipeline::{Spectrum, emissions};
use heimdall_recording::Recording;

const STEP_HZ: f64 = 1000.0;

/// A recording of 2 MHz around `center_hz`, and a spectrum of ripple with emissions: absolute middle, width, level.
fn heard(center_hz: f64, present: &[(f64, f64, f32)]) -> (Recording, Spectrum) {
    let mut recording = common::dropped(&common::spec()).scene.recordings.remove(0).recording;
    recording.sample_rate_hz.as_mut().unwrap().value = 2e6;
    recording.center_frequency_hz.as_mut().unwrap().value = center_hz;
    let bins = (2e6 / STEP_HZ) as usize;
    let level = |bin: usize| {
        let frequency_hz = center_hz - 1e6 + (bin as f64 + 0.5) * STEP_HZ;
        let above = present.iter().filter(|(middle, width, _)| (frequency_hz - middle).abs() < width / 2.0);
        -90.0 + (bin % 3) as f32 + above.map(|(_, _, above)| *above).fold(0.0, f32::max)
    };
    let mut power_dbfs: Vec<f32> = (0..bins).map(level).collect();
    // The receiver's own direct current.
    power_dbfs[bins / 2] = -20.0;
    (recording, Spectrum { start_hz: -1e6, step_hz: STEP_HZ, power_dbfs })
}

fn found(heard: &[(Recording, Spectrum)]) -> Vec<heimdall_pipeline::Emission> {
    emissions(&heard.iter().map(|(recording, spectrum)| (recording, spectrum)).collect::<Vec<_>>())
}

#[test]
fn what_most_heard_comes_first_whatever_a_single_receiver_hears_alone() {
    let (wide, narrow, own) = ((100.3e6, 40e3, 20.0), (99.8e6, 6e3, 12.0), (100.1e6, 20e3, 60.0));
    let all = [
        heard(100e6, &[wide, narrow, own]),
        heard(100e6, &[wide, narrow]),
        // Tuned elsewhere: the narrow one lies outside of its band.
        heard(100.9e6, &[wide]),
    ];
    let found = found(&all);
    assert_eq!(found.iter().map(|emission| emission.receivers).collect::<Vec<_>>(), [3, 2], "{found:?}");
    for (emission, (middle_hz, width_hz, above)) in found.iter().zip([wide, narrow]) {
        let band = emission.band;
        assert!((band.center_hz - middle_hz).abs() < 1.5 * STEP_HZ, "{emission:?}");
        assert!(band.bandwidth_hz > width_hz && band.bandwidth_hz < 1.2 * width_hz + 7.0 * STEP_HZ, "{emission:?}");
        assert!((emission.above_db - f64::from(above)).abs() < 2.5, "{emission:?}");
    }
}

#[test]
fn noise_a_lone_recording_and_direct_current_suggest_nothing() {
    assert!(found(&[heard(100e6, &[]), heard(100e6, &[])]).is_empty());
    assert!(found(&[heard(100e6, &[(100.3e6, 40e3, 20.0)])]).is_empty());
    assert!(found(&[]).is_empty());
}
