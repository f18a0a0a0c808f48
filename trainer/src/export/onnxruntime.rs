//! The published file by programs of others: ONNX's own checker, and onnxruntime.

use std::ffi::OsStr;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use heimdall_model::{Answer, DensityCard, ParityCard, Planes};
use serde::Deserialize;

use super::parity::Reference;
use super::piped::piped;

/// Takes file and planes through its standard input, gives a line of [`Versions`] and the outputs as 32-bit numbers.
const PROGRAM: &str = include_str!("onnxruntime.py");
/// Position and covariance.
const NUMBERS: usize = 5;

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
    let cells = density.map_or(0, |density| density.cells.pow(2));
    let name = python.display();
    let Output { status, stdout, stderr } =
        run(python, onnx, &reference.planes).with_context(|| format!("cannot run {name}"))?;
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
    let numbers: Vec<f32> = numbers.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    ensure!(
        numbers.len() == reference.planes.len() * (NUMBERS + cells),
        "onnxruntime gave {} numbers for {} scenes",
        numbers.len(),
        reference.planes.len()
    );
    let answers: Vec<Answer> = numbers.chunks_exact(NUMBERS + cells).filter_map(answer).collect();
    reference.card(format!("onnxruntime {onnxruntime} (file passed by the checker of onnx {onnx})"), &answers)
}

fn answer(numbers: &[f32]) -> Option<Answer> {
    let (gaussian, cells) = numbers.split_first_chunk::<NUMBERS>()?;
    let [east, north, l11, l21, l22] = gaussian.map(f64::from);
    let density = (!cells.is_empty()).then(|| cells.to_vec());
    Some(Answer { position_enu_m: [east, north], factor_m: [l11, l21, l22], density })
}

fn run(python: &OsStr, onnx: &[u8], planes: &[Planes]) -> std::io::Result<Output> {
    let count = planes.first().map_or(0, Planes::plane_count);
    let mut input = Vec::with_capacity(onnx.len());
    for number in [onnx.len(), planes.len(), count] {
        input.extend((number as u64).to_le_bytes());
    }
    input.extend_from_slice(onnx);
    planes.iter().flat_map(Planes::values).for_each(|value| input.extend(value.to_le_bytes()));
    piped(Command::new(python).args(["-c", PROGRAM]), &input)
}
