//! What users drop by mistake or misfortune: each time a sentence that names the file and the reason, nothing else
//! lost, no panic, an end. (The program's exit status and its end are checked at every run, see `support::program`.)
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};

use heimdall_recording::TimeGrade;
use heimdall_simulate::{NamedBytes, SampleFormat, level_csv, simulate};
use support::data::{data, dcf77, no_gnss_fix};
use support::files::{Folder, recordings, rf64_head, wav, with};
use support::program::{heimdall, heimdall_within, inspect, locate};
use support::report::Report;
use support::scenes::{self, NAME, change, error_m, place, scene, standard_files};

/// A bad file among the recordings of a good scene: the answer is the scene's, and the file is spoken of.
fn beside_good_ones(folder: &Folder, bad: &Path) -> Report {
    let good = folder.write_all(&standard_files());
    let alone = locate(&good).report();
    assert_eq!(alone.verdict(), "located", "{:?}", alone.sentences());
    assert!(error_m(alone.mean()) < 300.0, "{} m off", error_m(alone.mean()));
    let outcome = locate(&with(&good, bad));
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let report = outcome.report();
    report.same_fix_as(&alone);
    report
}

/// The file is refused by name for a reason, alone and beside good ones.
fn is_refused(folder: &Folder, bad: &Path, words: &[&str]) {
    let name = bad.file_name().unwrap().to_str().unwrap();
    let report = beside_good_ones(folder, bad);
    report.named("refused", name);
    report.says(name, words);
    let alone = locate(&[bad]);
    assert_eq!(alone.code, 2, "no fix is no success");
    assert_eq!(alone.report().verdict(), "not_locatable");
    alone.report().says(name, words);
    assert!(alone.stderr.contains(name), "the terminal names it too: {}", alone.stderr);
}

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
fn a_file_that_ends_inside_its_header_is_refused() {
    let folder = Folder::new();
    let bytes = wav(16_000, &[1, 2, 3, 4]);
    let bad = folder.write("cut_145.5M.wav", &bytes[..30]);
    is_refused(&folder, &bad, &["ends at byte"]);
}

#[test]
fn a_file_that_ends_inside_its_samples_is_used_and_said_to_be_cut() {
    let Some(mut files) = dcf77() else { return };
    let folder = Folder::new();
    let bytes = std::fs::read(&files[1]).unwrap();
    let name = files[1].file_name().unwrap().to_str().unwrap().to_owned();
    files[1] = folder.write(&name, &bytes[..bytes.len() / 2 + 3]);
    let report = locate(&files).report();
    assert_eq!(report.verdict(), "located", "{:?}", report.sentences());
    report.says(&name, &["truncated", "cut", "ends"]);
}

#[test]
fn samples_cut_off_in_a_plain_wav_are_said_to_be_missing() {
    let folder = Folder::new();
    let bytes = wav(16_000, &noise(64_000));
    let bad = folder.write("cut_145.5M.wav", &bytes[..bytes.len() - 5_001]);
    let report = beside_good_ones(&folder, &bad);
    report.says("cut_145.5M.wav", &["truncated"]);
}

#[test]
fn an_empty_file_is_refused() {
    let folder = Folder::new();
    let bad = folder.write("empty_145.5M_16k.cf32", []);
    is_refused(&folder, &bad, &["no sample", "empty"]);
}

#[test]
fn a_header_without_samples_is_refused() {
    let folder = Folder::new();
    let bad = folder.write("silence.wav", wav(16_000, &[]));
    is_refused(&folder, &bad, &["no sample", "empty"]);
}

#[test]
fn a_picture_named_like_a_recording_is_refused() {
    let folder = Folder::new();
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[7; 400]].concat();
    let bad = folder.write("picture.wav", png);
    is_refused(&folder, &bad, &["not a recording", "neither", "riff", "picture", "png", "drop iq recordings"]);
}

#[test]
fn a_recording_with_a_foreign_extension_is_known_by_its_content() {
    let Some(mut files) = dcf77() else { return };
    let folder = Folder::new();
    let expected = locate(&files).report();
    let bytes = std::fs::read(&files[0]).unwrap();
    let stem = files[0].file_stem().unwrap().to_str().unwrap().to_owned();
    files[0] = folder.write(&format!("{stem}.txt"), bytes);
    locate(&files).report().same_fix_as(&expected);
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
fn a_recording_of_nothing_but_nan_is_left_out() {
    let folder = Folder::new();
    let files = with_changed(&folder, SampleFormat::Cf32Le, "2-east.sigmf-data", |bytes| {
        bytes.chunks_exact_mut(4).for_each(|value| value.copy_from_slice(&f32::NAN.to_le_bytes()));
    });
    let report = locate(&files).report();
    assert_eq!(report.named("receivers", "East")["used"], false);
    report.says("East", &["no number", "not numbers", "silent", "nan"]);
    assert!(error_m(report.mean()) < 500.0, "{} m off", error_m(report.mean()));
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

#[test]
fn a_clock_that_never_had_a_fix_is_refused_with_the_reason() {
    let Some(file) = no_gnss_fix() else { return };
    let outcome = locate(&[&file]);
    assert_eq!(outcome.code, 2);
    outcome.report().says("G7UAK", &["never", "no satellite fix", "without a fix"]);
    let inspected = inspect(&[&file]);
    let recording = &inspected["recordings"][0];
    assert_ne!(recording["time_grade"], "gnss");
    assert!(recording["time_reason"].as_str().unwrap().contains("fix"), "{}", recording["time_reason"]);
    // Its position known, the clock is what people are told of, in the answer itself.
    let folder = Folder::new();
    let places = folder.write("receivers.csv", "receiver,lat,lon\nG7UAK,50.9,-1.4\n");
    let text = heimdall([Path::new("locate"), &file, &places]).stdout;
    assert!(text.contains("G7UAK") && text.contains("fix"), "{text}");
}

#[test]
fn a_refused_clock_does_not_change_the_fix_of_the_others() {
    let (Some(files), Some(unfixed)) = (dcf77(), no_gnss_fix()) else { return };
    let expected = locate(&files).report();
    let report = locate(&with(&files, &unfixed)).report();
    report.same_fix_as(&expected);
    report.says("G7UAK", &["never", "no satellite fix", "without a fix"]);
}

#[test]
fn receivers_at_zero_zero_are_unplaced_and_not_in_the_gulf_of_guinea() {
    let Some(files) = dcf77() else { return };
    let folder = Folder::new();
    let table = "receiver,lat,lon\nHB9ODP,0,0\nJO51xl,51.466044,11.977189\npa0rdt,51.500500,3.600690\n";
    let places = folder.write("receivers.csv", table);
    let outcome = locate(&with(&files[..3], &places));
    assert_eq!(outcome.code, 2, "two places are left");
    let report = outcome.report();
    report.says("HB9ODP", &["position"]);
    assert_eq!(report.named("receivers", "HB9ODP")["used"], false);
    assert!(outcome.stderr.contains("receivers.csv"), "the row is named: {}", outcome.stderr);
    let only_zeros = folder.write("zeros.csv", "receiver,lat,lon\nHB9ODP,0,0\nJO51xl,0,0\npa0rdt,0,0\n");
    let outcome = locate(&with(&files[..3], &only_zeros));
    assert_eq!(outcome.code, 2);
    outcome.report().says("zeros.csv", &["position"]);
}

#[test]
fn receivers_at_one_place_locate_nothing() {
    let Some(files) = dcf77() else { return };
    let folder = Folder::new();
    let row = |name| format!("{name},51.466044,11.977189\n");
    let rows = ["HB9ODP", "JO51xl", "pa0rdt"].map(row).concat();
    let places = folder.write("receivers.csv", format!("receiver,lat,lon\n{rows}"));
    let outcome = locate(&with(&files[..3], &places));
    assert_eq!(outcome.code, 2);
    let said = outcome.report().sentences().join("\n");
    assert!(said.contains("HB9ODP and JO51xl"), "{said}");
}

#[test]
fn two_receivers_at_one_place_are_warned_of_and_the_fix_stands() {
    let folder = Folder::new();
    let mut twin = scene(7);
    twin.receivers[4].position = place(45.6001, 8.5);
    let report = locate(&folder.write_all(&scenes::files(&twin, NAME, SampleFormat::Ci16Le))).report();
    assert!(error_m(report.mean()) < 500.0, "{} m off", error_m(report.mean()));
    let said = report.sentences().join("\n");
    assert!(said.contains("North and Hill"), "{said}");
}

#[test]
fn one_receiver_is_too_few() {
    let folder = Folder::new();
    let files = recordings(&folder.write_all(&standard_files()), NAME, &[1]);
    let outcome = locate(&files);
    assert_eq!(outcome.code, 2);
    let said = outcome.report().sentences().join("\n");
    assert!(said.contains("three"), "{said}");
    let table = folder.write("one.csv", "receiver,lat,lon,level_dbm\nNorth,45.6,8.5,-80\n");
    let outcome = locate(&[&table]);
    assert_eq!(outcome.code, 2);
    let said = outcome.report().sentences().join("\n");
    assert!(said.contains("three"), "{said}");
}

#[test]
fn a_hundred_recordings_are_located() {
    let folder = Folder::new();
    let files = folder.write_all(&scenes::files(&hundred(0.1), NAME, SampleFormat::Ci16Le));
    let report = locate(&files).report();
    assert_eq!(report.list("recordings").len(), 100);
    assert_eq!(report.verdict(), "located", "{:?}", report.sentences());
    assert!(error_m(report.mean()) < 500.0, "{} m off", error_m(report.mean()));
}

#[test]
fn a_hundred_levels_give_a_region() {
    let folder = Folder::new();
    let table = level_csv(&simulate(&hundred(0.01)).unwrap(), 1.0).unwrap();
    let outcome = locate(&[folder.write("levels.csv", table)]);
    assert_eq!(outcome.code, 0);
    let report = outcome.report();
    assert_eq!(report.list("receivers").len(), 100);
    assert!(error_m(report.mean()) < 3000.0, "{} m off", error_m(report.mean()));
}

#[test]
fn ten_gigabytes_open_at_once_in_little_memory() {
    let folder = Folder::new();
    let length = 10_000_000_000;
    let head = rf64_head(2_000_000, length);
    let files = [
        (folder.write_sparse("long_145.5M.wav", &head, length), (length - 80) / 4),
        (folder.write_sparse("long_145.5M_2000k.cu8", &[], length), length / 2),
    ];
    let good = folder.write_all(&standard_files());
    let expected = locate(&good).report();
    for (file, samples) in files {
        let arguments = [Path::new("inspect"), Path::new("--format"), Path::new("json"), &file];
        let outcome = heimdall_within(256, &arguments);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        let json: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(json["recordings"][0]["sample_count"], samples);
        // GeoJSON, because the report would wait for the checksum of ten gigabytes.
        let flags = ["locate", "--format", "geojson"].map(Path::new);
        let all = with(&good, &file);
        let arguments: Vec<&Path> = flags.into_iter().chain(all.iter().map(PathBuf::as_path)).collect();
        let outcome = heimdall_within(256, &arguments);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        let json: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        let features = json["features"].as_array().unwrap();
        let mean = features.iter().find(|feature| feature["properties"]["kind"] == "mean").expect("a mean");
        let mean = &mean["geometry"]["coordinates"];
        let [lat, lon] = expected.mean();
        assert_eq!((mean[0].as_f64(), mean[1].as_f64()), (Some(lon), Some(lat)));
    }
}

#[test]
fn a_file_that_is_not_there_and_a_folder_are_named() {
    let folder = Folder::new();
    for bad in [folder.path("absent.wav"), folder.path("")] {
        let report = beside_good_ones(&folder, &bad);
        report.says(bad.file_name().unwrap().to_str().unwrap(), &["no such file", "folder"]);
    }
}

#[test]
fn a_computers_clock_gives_no_time_differences() {
    let folder = Folder::new();
    let mut vague = scene(7);
    vague.receivers[1].time_grade = TimeGrade::Ntp;
    vague.receivers[1].clock_error_s = 3e-3;
    let report = locate(&folder.write_all(&scenes::files(&vague, NAME, SampleFormat::Ci16Le))).report();
    assert!(error_m(report.mean()) < 500.0, "{} m off", error_m(report.mean()));
    report.says("East", &["clock", "time"]);
    let timed = report.list("pairs").iter().flat_map(|pair| pair["receivers"].as_array().unwrap());
    assert!(timed.into_iter().all(|name| name != "East"));
}

/// A hundred receivers on a grid around the transmitter.
fn hundred(duration_s: f64) -> heimdall_simulate::Scene {
    let mut scene = scene(11);
    scene.duration_s = duration_s;
    let pattern = scene.receivers[0].clone();
    let at = |index: usize| {
        let (row, column) = (index / 10, index % 10);
        let mut receiver = pattern.clone();
        receiver.name = format!("R{index:02}");
        receiver.position = place(44.5 + 0.11 * row as f64, 7.6 + 0.16 * column as f64);
        receiver
    };
    scene.receivers = (0..100).map(at).collect();
    scene
}

/// Numbers without a pattern, from a linear congruential generator (Knuth's MMIX constants).
fn noise(count: usize) -> Vec<i16> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 50) as i16 - 8192
    };
    (0..count).map(|_| next()).collect()
}
