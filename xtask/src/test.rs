//! Every check, in the order in which a mistake is cheapest to find.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::process::{self, cargo};
use crate::{build, paths, say, setup};

/// The page's programs compile for wasm only, and the browser tests need the built page.
const NOT_NATIVE: [&str; 4] = ["--exclude", "heimdall-page", "--exclude", "heimdall-browser-tests"];

/// All of the command line: with the interpreter, which is compiled for its own tests anyway.
const FEATURES: &str = "heimdall/train,heimdall/serve";

/// Options of `cargo xtask test`.
#[derive(Args)]
pub struct Options {
    /// Only the tests whose name contains this, with what they print
    #[arg(long)]
    filter: Option<String>,
    /// Only these stages, in their usual order (may be repeated)
    #[arg(long, value_enum)]
    stage: Vec<Stage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// Formatting of every crate
    Fmt,
    /// Clippy on the native crates and on the page, warnings denied
    Lint,
    /// Unit, integration and documentation tests of the native crates
    Native,
    /// The page, built as published
    Page,
    /// End to end in a real browser, on the page built before
    Browser,
}

impl Stage {
    fn what(self) -> &'static str {
        match self {
            Self::Fmt => "formatting",
            Self::Lint => "clippy on the native crates and the page",
            Self::Native => "tests of the native crates",
            Self::Page => "release build of the page",
            Self::Browser => "tests in a real browser",
        }
    }

    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

/// Runs the stages up to the first that fails.
pub fn run(options: &Options) -> Result<()> {
    let stages: Vec<Stage> = Stage::value_variants()
        .iter()
        .copied()
        .filter(|stage| options.stage.is_empty() || options.stage.contains(stage))
        .collect();
    let machine = Machine::ready_for(&stages)?;
    let mut times = Vec::new();
    for stage in stages {
        say::stage(&stage.name(), stage.what());
        let started = Instant::now();
        machine
            .run(stage, options.filter.as_deref())
            .with_context(|| format!("stage {} did not pass", stage.name()))?;
        let time = started.elapsed();
        println!("== {} passed in {}", stage.name(), say::seconds(time));
        times.push((stage, time));
    }
    println!("\n{}", summary(&times));
    Ok(())
}

/// What the chosen stages need.
struct Machine {
    page: Option<setup::Ready>,
    browser: Option<setup::Browser>,
}

impl Machine {
    fn ready_for(stages: &[Stage]) -> Result<Self> {
        if stages.contains(&Stage::Native) {
            setup::peers()?;
        }
        if stages.contains(&Stage::Browser) {
            let (page, browser) = setup::page_and_browser()?;
            return Ok(Self { page: Some(page), browser: Some(browser) });
        }
        let page = stages.contains(&Stage::Page).then(setup::page).transpose()?;
        Ok(Self { page, browser: None })
    }

    fn run(&self, stage: Stage, filter: Option<&str>) -> Result<()> {
        match stage {
            Stage::Fmt => process::run(&mut cargo(&["fmt", "--all", "--check"])),
            Stage::Lint => lint(),
            Stage::Native => {
                let mut test = cargo(&["test", "--workspace", "--features", FEATURES]);
                process::run(only(test.args(NOT_NATIVE), filter))?;
                // The page's pure half: state, formats, topology.
                process::run(only(&mut cargo(&["test", "--package", "heimdall-page", "--lib"]), filter))
            }
            Stage::Page => build::page(self.page.as_ref().context("the page was not set up")?),
            Stage::Browser => {
                // The program as the native tests have it: built otherwise, the tensor library would compile again.
                let mut build = cargo(&["test", "--workspace", "--features", FEATURES, "--no-run"]);
                process::run(build.args(NOT_NATIVE))?;
                let mut test = cargo(&["test", "--package", "heimdall-browser-tests"]);
                test.env("HEIMDALL_DIST", paths::dist());
                test.env("HEIMDALL_AXE", setup::axe()?);
                test.env("HEIMDALL_CLI", paths::target().join("debug").join("heimdall"));
                self.browser.as_ref().context("no browser was set up")?.pass_to(&mut test);
                process::run(only(&mut test, filter))
            }
        }
    }
}

/// The tests that were asked for; of a few, what they measured is wanted as well.
fn only<'a>(test: &'a mut Command, filter: Option<&str>) -> &'a mut Command {
    match filter {
        Some(filter) => test.args([filter, "--", "--nocapture"]),
        None => test,
    }
}

/// Twice, because a test may panic where the program may not: the first pass leaves tests out.
fn lint() -> Result<()> {
    process::run(&mut clippy(&[], &[]))?;
    let in_tests = ["clippy::unwrap_used", "clippy::expect_used", "clippy::panic"];
    process::run(&mut clippy(&["--all-targets"], &in_tests))?;
    lint_page()
}

/// The page with the crates it links, as a browser runs them: a second configuration bans what panics or blocks there.
fn lint_page() -> Result<()> {
    let Some(mut clippy) = setup::web_clippy()? else {
        println!("lint   the page is left out: the compiler for its target has no clippy");
        return Ok(());
    };
    clippy.env("CLIPPY_CONF_DIR", paths::root().join("clippy-wasm"));
    process::run(clippy.args([
        "--package",
        "heimdall-page",
        "--package",
        "heimdall-neural",
        "--package",
        "heimdall-desk",
        "--package",
        "heimdall-waterfall",
        "--",
        "--deny",
        "warnings",
    ]))
}

fn clippy(targets: &[&str], allowed: &[&str]) -> Command {
    let mut clippy = cargo(&["clippy", "--workspace", "--exclude", "heimdall-page", "--features", FEATURES]);
    clippy.args(targets).args(["--", "--deny", "warnings"]);
    for lint in allowed {
        clippy.args(["--allow", lint]);
    }
    clippy
}

fn summary(times: &[(Stage, Duration)]) -> String {
    let total: Duration = times.iter().map(|(_, time)| *time).sum();
    let each: Vec<String> =
        times.iter().map(|(stage, time)| format!("{} {}", stage.name(), say::seconds(*time))).collect();
    format!("all {} stages passed in {}: {}", times.len(), say::seconds(total), each.join(", "))
}
