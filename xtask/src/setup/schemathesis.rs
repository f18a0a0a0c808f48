//! Schemathesis, for the test of the API against its description.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{paths, process, say};

const VERSION: &str = "4.32.5";
const WHY: &str = "sends what the API's description allows and compares the answers with it, for tests";

/// Installs it where it is missing, into `target/schemathesis/`.
pub fn ensure() -> Result<()> {
    let folder = paths::target().join("schemathesis");
    let mark = folder.join(format!("heimdall-{VERSION}"));
    if !mark.is_file() {
        if paths::on_path("python3").is_none() {
            bail!(
                "schemathesis needs Python, and there is no python3 here: install it with venv, then call this again"
            );
        }
        // Another version's packages must not stay beside it.
        if folder.is_dir() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        let mut venv = process::command("python3");
        venv.args(["-m", "venv"]).arg(&folder);
        say::installing("schemathesis", WHY, &process::shown(&venv));
        process::run(&mut venv)?;
        let mut pip = process::command(folder.join("bin/python3"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip.arg(format!("schemathesis=={VERSION}"));
        process::run(&mut pip)?;
        fs::write(&mark, "").with_context(|| format!("cannot write {}", mark.display()))?;
    }
    say::step("schemathesis", &format!("{VERSION} at {}", folder.display()));
    Ok(())
}
