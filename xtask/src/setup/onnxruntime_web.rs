//! onnxruntime-web, which `bench neural` compares our runtime with.

use std::path::PathBuf;

use anyhow::Result;

use super::npm;
use crate::paths;

const VERSION: &str = "1.30.0";

/// The folder of its files for browsers, and its version.
pub fn ensure() -> Result<(PathBuf, &'static str)> {
    let folder = paths::target().join("bench").join("npm");
    let package = npm::package(&folder, "onnxruntime-web", VERSION, "what our runtime is compared with, 150 MB")?;
    Ok((package.join("dist"), VERSION))
}
