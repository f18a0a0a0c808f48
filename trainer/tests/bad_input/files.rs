//! Files that are cut, empty, no recordings, not there, or very long.

use std::path::{Path, PathBuf};

use crate::support::data::dcf77;
use crate::support::files::{Folder, rf64_head, wav, with};
use crate::support::program::{heimdall_within, locate};
use crate::support::scenes::standard_files;
use crate::{beside_good_ones, is_refused, noise};

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
fn a_file_that_is_not_there_and_a_folder_are_named() {
    let folder = Folder::new();
    for bad in [folder.path("absent.wav"), folder.path("")] {
        let report = beside_good_ones(&folder, &bad);
        report.says(bad.file_name().unwrap().to_str().unwrap(), &["no such file", "folder"]);
    }
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
