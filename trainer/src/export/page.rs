//! The published file by the page's own program, in Node: the interpreter compiled to WebAssembly.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use heimdall_model::{ModelCard, ParityCard};

use super::parity::Reference;
use super::piped::{answers, piped};

/// Takes card, file and planes through its standard input.
const PROGRAM: &str = include_str!("page.js");

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
    let name = node.display();
    let mut command = Command::new(node);
    command.args(["--eval", PROGRAM, "--"]).arg(std::path::absolute(page)?);
    let output = piped(&mut command, &[&serde_json::to_vec(card)?, onnx], &reference.planes);
    let Output { status, stdout, stderr } = output.with_context(|| format!("cannot run {name}"))?;
    let said = String::from_utf8_lossy(&stderr);
    ensure!(
        status.success(),
        "{name} did not run the network program of {}: {}. It must be a built page, and Node 20 or later",
        page.display(),
        said.lines().find(|line| line.contains("Error")).unwrap_or("no word of why")
    );
    let answers = answers(&stdout, reference.planes.len(), card.density, "the page's program")?;
    reference.card("tract in WebAssembly".into(), &answers)
}
