//! `heimdall serve` with a large catalogue, with a thousand connections, and locating.

use anyhow::Result;

use super::Options;
use crate::{paths, process};

/// The load is a program beside the server; this gives it the program to measure and what is asked of it.
pub fn run(options: &Options) -> Result<()> {
    let mut load = process::cargo(&["run", "--release", "--package", "heimdall-server", "--example", "load", "--"]);
    load.arg(options.program()).arg(paths::target().join("bench").join("server"));
    load.arg(paths::root().join("assets/samples/synchronised")).arg(paths::root().join("assets/models"));
    process::run(&mut load)
}
