//! The page in a real browser: what a person waits for after dropping files.

use anyhow::Result;

use super::Options;
use crate::{paths, process, setup};

/// Fewer say little about the spread.
const LEAST_RUNS: u32 = 5;

/// The browser's part is a program beside the browser tests; this gives it the page, the browser and the count.
pub fn run(options: &Options) -> Result<()> {
    let (_, browser) = setup::page_and_browser()?;
    let runs = options.runs.max(LEAST_RUNS).to_string();
    let mut speed = process::cargo(&["run", "--package", "heimdall-browser-tests", "--bin", "page_speed", "--", &runs]);
    speed.env("HEIMDALL_DIST", paths::dist());
    browser.pass_to(&mut speed);
    process::run(&mut speed)
}
