//! The published file by the page's own program, in Node: the interpreter compiled to WebAssembly.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use heimdall_model::{Answer, ModelCard, ParityCard, Planes};

use super::parity::Reference;
use super::piped::piped;

/// Takes card, file and planes through its standard input.
const PROGRAM: &str = include_str!("page.js");
/// Position and covariance.
const NUMBERS: usize = 5;

/// What runs the page's program.
#[derive(clap::Args)]
pub(super) struct PageRuntime {
    /// Folder of a built page (dist), whose program for networks then must say the same, in WebAssembly
    /// [default: HEIMDALL_PAGE, if that is set].
    #[arg(long, value_name = "FOLDER")]
    page: Option<PathBuf>,
    /// Node, which runs it [default: HEIMDALL_NODE, else node].
    #[arg(long, value_name = "PROGRAM")]
    node: Option<OsString>,
}

impl PageRuntime {
    /// How the page's answers differ from the training framework's; nothing where no page is named.
    ///
    /// # Errors
    /// Where it cannot be run, refuses the file, or its answers differ by too much.
    pub(super) fn parity(&self, card: &ModelCard, onnx: &[u8], reference: &Reference) -> Result<Option<ParityCard>> {
        let page = self.page.clone().or_else(|| std::env::var_os("HEIMDALL_PAGE").map(PathBuf::from));
        let Some(page) = page.filter(|page| !page.as_os_str().is_empty()) else { return Ok(None) };
        let node = self.node.clone().or_else(|| std::env::var_os("HEIMDALL_NODE")).unwrap_or_else(|| "node".into());
        parity(&node, &page, card, onnx, reference).map(Some)
    }
}

fn parity(node: &OsStr, page: &Path, card: &ModelCard, onnx: &[u8], reference: &Reference) -> Result<ParityCard> {
    let cells = card.density.map_or(0, |density| density.cells.pow(2));
    let text = serde_json::to_vec(card)?;
    let planes = &reference.planes;
    let count = planes.first().map_or(0, Planes::plane_count);
    let mut input = Vec::with_capacity(text.len() + onnx.len());
    for number in [text.len(), onnx.len(), planes.len(), count] {
        input.extend((number as u64).to_le_bytes());
    }
    input.extend_from_slice(&text);
    input.extend_from_slice(onnx);
    planes.iter().flat_map(Planes::values).for_each(|value| input.extend(value.to_le_bytes()));
    let name = node.display();
    let mut command = Command::new(node);
    command.args(["--eval", PROGRAM, "--"]).arg(std::path::absolute(page)?);
    let Output { status, stdout, stderr } =
        piped(&mut command, &input).with_context(|| format!("cannot run {name}"))?;
    let said = String::from_utf8_lossy(&stderr);
    ensure!(
        status.success(),
        "{name} did not run the network program of {}: {}. It must be a built page, and Node 20 or later",
        page.display(),
        said.lines().find(|line| line.contains("Error")).unwrap_or("no word of why")
    );
    let numbers: Vec<f64> = stdout.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    ensure!(
        numbers.len() == planes.len() * (NUMBERS + cells),
        "the page's program gave {} numbers for {} scenes",
        numbers.len(),
        planes.len()
    );
    let answers: Vec<Answer> = numbers.chunks_exact(NUMBERS + cells).filter_map(answer).collect();
    reference.card("tract in WebAssembly".into(), &answers)
}

fn answer(numbers: &[f64]) -> Option<Answer> {
    let (&[east, north, l11, l21, l22], cells) = numbers.split_first_chunk::<NUMBERS>()?;
    let density = (!cells.is_empty()).then(|| cells.iter().map(|log| *log as f32).collect());
    Some(Answer { position_enu_m: [east, north], factor_m: [l11, l21, l22], density })
}
