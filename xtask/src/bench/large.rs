//! A recording of 10 GB in a real browser.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::Options;
use crate::{paths, process, say, setup};

const BYTES: usize = 10_000_000_000;
/// Written again and again.
const BLOCK: usize = 1 << 25;
const LEAST_RUNS: u32 = 5;

/// Makes the recording, lets the browser's part measure, and takes it away again.
pub fn run(options: &Options) -> Result<()> {
    let browser = setup::page_and_browser()?.1;
    let folder = paths::target().join("bench").join("large");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // Its name says centre and rate: 16-bit IQ.
    let recording = folder.join("band_100M_20M.cs16");
    say::step("recording", &format!("10 GB at {}, for the length of this bench", recording.display()));
    let measured = write(&recording).and_then(|()| {
        let runs = options.runs.clamp(LEAST_RUNS, 10).to_string();
        let mut speed = process::cargo(&["run", "--package", "heimdall-browser-tests", "--bin", "large_speed", "--"]);
        speed.arg(&recording).arg(runs).env("HEIMDALL_DIST", paths::dist());
        browser.pass_to(&mut speed);
        process::run(&mut speed)
    });
    fs::remove_file(&recording).with_context(|| format!("cannot remove {}", recording.display()))?;
    measured
}

/// Noise and a few carriers.
fn write(recording: &Path) -> Result<()> {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from((state >> 16) as i16) / 64.0
    };
    let turn = |n: usize, part: f64| (std::f64::consts::TAU * part * n as f64).sin_cos();
    let block: Vec<u8> = (0..BLOCK / 4)
        .flat_map(|n| {
            let ((s, c), (t, d)) = (turn(n, 1.0 / 16.0), turn(n, -3.0 / 8.0));
            [2000.0 * (c + d) + noise(), 2000.0 * (s + t) + noise()].map(|value| value as i16)
        })
        .flat_map(i16::to_le_bytes)
        .collect();
    let file = File::create(recording).with_context(|| format!("cannot write {}", recording.display()))?;
    let mut file = BufWriter::new(file);
    for from in (0..BYTES).step_by(BLOCK) {
        file.write_all(block.get(..BLOCK.min(BYTES - from)).unwrap_or(&block))?;
    }
    Ok(file.flush()?)
}
