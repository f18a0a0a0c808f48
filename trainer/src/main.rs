//! Heimdall on the command line.
#![forbid(unsafe_code)]

mod disk;
mod evaluate;
#[cfg(feature = "train")]
mod export;
mod facts;
#[cfg(feature = "models")]
mod heard;
mod inspect;
mod locate;
#[cfg(feature = "models")]
mod models;
mod parallel;
mod print;
mod scene;
#[cfg(feature = "serve")]
mod serve;
mod simulate;
#[cfg(feature = "train")]
mod train;
mod worlds;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Training allocates and frees large tensors all the time.
#[cfg(feature = "train")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Find where a radio signal comes from.
#[derive(Parser)]
#[command(name = "heimdall", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say what is known of recordings, and from where.
    Inspect(inspect::Arguments),
    /// Locate the transmitter; exit status 2 when there is no fix.
    Locate(locate::Arguments),
    /// Measure accuracy and coverage on simulated scenes.
    Evaluate(evaluate::Arguments),
    /// Write scenes of a world with known truth, as tables or recordings.
    Simulate(simulate::Arguments),
    /// Serve the page, the models and the API from this machine.
    #[cfg(feature = "serve")]
    Serve(serve::Arguments),
    /// Train the localizer network on a simulated world.
    #[cfg(feature = "train")]
    Train(train::Arguments),
    /// Publish a trained network as an ONNX file with its card.
    #[cfg(feature = "train")]
    Export(export::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Locate(arguments) => locate::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        #[cfg(feature = "serve")]
        Command::Serve(arguments) => serve::run(&arguments),
        #[cfg(feature = "train")]
        Command::Train(arguments) => train::run(&arguments),
        #[cfg(feature = "train")]
        Command::Export(arguments) => export::run(&arguments),
    };
    result.unwrap_or_else(|error| {
        eprintln!("heimdall: {error:#}");
        ExitCode::FAILURE
    })
}
