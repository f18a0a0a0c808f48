//! What users drop by mistake or misfortune: each time a sentence that names the file and the reason, nothing else
//! lost, no panic, an end. (The program's exit status and its end are checked at every run, see `support::program`.)
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "../support/mod.rs"]
mod support;

mod clocks;
mod files;
mod receivers;
mod samples;

use std::path::Path;

use support::files::{Folder, with};
use support::program::locate;
use support::report::Report;
use support::scenes::{error_m, standard_files};

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

/// Numbers without a pattern, from a linear congruential generator (Knuth's MMIX constants).
fn noise(count: usize) -> Vec<i16> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 50) as i16 - 8192
    };
    (0..count).map(|_| next()).collect()
}
