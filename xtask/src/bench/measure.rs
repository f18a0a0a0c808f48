//! The measuring process: it starts one command only, so that the peak memory the system
//! reports for its children is that command's, exactly and without sampling.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::process;

/// One run of a command.
#[derive(Clone, Copy, Debug)]
pub struct Measurement {
    /// From start to exit, loading of the program included.
    pub wall_s: f64,
    /// Largest resident set.
    pub peak_rss_bytes: u64,
}

/// Runs the command and prints its [`Measurement`] as one line of JSON.
pub fn print(command: &[OsString]) -> Result<()> {
    let (program, args) = command.split_first().context("no command to measure")?;
    let started = Instant::now();
    let status = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("cannot start {}", Path::new(program).display()))?;
    let wall_s = started.elapsed().as_secs_f64();
    if !status.success() {
        bail!("the measured command failed ({status}): {}", Path::new(program).display());
    }
    let peak_rss_bytes = peak_rss_of_children()?;
    println!("{}", serde_json::json!({ "wall_s": wall_s, "peak_rss_bytes": peak_rss_bytes }));
    Ok(())
}

/// Runs the command in a measuring process of its own.
pub fn once(command: &[OsString]) -> Result<Measurement> {
    let xtask = std::env::current_exe().context("cannot find this program's own file")?;
    let text = process::capture(process::command(xtask).arg("measure").arg("--").args(command))?;
    let json: serde_json::Value = serde_json::from_str(&text).context("the measurement is no JSON")?;
    Ok(Measurement {
        wall_s: json["wall_s"].as_f64().context("the measurement has no wall time")?,
        peak_rss_bytes: json["peak_rss_bytes"].as_u64().context("the measurement has no memory")?,
    })
}

#[cfg(unix)]
fn peak_rss_of_children() -> Result<u64> {
    use nix::sys::resource::{UsageWho, getrusage};
    // Linux counts in kB, Apple's systems in bytes.
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    let max = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    Ok(u64::try_from(max)? * unit)
}

#[cfg(not(unix))]
fn peak_rss_of_children() -> Result<u64> {
    bail!("peak memory is measured on Unix systems only")
}
