//! Receivers that are nowhere, at one place, too few, or very many.

use heimdall_simulate::{SampleFormat, level_csv, simulate};

use crate::support::data::dcf77;
use crate::support::files::{Folder, recordings, with};
use crate::support::program::locate;
use crate::support::scenes::{self, NAME, error_m, place, scene, standard_files};

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
