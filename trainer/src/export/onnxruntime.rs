//! The published file by programs of others: ONNX's own checker, and onnxruntime.

use std::ffi::OsStr;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use heimdall_model::{DensityCard, ParityCard};
use serde::Deserialize;

use super::parity::Reference;
use super::piped::{answers, piped};

/// Takes file and planes through its standard input, gives a line of [`Versions`] and the outputs as 32-bit numbers.
const PROGRAM: &str = include_str!("onnxruntime.py");

/// What looked at the file.
#[derive(Deserialize)]
struct Versions {
    onnx: String,
    onnxruntime: String,
}

/// How onnxruntime's answers differ from the training framework's, once the checker has passed the file. `python` is one
/// with the packages `onnx` and `onnxruntime`.
///
/// # Errors
/// Where it cannot be run, the file is refused, or the answers differ by too much.
pub(super) fn parity(
    python: &OsStr,
    onnx: &[u8],
    density: Option<DensityCard>,
    reference: &Reference,
) -> Result<ParityCard> {
    let name = python.display();
    let mut command = Command::new(python);
    let output = piped(command.args(["-c", PROGRAM]), &[onnx], &reference.planes);
    let Output { status, stdout, stderr } = output.with_context(|| format!("cannot run {name}"))?;
    let said = String::from_utf8_lossy(&stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no word of why");
    ensure!(
        status.success(),
        "{name} did not check the ONNX file: {last}. It must be a Python with the packages onnx and onnxruntime"
    );
    let end = stdout.iter().position(|byte| *byte == b'\n').context("the check of the ONNX file said nothing")?;
    let (line, numbers) = stdout.split_at(end + 1);
    let Versions { onnx, onnxruntime } =
        serde_json::from_slice(line).context("the check of the ONNX file said no versions")?;
    let answers = answers(numbers, reference.planes.len(), density, "onnxruntime")?;
    reference.card(format!("onnxruntime {onnxruntime} (file passed by the checker of onnx {onnx})"), &answers)
}
