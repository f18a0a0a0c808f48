//! Samples that are no numbers, silent, clipped, the same twice, another signal's, or no IQ; rates that cannot be.

use std::path::PathBuf;

use heimdall_simulate::{NamedBytes, SampleFormat};

use crate::support::data::{data, dcf77};
use crate::support::files::{Folder, recordings, wav, with};
use crate::support::program::locate;
use crate::support::scenes::{self, NAME, change, error_m, scene, standard_files};
use crate::{beside_good_ones, noise};

/// The standard scene with one recording changed.
fn with_changed(folder: &Folder, format: SampleFormat, part: &str, how: impl FnOnce(&mut Vec<u8>)) -> Vec<PathBuf> {
    let mut files = scenes::files(&scene(7), NAME, format);
    change(&mut files, part, how);
    // The metadata's checksum is of the samples before.
    for file in files.iter_mut().filter(|file| file.name.ends_with("-meta")) {
        let mut json: serde_json::Value = serde_json::from_slice(&file.bytes).unwrap();
        json["global"].as_object_mut().unwrap().remove("core:sha512");
        file.bytes = serde_json::to_vec(&json).unwrap();
    }
    folder.write_all(&files)
}

fn set_meta(field: &str, value: serde_json::Value) -> impl FnOnce(&mut Vec<u8>) {
    move |bytes| {
        let mut json: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        json["global"][field] = value;
        *bytes = serde_json::to_vec(&json).unwrap();
    }
}

#[test]
fn a_sample_rate_of_zero_is_refused_or_asked_for() {
    let folder = Folder::new();
    let bad = folder.write("zero_145.5M.wav", wav(0, &noise(8_000)));
    let report = beside_good_ones(&folder, &bad);
    report.says("zero_145.5M", &["sample rate"]);
}

#[test]
fn absurd_sample_rates_are_refused_or_asked_for() {
    for rate_hz in [-16_000.0, 0.0, 1e-9, 1e300] {
        let folder = Folder::new();
        let mut other = scenes::files(&scene(8), "other", SampleFormat::Ci16Le);
        change(&mut other, "1-north.sigmf-meta", set_meta("core:sample_rate", rate_hz.into()));
        let good = folder.write_all(&standard_files());
        let bad = recordings(&folder.write_all(&other), "other", &[1]);
        let alone = locate(&good).report();
        let report = locate(&[good, bad].concat()).report();
        report.same_fix_as(&alone);
        report.says("other-1-north", &["sample rate"]);
    }
}

#[test]
fn samples_that_are_not_numbers_are_counted_and_the_rest_is_used() {
    let folder = Folder::new();
    let files = with_changed(&folder, SampleFormat::Cf32Le, "2-east.sigmf-data", |bytes| {
        for (index, value) in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY].into_iter().cycle().take(300).enumerate() {
            let at = 8 * (100 + 20 * index);
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
    });
    let report = locate(&files).report();
    assert!(error_m(report.mean()) < 500.0, "{} m off", error_m(report.mean()));
    report.says("2-east", &["not numbers", "nan", "not finite"]);
}

#[test]
fn a_recording_without_a_single_number_is_left_out() {
    for nothing in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let folder = Folder::new();
        let files = with_changed(&folder, SampleFormat::Cf32Le, "2-east.sigmf-data", |bytes| {
            bytes.chunks_exact_mut(4).for_each(|value| value.copy_from_slice(&nothing.to_le_bytes()));
        });
        let report = locate(&files).report();
        assert_eq!(report.named("receivers", "East")["used"], false);
        report.says("East", &["no number", "not numbers", "silent", "nan"]);
        assert!(error_m(report.mean()) < 500.0, "{} m off", error_m(report.mean()));
    }
}

#[test]
fn a_silent_recording_is_left_out() {
    let folder = Folder::new();
    let files = with_changed(&folder, SampleFormat::Ci16Le, "2-east.sigmf-data", |bytes| bytes.fill(0));
    let report = locate(&files).report();
    assert_eq!(report.named("receivers", "East")["used"], false);
    report.says("East", &["silent"]);
    assert_eq!(report.verdict(), "located");
    assert!(error_m(report.mean()) < 500.0, "{} m off", error_m(report.mean()));
}

#[test]
fn silent_recordings_alone_give_no_fix() {
    let folder = Folder::new();
    let mut files = standard_files();
    files.iter_mut().filter(|file| file.name.ends_with("-data")).for_each(|file| file.bytes.fill(0));
    let outcome = locate(&folder.write_all(&files));
    assert_eq!(outcome.code, 2);
    outcome.report().says("North", &["silent"]);
}

#[test]
fn a_clipped_recording_is_used_and_said_to_be_clipped() {
    let folder = Folder::new();
    let files = with_changed(&folder, SampleFormat::Ci16Le, "2-east.sigmf-data", |bytes| {
        for value in bytes.chunks_exact_mut(2) {
            let loud = i16::from_le_bytes([value[0], value[1]]).saturating_mul(20);
            value.copy_from_slice(&loud.to_le_bytes());
        }
    });
    let report = locate(&files).report();
    report.says("2-east", &["clipped"]);
    assert!(error_m(report.mean()) < 1000.0, "{} m off", error_m(report.mean()));
}

#[test]
fn the_same_file_twice_counts_once() {
    let folder = Folder::new();
    let mut files = standard_files();
    let twins = files
        .iter()
        .filter(|file| file.name.contains("2-east"))
        .map(|file| NamedBytes { name: file.name.replace("2-east", "2-east-copy"), bytes: file.bytes.clone() });
    let twins: Vec<NamedBytes> = twins.collect();
    let good = folder.write_all(&files);
    let expected = locate(&good).report();
    files.extend(twins);
    let report = locate(&folder.write_all(&files)).report();
    report.same_fix_as(&expected);
    report.says("East (2)", &["same samples"]);
    // The very same path given twice.
    let report = locate(&with(&with(&good, &good[2]), &good[3])).report();
    report.same_fix_as(&expected);
}

#[test]
fn two_recordings_that_are_the_same_file_give_no_fix() {
    let Some(files) = dcf77() else { return };
    let outcome = locate(&[&files[0], &files[0], &files[3]]);
    assert_eq!(outcome.code, 2);
    outcome.report().says("HB9ODP", &["same samples"]);
}

#[test]
fn different_emissions_at_every_receiver_are_not_located_by_time() {
    let folder = Folder::new();
    let files: Vec<NamedBytes> = (1..=4_usize)
        .flat_map(|number| {
            let mut files = scenes::files(&scene(100 + number as u64), NAME, SampleFormat::Ci16Le);
            files.retain(|file| file.name.starts_with(&format!("{NAME}-{number}-")));
            files
        })
        .collect();
    let report = locate(&folder.write_all(&files)).report();
    assert_ne!(report.verdict(), "located");
    let said = report.sentences().join("\n");
    assert!(said.contains("no signal in common"), "{said}");
}

#[test]
fn stereo_audio_is_told_from_iq() {
    let Some(audio) = data("formats/audio_stereo_not_iq.wav") else { return };
    let folder = Folder::new();
    let report = beside_good_ones(&folder, &audio);
    report.says("audio_stereo_not_iq", &["audio"]);
    let alone = locate(&[&audio]);
    assert_eq!(alone.code, 2);
    alone.report().says("audio_stereo_not_iq", &["audio"]);
}

#[test]
fn two_real_channels_are_told_from_iq() {
    let Some(meta) = data("formats/sigmf_logo.sigmf-meta") else { return };
    let Some(samples) = data("formats/sigmf_logo.sigmf-data") else { return };
    let outcome = locate(&[meta, samples]);
    assert_eq!(outcome.code, 2);
    outcome.report().says("sigmf_logo", &["not iq", "real channels"]);
}
