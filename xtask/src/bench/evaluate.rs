//! The command line's own studies of accuracy and coverage.

use std::process::Command;

use anyhow::Result;

use super::Options;
use crate::{paths, process};

/// Runs every study; fails where a figure is missed.
pub fn run(_options: &Options) -> Result<()> {
    process::run(Command::new(paths::target().join("release").join("heimdall")).arg("evaluate"))
}
