//! Line coverage of the crates under crates/ by their own tests.
//!
//! Uses the compiler's instrumentation and the LLVM tools of the same major version. Doc
//! examples are not counted (they are programs of their own), nor are the lines of
//! `#[cfg(test)]` modules, which would count as covered whatever the tests do.

mod lcov;
mod llvm;
mod tests_run;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use clap::Args;

use crate::{paths, process, setup};

/// A crate below this is marked in the table.
const WANTED_PERCENT: f64 = 90.0;

/// Options of `cargo xtask coverage`.
#[derive(Args)]
pub struct Options {
    /// Only these packages (all under crates/ when none is named)
    packages: Vec<String>,
    /// Also print the uncovered lines of each file
    #[arg(long)]
    missing: bool,
}

/// Runs the tests and prints the table.
pub fn run(options: &Options) -> Result<()> {
    let tools = llvm::Tools::ensure()?;
    let packages = packages(&options.packages)?;
    if packages.contains_key("heimdall-server") {
        setup::tus_clients()?;
    }
    let names: Vec<&str> = packages.keys().map(String::as_str).collect();
    let run = tests_run::run(&names)?;
    let report = lcov::Report::parse(&tools.lcov(&run)?)?;

    if options.missing {
        report.print_missing();
    }
    println!("\n{:<28} {:>8} {:>8} {:>8}", "crate", "lines", "covered", "%");
    for (name, folder) in &packages {
        let count = report.below(&folder.join("src"));
        let percent = count.percent();
        let mark = if percent < WANTED_PERCENT { "  below 90 %" } else { "" };
        println!("{name:<28} {:>8} {:>8} {percent:>8.1}{mark}", count.lines, count.covered);
    }
    Ok(())
}

/// Names and folders of the packages under crates/, or of those asked for.
fn packages(wanted: &[String]) -> Result<BTreeMap<String, std::path::PathBuf>> {
    let text = process::capture(&mut process::cargo(&["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    let crates = paths::root().join("crates");
    let mut found = BTreeMap::new();
    for package in metadata["packages"].as_array().context("cargo metadata lists no packages")? {
        let name = package["name"].as_str().context("a package without a name")?;
        let manifest = package["manifest_path"].as_str().context("a package without a manifest")?;
        let folder = std::path::Path::new(manifest).with_file_name("");
        if folder.starts_with(&crates) && (wanted.is_empty() || wanted.iter().any(|want| want == name)) {
            found.insert(name.to_owned(), folder);
        }
    }
    for name in wanted {
        anyhow::ensure!(found.contains_key(name), "no package {name} under crates/");
    }
    Ok(found)
}
