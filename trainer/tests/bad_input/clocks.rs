//! Clocks that nothing vouches for.

use std::path::Path;

use heimdall_recording::TimeGrade;
use heimdall_simulate::SampleFormat;

use crate::support::data::{dcf77, no_gnss_fix};
use crate::support::files::{Folder, with};
use crate::support::program::{heimdall, inspect, locate};
use crate::support::scenes::{self, NAME, error_m, scene};

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
