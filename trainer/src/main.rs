//! Heimdall on the command line.
#![forbid(unsafe_code)]

mod calibrate;
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
mod tracking;
#[cfg(feature = "train")]
mod train;
mod worlds;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Training allocates and frees large tensors all the time.
#[cfg(feature = "train")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit status of a program whose starter is gone.
const ORPHANED: i32 = 130;

/// Find where a radio signal comes from.
#[derive(Parser)]
#[command(name = "heimdall", version)]
struct Arguments {
    /// End when standard input closes: with the program that started this one, however that ends.
    #[arg(long, hide = true)]
    attached: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say what is known of recordings, and from where.
    Inspect(inspect::Arguments),
    /// Locate the transmitter; exit status 2 when there is no fix.
    Locate(locate::Arguments),
    /// Estimate receivers' gains from emissions of known transmitters.
    Calibrate(calibrate::Arguments),
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
    /// Send a tracking server what it missed of runs.
    #[cfg(feature = "train")]
    Track(tracking::TrackArguments),
    /// Put a published version in use: one that failed a check, for a reason, or one from before.
    #[cfg(feature = "train")]
    Promote(export::promote::Arguments),
}

fn main() -> ExitCode {
    let Arguments { attached, command } = Arguments::parse();
    if attached {
        std::thread::spawn(|| {
            // Closed or broken: whoever started this is gone.
            let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
            std::process::exit(ORPHANED);
        });
    }
    let result = match command {
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Locate(arguments) => locate::run(&arguments),
        Command::Calibrate(arguments) => calibrate::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        #[cfg(feature = "serve")]
        Command::Serve(arguments) => serve::run(&arguments),
        #[cfg(feature = "train")]
        Command::Train(arguments) => train::run(&arguments),
        #[cfg(feature = "train")]
        Command::Export(arguments) => export::run(&arguments),
        #[cfg(feature = "train")]
        Command::Track(arguments) => tracking::run(&arguments),
        #[cfg(feature = "train")]
        Command::Promote(arguments) => export::promote::run(&arguments),
    };
    result.unwrap_or_else(|error| {
        eprintln!("heimdall: {error:#}");
        ExitCode::FAILURE
    })
}
