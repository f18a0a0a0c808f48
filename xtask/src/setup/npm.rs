//! Packages from npm that tests and benches compare with; the page itself has none.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{paths, process, say};

/// The folder of a package of exactly this version, installed below `folder` where it is not there.
pub fn package(folder: &Path, name: &str, version: &str, why: &str) -> Result<PathBuf> {
    let package = folder.join("node_modules").join(name);
    let installed = || {
        let text = fs::read(package.join("package.json")).ok()?;
        let json: Value = serde_json::from_slice(&text).ok()?;
        Some(json["version"] == version)
    };
    if installed() != Some(true) {
        if paths::on_path("npm").is_none() {
            bail!("{name} comes from npm, and there is no npm here: install Node.js with it, then call this again");
        }
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut npm = process::command("npm");
        npm.args(["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--prefix"]);
        npm.arg(folder).arg(format!("{name}@{version}"));
        say::installing(name, why, &process::shown(&npm));
        process::run(&mut npm)?;
        if installed() != Some(true) {
            bail!("npm left no {name} {version} in {}", folder.display());
        }
    }
    say::step(name, &format!("{version} at {}", package.display()));
    Ok(package)
}
