//! onnxruntime-web, which `bench neural` compares our runtime with.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{paths, process, say};

const NAME: &str = "onnxruntime-web";
const VERSION: &str = "1.30.0";

/// The folder of its files for browsers, and its version.
pub fn ensure() -> Result<(PathBuf, &'static str)> {
    let folder = paths::target().join("bench").join("npm");
    let package = folder.join("node_modules").join(NAME);
    let installed = || {
        let text = fs::read(package.join("package.json")).ok()?;
        let json: Value = serde_json::from_slice(&text).ok()?;
        Some(json["version"] == VERSION)
    };
    if installed() != Some(true) {
        if paths::on_path("npm").is_none() {
            bail!("{NAME} comes from npm, and there is no npm here: install Node.js with it, then call this again");
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut npm = process::command("npm");
        npm.args(["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--prefix"]);
        npm.arg(&folder).arg(format!("{NAME}@{VERSION}"));
        say::installing(NAME, "what our runtime is compared with, 150 MB", &process::shown(&npm));
        process::run(&mut npm)?;
        if installed() != Some(true) {
            bail!("npm left no {NAME} {VERSION} in {}", folder.display());
        }
    }
    say::step(NAME, &format!("{VERSION} at {}", package.display()));
    Ok((package.join("dist"), VERSION))
}
