//! Upload clients that nobody here wrote, for the server's tests: tus-js-client and tuspy.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::npm;
use crate::{paths, process, say};

const TUS_JS: &str = "4.3.1";
const TUSPY: &str = "1.1.0";
const WHY: &str = "a client of the upload protocol, for tests";

/// Installs what is missing.
pub fn ensure() -> Result<()> {
    let folder = paths::target().join("tus");
    npm::package(&folder.join("npm"), "tus-js-client", TUS_JS, WHY)?;
    tuspy(&folder.join("python"))
}

fn tuspy(folder: &Path) -> Result<()> {
    let installed = || folder.join(format!("tuspy-{TUSPY}.dist-info")).is_dir();
    if !installed() {
        if paths::on_path("python3").is_none() {
            bail!("tuspy needs Python, and there is no python3 here: install it with pip, then call this again");
        }
        // Another version's packages must not stay beside it.
        if folder.is_dir() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        let mut pip = process::command("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        pip.arg(folder).arg(format!("tuspy=={TUSPY}"));
        say::installing("tuspy", WHY, &process::shown(&pip));
        process::run(&mut pip)?;
        if !installed() {
            bail!("pip left no tuspy {TUSPY} in {}", folder.display());
        }
    }
    say::step("tuspy", &format!("{TUSPY} at {}", folder.display()));
    Ok(())
}
