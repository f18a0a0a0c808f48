//! Programs from PyPI that native tests compare with or talk to, each in an environment of its own in `target/`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{paths, process, say};

/// Sends what the API's description allows and compares the answers with it.
pub fn schemathesis() -> Result<()> {
    ensure("schemathesis", "4.32.5", &[], "compares the server's API with its description, for tests")
}

/// A tracking server.
pub fn mlflow() -> Result<()> {
    ensure("mlflow", "3.17.2", &[], "a tracking server, for tests; 700 MB")
}

/// Another runtime of exported networks, and ONNX's checker; the Python that has them.
pub fn onnxruntime() -> Result<PathBuf> {
    ensure("onnxruntime", "1.32.0", &["onnx==1.23.2"], "runs exported networks beside ours, for tests")?;
    Ok(paths::target().join("onnxruntime").join("bin").join("python3"))
}

/// Transforms and mel bands to measure ours beside; the Python that has them.
pub fn librosa() -> Result<PathBuf> {
    let others = ["scipy==1.16.2"];
    ensure("librosa", "0.11.0", &others, "with NumPy and SciPy, to measure transforms and mel bands beside; 500 MB")?;
    Ok(paths::target().join("librosa").join("bin").join("python3"))
}

/// Installs a package where it is missing, with `others`, into `target/NAME/`.
fn ensure(name: &str, version: &str, others: &[&str], why: &str) -> Result<()> {
    let folder = paths::target().join(name);
    let mark = folder.join(format!("heimdall-{version}"));
    if !mark.is_file() {
        if paths::on_path("python3").is_none() {
            bail!("{name} needs Python, and there is no python3 here: install it with venv, then call this again");
        }
        // Another version's packages must not stay beside it.
        if folder.is_dir() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        let mut venv = process::command("python3");
        venv.args(["-m", "venv"]).arg(&folder);
        say::installing(name, why, &process::shown(&venv));
        process::run(&mut venv)?;
        let mut pip = process::command(folder.join("bin/python3"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip.arg(format!("{name}=={version}")).args(others);
        process::run(&mut pip)?;
        fs::write(&mark, "").with_context(|| format!("cannot write {}", mark.display()))?;
    }
    say::step(name, &format!("{version} at {}", folder.display()));
    Ok(())
}
