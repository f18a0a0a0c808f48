//! The page without a network: its service worker, which knows every file of the build.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::paths;

/// In the page's folder, and in its sources without the list.
const WORKER: &str = "service-worker.js";
/// What no page without a server ever fetches.
const NOT_FETCHED: [&str; 5] = ["checkpoint.safetensors", "LICENSE", "desk.js", "desk_bg.wasm", WORKER];

/// Writes the service worker of a built page.
pub fn write(dist: &Path) -> Result<()> {
    let mut files = Vec::new();
    collect(dist, &mut files)?;
    files.sort();
    let mut digest = Sha256::new();
    let mut addresses = vec![".".to_owned()];
    for file in files {
        let relative = file.strip_prefix(dist)?;
        let Some(name) = relative.to_str().map(|name| name.replace('\\', "/")) else { continue };
        if NOT_FETCHED.iter().any(|other| name.rsplit('/').next() == Some(other)) {
            continue;
        }
        digest.update(&name);
        digest.update(fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
        addresses.push(name);
    }
    let version: String = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let source = paths::root().join("assets").join(WORKER);
    let rules = fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    let addresses = serde_json::to_string(&addresses)?;
    let target = dist.join(WORKER);
    fs::write(&target, format!("const VERSION = '{version}';\nconst FILES = {addresses};\n{rules}"))
        .with_context(|| format!("cannot write {}", target.display()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
