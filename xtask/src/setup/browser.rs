//! Step 3: a Chromium and its driver, for browser tests and benches.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::apt;
use crate::{paths, say};

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const DRIVERS: [&str; 1] = ["chromedriver"];
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// A browser and the program that drives it.
pub struct Browser {
    chrome: PathBuf,
    chromedriver: PathBuf,
}

impl Browser {
    /// Tells a test program which browser to use.
    pub fn pass_to(&self, command: &mut Command) {
        command.env("CHROME", &self.chrome).env("CHROMEDRIVER", &self.chromedriver);
    }
}

/// Finds browser and driver, or installs both from the distribution so that they match.
pub fn ensure() -> Result<Browser> {
    if let Some(browser) = find()? {
        say::step("browser", &format!("at {}", browser.chrome.display()));
        say::step("chromedriver", &format!("at {}", browser.chromedriver.display()));
        return Ok(browser);
    }
    apt::install("browser", "the browser tests drive it", &PACKAGES).context(
        "no Chromium with chromedriver. Install both in the same version, or name them in the \
         variables CHROME and CHROMEDRIVER",
    )?;
    find()?.context("chromium and chromium-driver were installed but are not on PATH")
}

fn find() -> Result<Option<Browser>> {
    let chrome = named_or_on_path("CHROME", &BROWSERS)?;
    let chromedriver = named_or_on_path("CHROMEDRIVER", &DRIVERS)?;
    Ok(chrome.zip(chromedriver).map(|(chrome, chromedriver)| Browser { chrome, chromedriver }))
}

/// A variable that names no file is a mistake to tell, not a reason to install something else.
fn named_or_on_path(variable: &str, names: &[&str]) -> Result<Option<PathBuf>> {
    let Some(named) = env::var_os(variable).filter(|value| !value.is_empty()) else {
        return Ok(names.iter().find_map(|name| paths::on_path(name)));
    };
    if !Path::new(&named).is_file() {
        bail!("{variable} names no file: {}", Path::new(&named).display());
    }
    Ok(Some(named.into()))
}
