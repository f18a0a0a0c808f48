//! Receivers that have nothing to say: they are named, do not count, and leave the others' fix alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use heimdall_simulate::SampleFormat;
use support::data::{dcf77, no_gnss_fix};
use support::files::{Folder, with};
use support::program::locate;
use support::scenes::{self, NAME, change, error_m, scene, standard_files};

#[test]
fn a_refused_clock_at_a_known_place_does_not_change_the_fix_of_the_others() {
    let (Some(files), Some(unfixed)) = (dcf77(), no_gnss_fix()) else { return };
    let expected = locate(&files).report();
    let folder = Folder::new();
    let places = folder.write("more.csv", "receiver,lat,lon\nG7UAK,50.9,-1.4\n");
    let report = locate(&with(&with(&files, &unfixed), &places)).report();
    report.same_fix_as(&expected);
    report.says("G7UAK", &["never", "no satellite fix", "without a fix"]);
}

#[test]
fn a_receiver_without_evidence_does_not_count_as_a_third() {
    let (Some(files), Some(unfixed)) = (dcf77(), no_gnss_fix()) else { return };
    let folder = Folder::new();
    let places = folder.write("more.csv", "receiver,lat,lon\nG7UAK,50.9,-1.4\n");
    let two = [&files[0], &files[1], &files[3]].map(Clone::clone);
    assert_eq!(locate(&two).report().verdict(), "not_locatable");
    let outcome = locate(&with(&with(&two, &unfixed), &places));
    assert_eq!(outcome.code, 2);
    let report = outcome.report();
    assert_eq!(report.named("receivers", "G7UAK")["used"], false);
    let said = report.sentences().join("\n");
    assert!(said.contains("three"), "{said}");
}

#[test]
fn one_receiver_that_heard_another_emission_is_named_and_does_not_spoil_the_fix() {
    let folder = Folder::new();
    let mut files = standard_files();
    let mut other = scenes::files(&scene(99), NAME, SampleFormat::Ci16Le);
    let foreign = other.iter_mut().find(|file| file.name.contains("5-hill.sigmf-data")).unwrap();
    change(&mut files, "5-hill.sigmf-data", |bytes| std::mem::swap(bytes, &mut foreign.bytes));
    change(&mut files, "5-hill.sigmf-meta", |bytes| {
        let theirs = other.iter().find(|file| file.name.contains("5-hill.sigmf-meta")).unwrap();
        bytes.clone_from(&theirs.bytes);
    });
    let report = locate(&folder.write_all(&files)).report();
    assert!(error_m(report.mean()) < 500.0, "{} m off", error_m(report.mean()));
    report.says("Hill", &["in common", "disagrees", "another", "does not correlate"]);
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let folder = Folder::new();
    let files = folder.write_all(&standard_files());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_heimdall"));
    command.args(["locate", "--format", "json"]).args(files);
    let (stdout, stderr) = (std::process::Stdio::piped(), std::process::Stdio::piped());
    let mut child = command.stdout(stdout).stderr(stderr).spawn().unwrap();
    drop(child.stdout.take());
    let said = child.wait_with_output().unwrap().stderr;
    let said = String::from_utf8_lossy(&said);
    assert!(!said.contains("panicked"), "{said}");
}
