//! What the program says of the files it was given, and what the user says of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};

use heimdall_simulate::NamedBytes;
use sha2::{Digest, Sha256};
use support::files::Folder;
use support::program::{heimdall, inspect, locate};
use support::scenes::standard_files;

#[test]
fn the_report_holds_the_checksum_of_every_file_that_was_used() {
    let folder = Folder::new();
    let mut files = folder.write_all(&standard_files());
    files.push(folder.write("receivers.csv", "receiver,lat,lon\nElsewhere,45,9\n"));
    let bad = folder.write("broken.wav", b"RIFF");
    let report = locate(&[files.as_slice(), &[bad]].concat()).report();
    let inputs = report.list("inputs").to_vec();
    assert_eq!(inputs.len(), files.len(), "the refused file is not used: {inputs:?}");
    for file in &files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let hash: String = Sha256::digest(std::fs::read(file).unwrap()).iter().map(|b| format!("{b:02x}")).collect();
        let input = inputs.iter().find(|input| input["name"] == name).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(input["sha256"], hash, "{name}");
    }
}

#[test]
fn samples_that_are_not_those_of_the_metadata_are_spoken_of() {
    let folder = Folder::new();
    let mut files = standard_files();
    let clean = folder.write_all(&files);
    assert!(!locate(&clean).stdout.contains("core:sha512"));
    let data = files.iter_mut().find(|file| file.name.contains("-2-") && file.name.ends_with("-data")).unwrap();
    *data.bytes.last_mut().unwrap() ^= 1;
    let changed = folder.write_all(&files);
    let outcome = locate(&changed);
    assert!(outcome.stderr.contains("core:sha512"), "{}", outcome.stderr);
    assert_eq!(outcome.stdout.matches("core:sha512").count(), 1, "one recording, one notice");
    let seen = inspect(&changed).to_string();
    assert_eq!(seen.matches("core:sha512").count(), 1, "{seen}");
}

#[test]
fn a_collection_without_its_recordings_is_spoken_of() {
    let folder = Folder::new();
    let json = r#"{"collection": {"core:version": "1.2.0", "core:streams": [{"name": "far", "hash": ""}]}}"#;
    let collection = folder.write("x.sigmf-collection", json);
    let files: Vec<PathBuf> = folder.write_all(&standard_files()).into_iter().chain([collection]).collect();
    let outcome = locate(&files);
    assert_eq!(outcome.code, 0);
    assert!(outcome.stderr.contains("far") && outcome.stderr.contains("x.sigmf-collection"), "{}", outcome.stderr);
}

/// The samples of a simulated receiver without a header, named so that nothing is known of them.
fn raw(folder: &Folder) -> PathBuf {
    let data: NamedBytes = standard_files().into_iter().find(|file| file.name.ends_with("-data")).unwrap();
    folder.write("capture.bin", data.bytes)
}

#[test]
fn facts_of_a_raw_file_are_typed_in() {
    let folder = Folder::new();
    let file = raw(&folder);
    let facts = [
        "rate=16k",
        "format=cs16",
        "frequency=145.5MHz",
        "start=2025-10-09T08:53:20.25Z",
        "position=45.6, 8.5",
        "station=North",
        "clock=gnss",
    ];
    let facts = facts.map(|fact| format!("capture.bin:{fact}"));
    let options = facts.iter().flat_map(|fact| ["--fact", fact.as_str()]);
    let flags = ["inspect", "--format", "json"].into_iter().chain(options).map(Path::new);
    let outcome = heimdall(flags.chain([file.as_path()]));
    let json: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let recording = &json["recordings"][0];
    assert_eq!(recording["sample_rate_hz"]["value"], 16e3);
    assert_eq!(recording["center_frequency_hz"]["value"], 145.5e6);
    // `date -u -d 2025-10-09T08:53:20 +%s`
    assert_eq!(recording["start_time_unix_ns"]["value"], 1_760_000_000_250_000_000_i64);
    assert_eq!(recording["position"]["value"]["lat"], 45.6);
    assert_eq!(recording["station"]["value"], "North");
    assert_eq!(recording["time_grade"], "gnss");
    assert_eq!(recording["questions"], serde_json::json!([]));
}

#[test]
fn facts_that_cannot_be_and_facts_of_other_files_are_refused() {
    let folder = Folder::new();
    let file = raw(&folder);
    for (fact, word) in [
        ("capture.bin:rate=0", "samples per second"),
        ("capture.bin:colour=red", "rate, frequency"),
        ("capture.bin", "FILE:KEY=VALUE"),
        ("other.bin:rate=1k", "other.bin"),
    ] {
        let outcome = heimdall(["inspect", "--fact", fact].map(Path::new).into_iter().chain([file.as_path()]));
        assert_ne!(outcome.code, 0, "{fact}");
        assert!(outcome.stderr.contains(word), "{fact}: {}", outcome.stderr);
    }
}
