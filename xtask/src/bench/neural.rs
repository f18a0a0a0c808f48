//! Networks in a real browser: our runtime beside onnxruntime-web.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::Options;
use crate::{paths, process, say, setup};

/// Fewer say little about the spread.
const LEAST_RUNS: u32 = 30;
const WORKER: &str = include_str!("neural/worker.js");
/// The page's own worker.
const OURS: [&str; 2] = ["neural.js", "neural_bg.wasm"];
/// What the page fetches of onnxruntime-web.
const THEIRS: [&str; 3] = ["ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];

/// Lays out what the page fetches below `/bench`; the browser's part is a program beside the browser tests.
pub fn run(options: &Options) -> Result<()> {
    let browser = setup::page_and_browser()?.1;
    let (theirs, their_version) = setup::onnxruntime_web()?;
    let folder = paths::target().join("bench").join("neural");
    fs::create_dir_all(folder.join("onnxruntime-web")).with_context(|| format!("cannot make {}", folder.display()))?;
    for name in THEIRS {
        copy(&theirs.join(name), &folder.join("onnxruntime-web").join(name))?;
    }
    fs::write(folder.join("worker.js"), WORKER)?;
    for name in OURS {
        copy(&paths::dist().join(name), &folder.join(name))?;
    }
    random(&folder.join("atto"), &["place"])?;
    random(&folder.join("large"), &["place", "large", "1"])?;

    let runs = options.runs.max(LEAST_RUNS).to_string();
    let mut speed = process::cargo(&["run", "--package", "heimdall-browser-tests", "--bin", "neural_speed", "--"]);
    speed.args([&runs, &setup::locked_version("tract-onnx")?, their_version]);
    speed.env("HEIMDALL_DIST", paths::dist()).env("HEIMDALL_BENCH", &folder);
    browser.pass_to(&mut speed);
    process::run(&mut speed)
}

/// A network with random weights for seven receivers, scenes, and what the training framework says of them.
fn random(folder: &Path, network: &[&str]) -> Result<()> {
    if folder.join("model.i8.onnx").is_file() {
        say::step("random network", &format!("at {}; delete it to have it written anew", folder.display()));
        return Ok(());
    }
    say::step("random network", "Large takes 1.4 GB; compiles the tensor library where it must");
    let mut write = process::cargo(&["run", "--release", "--package", "heimdall-network", "--example"]);
    process::run(write.args(["export_parity", "--"]).arg(folder).args(network))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).with_context(|| format!("cannot copy {}", from.display()))
}
