//! The tests, compiled with counters and run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::{paths, process, setup};

/// What the tests left behind.
pub struct Run {
    /// The test programs, which hold the map from counters to lines.
    pub programs: Vec<PathBuf>,
    /// The folder with one file of counters for each process.
    pub counters: PathBuf,
}

/// Builds and runs the unit and integration tests of the packages.
pub fn run(packages: &[&str]) -> Result<Run> {
    let target = paths::target().join("coverage");
    let counters = target.join("counters");
    if counters.exists() {
        fs::remove_dir_all(&counters).context("cannot clear the counters of the last run")?;
    }
    fs::create_dir_all(&counters).with_context(|| format!("cannot make {}", counters.display()))?;

    // Build scripts and procedural macros are instrumented too: theirs go to one ignored file.
    let discarded = target.join("discarded.profraw");
    let mut build = tests(packages, &target, &discarded);
    build.args(["--no-run", "--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
    let programs = programs(&process::capture(&mut build)?)?;
    process::run(&mut tests(packages, &target, &counters.join("%p-%m.profraw")))?;
    Ok(Run { programs, counters })
}

fn tests(packages: &[&str], target: &Path, counters: &Path) -> std::process::Command {
    let mut cargo = process::cargo(&["test", "--lib", "--bins", "--tests"]);
    for package in packages {
        cargo.args(["--package", package]);
    }
    cargo.env("RUSTFLAGS", "-Cinstrument-coverage").env("CARGO_TARGET_DIR", target).env("LLVM_PROFILE_FILE", counters);
    // The target folder is another than the one they are installed for.
    cargo.env(setup::PEERS, paths::target());
    cargo
}

/// The executables named in cargo's messages.
fn programs(messages: &str) -> Result<Vec<PathBuf>> {
    let mut programs = Vec::new();
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        let message: serde_json::Value = serde_json::from_str(line)?;
        if let Some(program) = message["executable"].as_str() {
            programs.push(PathBuf::from(program));
        }
    }
    Ok(programs)
}
