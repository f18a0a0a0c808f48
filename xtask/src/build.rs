//! The page, built by Trunk into dist/.

mod offline;

use anyhow::Result;

use crate::setup::Ready;
use crate::{paths, process};

/// Setup has chosen Trunk's version. Not `--offline`: Trunk passes that on to cargo, which may
/// still have crates to fetch, and Trunk itself downloads no tool that is on PATH.
pub const TRUNK_FLAGS: [&str; 1] = ["--skip-version-check"];

/// Builds the page as it is published.
pub fn page(ready: &Ready) -> Result<()> {
    let mut trunk = ready.trunk()?;
    process::run(trunk.arg("build").args(TRUNK_FLAGS).arg("--release"))?;
    offline::write(&paths::dist())
}
