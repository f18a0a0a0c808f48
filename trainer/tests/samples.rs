//! What each of the page's samples teaches, as `heimdall locate` answers it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::program::{Outcome, heimdall};
use support::report::{Report, place};
use support::shapes::{contains, distance_m};

/// Files of a sample and where its transmitter was.
fn sample(folder: &str) -> (Vec<PathBuf>, [f64; 2]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/samples").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let bytes: u64 = files.iter().map(|file| file.metadata().unwrap().len()).sum();
    assert!(bytes < 1_000_000, "{folder} has {bytes} bytes");
    let collection = files.iter().find(|file| file.extension().is_some_and(|e| e == "sigmf-collection")).unwrap();
    let collection: Value = serde_json::from_slice(&std::fs::read(collection).unwrap()).unwrap();
    (files, place(&collection["collection"]["heimdall:truth"]).unwrap())
}

fn locate(files: &[PathBuf], more: &[&str]) -> Outcome {
    let flags = ["locate", "--format", "json"].iter().chain(more).map(PathBuf::from);
    heimdall(flags.chain(files.iter().cloned()))
}

fn located(report: &Report, truth: [f64; 2], within_m: f64) {
    assert_eq!(report.verdict(), "located", "{:?}", report.sentences());
    let off_m = distance_m(report.mean(), truth);
    assert!(off_m < within_m, "{off_m} m off");
    assert!(contains(&report.region(0.95)["geometry"], truth), "the truth is outside the 95 % region");
}

#[test]
fn every_sample_says_that_it_is_simulated() {
    for folder in ["synchronised", "level-only", "not-locatable", "reference-aligned"] {
        let (files, _) = sample(folder);
        assert_eq!(locate(&files, &[]).report().0["synthetic"], true, "{folder}");
    }
}

#[test]
fn synchronised_receivers_give_a_point() {
    let (files, truth) = sample("synchronised");
    located(&locate(&files, &[]).report(), truth, 200.0);
}

#[test]
fn levels_alone_give_a_region_and_the_reason() {
    let (files, truth) = sample("level-only");
    let outcome = locate(&files, &[]);
    let report = outcome.report();
    assert_eq!((outcome.code, report.verdict()), (0, "region"), "{:?}", report.sentences());
    assert!(report.list("pairs").is_empty());
    assert!(contains(&report.region(0.95)["geometry"], truth), "the truth is outside the 95 % region");
    assert!(report.region(0.95)["area_km2"].as_f64().unwrap() > 300.0, "{}", report.region(0.95)["area_km2"]);
    assert!(
        report.sentences().iter().any(|line| line.contains("Only levels are comparable")),
        "{:?}",
        report.sentences()
    );
}

#[test]
fn two_usable_receivers_locate_nothing_and_the_third_says_why_it_is_none() {
    let (files, _) = sample("not-locatable");
    let outcome = locate(&files, &[]);
    let report = outcome.report();
    assert_eq!((outcome.code, report.verdict()), (2, "not_locatable"), "{:?}", report.sentences());
    let says = |words: &str| report.sentences().iter().any(|line| line.contains(words));
    assert!(says("Only 2 usable receivers") && says("Rosenheim"), "{:?}", report.sentences());
}

#[test]
fn computers_clocks_locate_once_they_are_aligned_on_the_reference() {
    let (files, truth) = sample("reference-aligned");
    let (latitude, longitude, frequency_hz, width_hz) = heimdall_simulate::SAMPLE_REFERENCE;
    let reference = format!("{latitude},{longitude},{frequency_hz},{width_hz}");
    let report = locate(&files, &["--reference", &reference]).report();
    located(&report, truth, 300.0);
    for recording in report.list("recordings") {
        assert_eq!(recording["time_grade"], "reference", "{recording}");
    }
    // Without it nothing but levels is comparable.
    let report = locate(&files, &[]).report();
    assert!(report.verdict() != "located" && report.list("pairs").is_empty(), "{:?}", report.sentences());
    // A transmitter that was not recorded is not believed to have been.
    let report = locate(&files, &["--reference", "DCF77"]).report();
    assert!(report.sentences().iter().any(|line| line.contains("DCF77")), "{:?}", report.sentences());
}

#[test]
fn real_recordings_aligned_on_the_transmitter_that_they_hold_agree_with_their_satellite_stamps() {
    let Some(files) = support::data::dcf77() else { return };
    let mut arguments =
        vec!["locate".to_owned(), "--format".into(), "json".into(), "--reference".into(), "DCF77".into()];
    for file in files.iter().filter(|file| file.extension().is_some_and(|e| e.eq_ignore_ascii_case("wav"))).skip(1) {
        let name = file.file_name().unwrap().to_string_lossy();
        arguments.extend(["--fact".to_owned(), format!("{name}:clock=ntp")]);
    }
    arguments.extend(files.iter().map(|file| file.to_string_lossy().into_owned()));
    let report = heimdall(arguments).report();
    let clocks = report.0["clocks"]["recordings"].as_array().unwrap();
    assert_eq!(clocks.len(), 2, "{clocks:?}");
    for clock in clocks {
        let aligned = &clock["aligned"];
        // The stamps are right; what the alignment moves them by is its error: ground wave, 20 µs for each receiver.
        let (moved_s, sigma_s) =
            (aligned["start_correction_s"].as_f64().unwrap(), aligned["sigma_s"].as_f64().unwrap());
        println!(
            "{}: moved by {:.1} µs, sigma {:.1} µs, {} ppm",
            clock["receiver"],
            moved_s * 1e6,
            sigma_s * 1e6,
            aligned["rate_ppm"]
        );
        assert!(moved_s.abs() < 3.0 * sigma_s && sigma_s < 60e-6, "{clock}");
        assert!(aligned["rate_ppm"].as_f64().unwrap().abs() < 3.0, "{clock}");
    }
}
