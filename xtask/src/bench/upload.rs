//! `heimdall serve` taking four files at once, beside the disk that they end on.

mod server;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::Options;
use crate::{build, paths, process, setup};
use server::Server;

const FILES: usize = 4;
const FILE_BYTES: usize = 512 << 20;
/// Bytes written at once, by the client and to the disk.
const BLOCK_BYTES: usize = 1 << 20;

/// Disk, server, disk again: other programs' use of the disk shows as a difference.
pub fn run(options: &Options) -> Result<()> {
    let folder = paths::target().join("bench").join("upload");
    if folder.is_dir() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let before = at_once(|index| to_disk(&folder.join(format!("plain-{index}")), index))?;
    let server = Server::start(&options.program(), &folder.join("data"))?;
    let idle = server.peak_memory_bytes()?;
    let uploaded = at_once(|index| to_server(&server, index))?;
    let above = server.peak_memory_bytes()?.saturating_sub(idle);
    let processor_s = server.processor_s()?;
    drop(server);
    let after = at_once(|index| to_disk(&folder.join(format!("plain-{index}")), index))?;
    let disk = (before + after) / 2.0;
    println!("{FILES} files of {} MB at once, synced", FILE_BYTES / 1_000_000);
    println!("{:<32} {uploaded:>8.0} MB/s", "to the server");
    println!("{:<32} {disk:>8.0} MB/s ({before:.0} before, {after:.0} after)", "to the disk, without the server");
    println!("{:<32} {:>8.2}", "ratio", uploaded / disk);
    let gigabytes = (FILES * FILE_BYTES) as f64 / 1e9;
    println!("{:<32} {:>8.2} s per GB", "server's processor time", processor_s / gigabytes);
    println!(
        "{:<32} {:>8.1} MB above {:.1} MB at rest",
        "server's memory, at most",
        above as f64 / 1e6,
        idle as f64 / 1e6
    );
    fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    from_page(options)
}

/// The same from the page, whose part is a program beside the browser tests.
fn from_page(options: &Options) -> Result<()> {
    let (ready, browser) = setup::page_and_browser()?;
    build::page(&ready)?;
    let runs = options.runs.clamp(3, 10).to_string();
    let mut speed =
        process::cargo(&["run", "--package", "heimdall-browser-tests", "--bin", "upload_speed", "--", &runs]);
    speed.env("HEIMDALL_DIST", paths::dist()).env("HEIMDALL_CLI", options.program());
    browser.pass_to(&mut speed);
    process::run(&mut speed)
}

/// MB/s of all files together.
fn at_once(one: impl Fn(usize) -> Result<()> + Sync) -> Result<f64> {
    let started = Instant::now();
    let results: Vec<Result<()>> = thread::scope(|scope| {
        let one = &one;
        let threads: Vec<_> = (0..FILES).map(|index| scope.spawn(move || one(index))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| bail!("a sender panicked"))).collect()
    });
    results.into_iter().collect::<Result<()>>()?;
    Ok((FILES * FILE_BYTES) as f64 / 1e6 / started.elapsed().as_secs_f64())
}

fn to_disk(path: &Path, index: usize) -> Result<()> {
    let mut file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    write_all(&mut file, index)?;
    file.sync_data()?;
    Ok(())
}

fn to_server(server: &Server, index: usize) -> Result<()> {
    let path = server.begin(&format!("bench-{index}_2M.cu8"), FILE_BYTES)?;
    let mut piece = server.piece(&path, FILE_BYTES)?;
    write_all(&mut piece, index)?;
    server::status(piece, 204).map(drop)
}

/// Another content for each file: the same would be a duplicate.
fn write_all(target: &mut impl Write, index: usize) -> Result<()> {
    let byte = |at: usize| (at.wrapping_mul(2_654_435_761).wrapping_add(index) >> 11) as u8;
    let block: Vec<u8> = (0..BLOCK_BYTES).map(byte).collect();
    for _ in 0..FILE_BYTES / BLOCK_BYTES {
        target.write_all(&block)?;
    }
    Ok(())
}
