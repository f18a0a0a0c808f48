//! Prints how fast the page gives recordings to its server: four at once, as a user does.
//!
//! `cargo xtask bench upload` builds page and program and calls this with the number of runs.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use heimdall_browser_tests::desk::{contribute, said};
use heimdall_browser_tests::{Options, Serving, noise, on_server};

const FILES: usize = 4;
const FILE_BYTES: usize = 64 << 20;

fn main() -> Result<()> {
    let runs: usize = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(5).max(1);
    let mut speeds: Vec<f64> = (0..runs).map(run).collect::<Result<_>>()?;
    speeds.sort_by(f64::total_cmp);
    let at = |index: usize| speeds.get(index).copied().unwrap_or(f64::NAN);
    let megabytes = FILES * FILE_BYTES / 1_000_000;
    println!("{FILES} recordings of {megabytes} MB in all from the page, until their session is made, {runs} runs");
    println!("{:<32} {:>8.0} MB/s ({:.0} to {:.0})", "median", at(runs / 2), at(0), at(runs - 1));
    Ok(())
}

/// MB/s of one run, in a browser and with a server of its own.
fn run(number: usize) -> Result<f64> {
    let (data, made) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let files: Vec<PathBuf> =
        (0..FILES).map(|file| recording(made.path(), number * FILES + file)).collect::<Result<_>>()?;
    let serving = Serving::start(data.path());
    Ok(on_server(Options { unlogged: true, ..Options::default() }, &serving, async move |page| {
        contribute(&page, &files, FILES as u64).await;
        let begun = Instant::now();
        page.click("#desk-upload").await;
        said(&page, "#desk-said", "was made").await;
        (FILES * FILE_BYTES) as f64 / 1e6 / begun.elapsed().as_secs_f64()
    }))
}

/// One under a name of its own.
fn recording(folder: &Path, seed: usize) -> Result<PathBuf> {
    let path = folder.join(format!("gqrx_20230806_1518{:02}_428000000_2000000_fc.raw", seed % 60));
    noise(&path, FILE_BYTES, seed as u64)?;
    Ok(path)
}
