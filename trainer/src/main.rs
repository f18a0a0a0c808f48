//! Heimdall on the command line.
#![forbid(unsafe_code)]

mod disk;
mod evaluate;
mod facts;
mod inspect;
mod locate;
mod print;
mod scene;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Locate(arguments) => locate::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
    };
    result.unwrap_or_else(|error| {
        eprintln!("heimdall: {error:#}");
        ExitCode::FAILURE
    })
}
