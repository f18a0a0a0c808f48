//! Every automation of the repository: `cargo xtask VERB`.
//!
//! CI calls the same verbs as people, so whatever passes here passes there. A verb
//! that needs a tool first runs [`setup`], which installs what is missing and costs
//! well under a second when nothing is.

mod bench;
mod build;
mod coverage;
mod paths;
mod process;
mod say;
mod serve;
mod setup;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Set up, build, serve, test and measure Heimdall.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Check for the tools the page needs and install those that are missing
    Setup {
        /// Also the browser and its driver, which only tests and benches need
        #[arg(long)]
        browser: bool,
        /// Also the programs of others that native tests talk to, from npm and PyPI
        #[arg(long)]
        peers: bool,
    },
    /// Build the page into dist/, as published
    Build,
    /// Build the page, serve it to this machine only and rebuild on change
    Serve(serve::Options),
    /// Run every check: format, lints, native tests, page build, browser tests
    Test(test::Options),
    /// Measure size and speed (all benches when none is named)
    Bench(bench::Options),
    /// Line coverage of each crate under crates/
    Coverage(coverage::Options),
    /// Run one command and print its wall time and peak memory as JSON (used by `bench`)
    #[command(hide = true)]
    Measure {
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<std::ffi::OsString>,
    },
}

fn run(verb: Verb) -> Result<()> {
    match verb {
        Verb::Setup { browser, peers } => {
            if peers {
                setup::peers()?;
            }
            if browser { setup::page_and_browser().map(drop) } else { setup::page().map(drop) }
        }
        Verb::Build => build::page(&setup::page()?),
        Verb::Serve(options) => serve::run(&options),
        Verb::Test(options) => test::run(&options),
        Verb::Bench(options) => bench::run(&options),
        Verb::Coverage(options) => coverage::run(&options),
        Verb::Measure { command } => bench::measure::print(&command),
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
