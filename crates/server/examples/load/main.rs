//! Measures a server as a process: start and first page with many sessions, a thousand connections, locating.
//!
//! `cargo xtask bench server` builds what it needs and calls it:
//! `load PROGRAM FOLDER RECORDINGS MODELS`, where the folder is for what is made here. What is asked of the figures
//! stands beside them; the exit status is 1 where one is missed.

mod child;
mod client;
mod crowd;
mod figures;
mod listeners;
mod listing;
mod locating;
#[path = "../../../catalogue/examples/many_sessions/mod.rs"]
mod many_sessions;
mod prepare;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use figures::Figures;

/// One thread: the server should have the other processors.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [program, folder, recordings, models] =
        <[PathBuf; 4]>::try_from(arguments).ok().context("how to call it: load PROGRAM FOLDER RECORDINGS MODELS")?;
    // Each connection is an open file.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    println!("{}", figures::circumstances(&program)?);
    let data = prepare::data(&folder, &models).await?;
    let mut figures = Figures::default();
    let server = listing::measure(&program, &data, &mut figures).await?;
    crowd::measure(&server, &models, &mut figures).await?;
    locating::measure(&server, &recordings, &mut figures).await?;
    Ok(if figures.all_reached() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
