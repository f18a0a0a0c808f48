//! `heimdall locate --answering`: for a server that asks many times, so that a network is loaded once.

use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;

use super::{Answer, Locator};
use crate::print::print;
use anyhow::Context;

/// Answers line by line until standard input closes: with `report`, or `error` where there is none.
pub(super) fn run(locator: &Locator) -> anyhow::Result<ExitCode> {
    for line in std::io::stdin().lock().lines() {
        let files: Vec<PathBuf> = serde_json::from_str(&line?).context("a line is no JSON array of files")?;
        let answer = Answer::of(locator.locate(&files));
        print(&format!("{}\n", serde_json::to_string(&answer)?))?;
    }
    Ok(ExitCode::SUCCESS)
}
