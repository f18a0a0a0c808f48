//! `heimdall locate --answering`: for a server that asks many times, so that a network is loaded once.

use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use heimdall_pipeline::Detail;
use serde::Deserialize;

use super::{Answer, Locator};
use crate::print::print;

/// A line of what is asked.
#[derive(Deserialize)]
struct Question {
    files: Vec<PathBuf>,
    brief: bool,
}

/// Answers line by line until standard input closes: with `report`, or `error` where there is none.
pub(super) fn run(locator: &Locator) -> anyhow::Result<ExitCode> {
    for line in std::io::stdin().lock().lines() {
        let Question { files, brief } = serde_json::from_str(&line?).context("a line is no question")?;
        let detail = if brief { Detail::Brief } else { Detail::Whole };
        let answer = Answer::of(locator.locate(&files, detail));
        print(&format!("{}\n", serde_json::to_string(&answer)?))?;
    }
    Ok(ExitCode::SUCCESS)
}
