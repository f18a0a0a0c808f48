//! What Lighthouse says of the page.

use std::fs;

use anyhow::{Context, Result};

use super::Options;
use crate::{paths, process, setup};

const VERSION: &str = "13.5.0";

/// The measuring part is a program beside the browser tests; this gives it page, browser and Lighthouse.
pub fn run(_: &Options) -> Result<()> {
    let browser = setup::page_and_browser()?.1;
    let folder = paths::target().join("bench").join("lighthouse");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let package = setup::npm_package(&folder, "lighthouse", VERSION, "judges the page, 180 MB")?;
    let mut judge = process::cargo(&["run", "--package", "heimdall-browser-tests", "--bin", "lighthouse", "--"]);
    judge.arg(package.join("cli").join("index.js")).arg(&folder).env("HEIMDALL_DIST", paths::dist());
    browser.pass_to(&mut judge);
    process::run(&mut judge)
}
