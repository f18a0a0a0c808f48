//! The page without a network: its service worker, which knows every file of the build.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::paths;

/// In the page's folder, and in its sources without the list.
const WORKER: &str = "service-worker.js";
/// What no page without a server ever fetches.
const NOT_FETCHED: [&str; 6] = ["checkpoint.safetensors", "LICENSE", "README.md", "desk.js", "desk_bg.wasm", WORKER];

/// Writes the service worker of a built page.
pub fn write(dist: &Path) -> Result<()> {
    let mut digest = Sha256::new();
    let mut addresses = vec![".".to_owned()];
    let mut bytes = 0;
    for name in paths::files_below(dist)? {
        if NOT_FETCHED.iter().any(|other| name.rsplit('/').next() == Some(other)) {
            continue;
        }
        let file = dist.join(&name);
        let contents = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        bytes += contents.len();
        digest.update(&name);
        digest.update(contents);
        addresses.push(name);
    }
    let version: String = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let source = paths::root().join("assets").join(WORKER);
    let rules = fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    println!(
        "offline  {} files of the page, {:.1} MB, are kept for when there is no network",
        addresses.len(),
        bytes as f64 / 1e6
    );
    let addresses = serde_json::to_string(&addresses)?;
    let target = dist.join(WORKER);
    fs::write(&target, format!("const VERSION = '{version}';\nconst FILES = {addresses};\n{rules}"))
        .with_context(|| format!("cannot write {}", target.display()))
}
