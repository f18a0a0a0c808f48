//! `heimdall simulate` and `heimdall evaluate world` from a world's file to what they leave behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::files::Folder;
use support::program::{Outcome, heimdall};
use support::report::place;
use support::shapes::{contains, distance_m};

fn world(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../worlds").join(name)
}

fn simulate(world: &Path, out: &Path, more: &str) -> Outcome {
    let flags = more.split_whitespace().map(PathBuf::from);
    let start = [Path::new("simulate"), world, Path::new("--out"), out].map(Path::to_owned);
    heimdall(start.into_iter().chain(flags))
}

fn inside(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Metadata and samples, without the collection and its truth.
fn recordings(folder: &Path) -> Vec<PathBuf> {
    let mut files = inside(folder);
    files.retain(|path| path.extension().unwrap() != "sigmf-collection");
    files
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The truth that a collection holds for tests.
fn truth(folder: &Path) -> [f64; 2] {
    let files = inside(folder);
    let collection = files.iter().find(|path| path.extension().unwrap() == "sigmf-collection").unwrap();
    place(&json(collection)["collection"]["heimdall:truth"]).unwrap()
}

#[test]
fn recordings_of_the_synchronised_world_lead_to_their_transmitter() {
    let folder = Folder::new();
    let out = folder.path("scenes");
    let outcome = simulate(
        &world("synchronised.json"),
        &out,
        "--format sigmf --split test --scenes 3 --rate 24000 --duration 0.5 --modulation noise",
    );
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let scenes = inside(&out);
    assert_eq!(scenes.len(), 3);
    let mut held = 0;
    for scene in &scenes {
        let files = recordings(scene);
        assert_eq!(files.len(), 14, "metadata and samples of seven receivers");
        // The world's delays beyond the path and their residue: √(0.9² + 0.3²) µs a receiver.
        let flags = ["locate", "--format", "json", "--bias-us", "0.95"].map(Path::new);
        let report = heimdall(flags.into_iter().chain(files.iter().map(PathBuf::as_path))).report();
        assert_eq!(report.0["synthetic"], true);
        assert_eq!(report.verdict(), "located", "{:?}", report.sentences());
        let error_m = distance_m(report.mean(), truth(scene));
        // 0.95 µs are 0.28 km a receiver.
        assert!(error_m < 3000.0, "{error_m} m off");
        held += usize::from(contains(&report.region(0.95)["geometry"], truth(scene)));
    }
    assert!(held >= 2, "the 95 % region holds only {held} of 3");
}

#[test]
fn clocks_are_graded_as_the_world_says_and_everything_is_marked_synthetic() {
    let folder = Folder::new();
    let out = folder.path("scenes");
    let flags = "--format sigmf --rate 16000 --duration 0.1 --modulation noise";
    assert_eq!(simulate(&world("mixed.json"), &out, flags).code, 0);
    let metadata: Vec<Value> = inside(&inside(&out)[0])
        .iter()
        .filter(|path| path.extension().unwrap() == "sigmf-meta")
        .map(|path| json(path)["global"].clone())
        .collect();
    let shared = ["Montanaro", "Torino", "Genova", "Milano-Baggio"];
    assert_eq!(metadata.len(), 7);
    for global in metadata {
        let grade = if shared.contains(&global["heimdall:station"].as_str().unwrap()) { "gnss" } else { "none" };
        assert_eq!(global["heimdall:time_grade"], grade);
        assert_eq!(global["heimdall:synthetic"], true);
        assert_eq!(global["core:sample_rate"], 16000.0);
    }
}

#[test]
fn the_same_seed_gives_the_same_files_and_nothing_is_replaced_unasked() {
    let folder = Folder::new();
    let [one, other] = ["one", "other"].map(|name| folder.path(name));
    let flags = "--format sigmf --scenes 1 --first 4 --rate 16000 --duration 0.05 --modulation voice";
    for out in [&one, &other] {
        assert_eq!(simulate(&world("mixed.json"), out, flags).code, 0);
    }
    let bytes =
        |out: &Path| inside(&inside(out)[0]).iter().map(|path| std::fs::read(path).unwrap()).collect::<Vec<_>>();
    let before = bytes(&one);
    assert_eq!(before, bytes(&other));
    let again = simulate(&world("mixed.json"), &one, &flags.replace("voice", "fsk"));
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    assert_eq!(before, bytes(&one));
    assert_eq!(simulate(&world("mixed.json"), &one, &format!("{flags} --force").replace("voice", "fsk")).code, 0);
    assert_ne!(before, bytes(&one));
}

#[test]
fn tables_hold_what_receivers_measured_and_the_truth_apart() {
    let folder = Folder::new();
    let out = folder.path("tables");
    let outcome = simulate(&world("mixed.json"), &out, "--seed 3 --split validation --scenes 5");
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let names: Vec<String> =
        inside(&out).iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["mixed-seed3-validation-truth.csv", "mixed-seed3-validation.csv"]);
    let rows = |name: &str| -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_path(out.join(name)).unwrap();
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    };
    let (truths, measured) = (rows(&names[0]), rows(&names[1]));
    assert_eq!((truths.len(), measured.len()), (5, 35));
    assert_eq!(measured.iter().filter(|row| !row[6].is_empty()).count(), 5 * 4, "four stations share a clock");
    for row in &measured {
        let number = |index: usize| row[index].parse::<f64>().unwrap();
        let truth = &truths[number(0) as usize];
        let place = [1, 2].map(|index| truth[index].parse::<f64>().unwrap());
        let path_km = distance_m(place, [number(2), number(3)]) / 1e3;
        // Six deviations of shadowing and noise about the law that docs/worlds.md states.
        let law_dbm = truth[5].parse::<f64>().unwrap() - 76.0 - 35.0 * path_km.log10();
        assert!((number(4) - law_dbm).abs() < 37.0, "{row:?}");
        if !row[6].is_empty() {
            let late_us = 1e6 * (number(6) - truth[6].parse::<f64>().unwrap()) - path_km / 0.299_792_458;
            assert!((-3.5..8.5).contains(&late_us), "{row:?}: {late_us}");
        }
    }
    let again = simulate(&world("mixed.json"), &out, "--seed 3 --split validation --scenes 2");
    assert!(again.code == 1 && again.stderr.contains("--force"), "{}", again.stderr);
}

#[test]
fn what_cannot_be_simulated_is_refused_in_a_sentence() {
    let folder = Folder::new();
    let out = folder.path("out");
    let text = std::fs::read_to_string(world("mixed.json")).unwrap();
    let wrong = folder.write("wrong.json", text.replace("\"level_noise_db\"", "\"noise\""));
    let empty = folder.write("empty.json", text.replace("\"training\": 8000", "\"training\": 0"));
    let no_folder = folder.write("a-file", "");
    let missing = folder.path("nowhere.json");
    let mixed = world("mixed.json");
    for (world, out, flags, words) in [
        (&wrong, &out, "", ["wrong.json", "`noise`"]),
        (&empty, &out, "", ["empty.json", "training scenes"]),
        (&missing, &out, "", ["nowhere.json", "cannot read"]),
        (&mixed, &out, "--scenes 0", ["--scenes", "at least 1"]),
        (&mixed, &no_folder, "", ["a-file", "folder"]),
        (&mixed, &out, "--format sigmf --rate 8000 --modulation noise", ["rate", "emission"]),
        (&mixed, &out, "--format sigmf --rate=-1", ["sample_rate_hz", "positive"]),
        (&mixed, &out, "--format sigmf --duration 1e9", ["samples", "shorten"]),
    ] {
        let outcome = simulate(world, out, flags);
        assert_eq!(outcome.code, 1, "{flags}");
        assert!(words.iter().all(|word| outcome.stderr.contains(word)), "{words:?}: {}", outcome.stderr);
    }
}

#[test]
fn what_cannot_be_evaluated_is_refused_in_a_sentence() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(world("mixed.json")).unwrap();
    let wrong = folder.write("wrong.json", text.replace("\"exponent\"", "\"slope\""));
    let mixed = world("mixed.json");
    for (world, flags, words) in [
        (&wrong, "", ["wrong.json", "`slope`"]),
        (&mixed, "--scenes 0", ["--scenes", "at least 1"]),
        (&mixed, "--seeds 0", ["--seeds", "at least 1"]),
        (&mixed, "--seeds 11", ["only 10", "seeds"]),
        (&mixed, "--missing 7", ["--missing", "7 receivers"]),
    ] {
        let start = ["evaluate", "world"].map(PathBuf::from);
        let outcome =
            heimdall(start.into_iter().chain([world.clone()]).chain(flags.split_whitespace().map(PathBuf::from)));
        assert_eq!(outcome.code, 1, "{flags}");
        assert!(words.iter().all(|word| outcome.stderr.contains(word)), "{words:?}: {}", outcome.stderr);
    }
}
