//! Measurements with a number at the end, each behind one name.

mod answer;
mod cli;
mod evaluate;
mod large;
mod lighthouse;
pub mod measure;
mod neural;
mod page;
mod server;
mod size;
mod upload;
mod waterfall;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::{build, paths, process, say, setup};

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub struct Options {
    /// Benches to run; `--list` names them
    names: Vec<String>,
    /// Print the benches and what they measure
    #[arg(long)]
    list: bool,
    /// Folder with the recordings and the receivers.csv to locate from
    #[arg(long, default_value = "../shared/data/real/dcf77-2020")]
    data: PathBuf,
    /// How often a timed command is run
    #[arg(long, default_value_t = 10)]
    runs: u32,
    /// Measure this `heimdall` in the benches of the server, instead of building one
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

impl Options {
    /// The program that serves.
    fn program(&self) -> PathBuf {
        let built = || paths::target().join("release").join("heimdall");
        // From the folder that the user is in.
        let named = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        self.program.as_ref().map_or_else(built, named)
    }
}

/// One bench: what it needs built, and how it measures.
struct Bench {
    name: &'static str,
    what: &'static str,
    needs: Need,
    run: fn(&Options) -> Result<()>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// It builds what it measures by itself.
    Nothing,
    Page,
    CommandLine,
    Server,
    /// With the interpreter of networks, which compiles for minutes.
    Networks,
}

const BENCHES: [Bench; 10] = [
    Bench {
        name: "size",
        what: "bytes of the page's first view, compressed as a server would",
        needs: Need::Page,
        run: size::run,
    },
    Bench {
        name: "cli",
        what: "wall time and peak memory of `heimdall locate` as a whole process",
        needs: Need::CommandLine,
        run: cli::run,
    },
    Bench {
        name: "page",
        what: "from the drop of real recordings to the drawn answer, in a browser, cold workers included",
        needs: Need::Page,
        run: page::run,
    },
    Bench {
        name: "large",
        what: "a recording of 10 GB in a browser: first waterfall, the tab's memory, frames while panning (10 GB of disk)",
        needs: Need::Page,
        run: large::run,
    },
    Bench {
        name: "lighthouse",
        what: "what Lighthouse says of the page: performance, accessibility, best practices (npm)",
        needs: Need::Page,
        run: lighthouse::run,
    },
    Bench {
        name: "neural",
        what: "networks in a browser by our runtime beside onnxruntime-web, one thread each (about five minutes, 8 GB)",
        needs: Need::Page,
        run: neural::run,
    },
    Bench {
        name: "waterfall",
        what: "samples that become picture and mel bands on one core, beside the native build and peers (Node, npm, PyPI)",
        needs: Need::Nothing,
        run: waterfall::run,
    },
    Bench {
        name: "upload",
        what: "four files at once to `heimdall serve` over loopback beside the disk's own speed, the server's memory; from the page",
        needs: Need::Server,
        run: upload::run,
    },
    Bench {
        name: "server",
        what: "1000 connections to `heimdall serve`, its start with 100 000 sessions, and locating over its API",
        needs: Need::Networks,
        run: server::run,
    },
    Bench {
        name: "evaluate",
        what: "accuracy and coverage on simulated scenes (about half an hour; `heimdall evaluate STUDY` runs one)",
        needs: Need::CommandLine,
        run: evaluate::run,
    },
];

/// Prepares what the chosen benches need, then runs them.
pub fn run(options: &Options) -> Result<()> {
    if options.list {
        for bench in &BENCHES {
            println!("{:<9} {}", bench.name, bench.what);
        }
        return Ok(());
    }
    let benches = chosen(&options.names)?;
    let needs = |need| benches.iter().any(|bench| bench.needs == need);
    let serves = options.program.is_none();
    // With all that a bench needs, so that one build serves all.
    let features: &[&str] = match (serves && needs(Need::Networks), serves && needs(Need::Server)) {
        (true, _) => &["--features", "serve,models"],
        (false, true) => &["--features", "serve"],
        (false, false) => &[],
    };
    if needs(Need::CommandLine) || !features.is_empty() {
        process::run(process::cargo(&["build", "--release", "--package", "heimdall"]).args(features))?;
    }
    if needs(Need::Page) {
        build::page(&setup::page()?)?;
    }
    for bench in benches {
        say::stage(bench.name, bench.what);
        (bench.run)(options).with_context(|| format!("bench {} did not finish", bench.name))?;
    }
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<&'static Bench>> {
    for name in names {
        if !BENCHES.iter().any(|bench| bench.name == name) {
            let known: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
            bail!("there is no bench {name}; there are {}", known.join(", "));
        }
    }
    let wanted = |bench: &&Bench| names.is_empty() || names.iter().any(|name| name == bench.name);
    Ok(BENCHES.iter().filter(wanted).collect())
}
