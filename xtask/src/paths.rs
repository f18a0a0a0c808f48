//! Where things lie: the checkout, build folders and the tools that are kept between checkouts.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folder of the workspace's Cargo.toml.
pub fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// Cargo's target folder for native builds.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The page's own target folder: it may be built by another compiler, and two compilers in
/// one folder rebuild every build script and procedural macro at each switch.
pub fn web_target() -> PathBuf {
    target().join("web")
}

/// Where Trunk puts the finished page.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// The folder for tools that take minutes to compile, shared by all checkouts and kept:
/// `$HEIMDALL_TOOLS`, else `tools` in the user's cache.
pub fn tools() -> Result<PathBuf> {
    if let Some(dir) = env::var_os("HEIMDALL_TOOLS").filter(|dir| !dir.is_empty()) {
        return Ok(root().join(dir));
    }
    Ok(cache()?.join("tools"))
}

/// Folder of the tools' executables, as `cargo install --root` lays it out.
pub fn tools_bin() -> Result<PathBuf> {
    Ok(tools()?.join("bin"))
}

/// Heimdall's folder in the user's cache.
pub fn cache() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()) {
        Some(dir) => PathBuf::from(dir),
        None => env::home_dir()
            .context("no home folder: set HEIMDALL_TOOLS to a folder that may hold the tools")?
            .join(".cache"),
    };
    Ok(base.join("heimdall"))
}

/// Names of all files below the folder, with `/` between folders.
pub fn files_below(root: &Path) -> Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(relative) = path.strip_prefix(root) {
                let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
                files.insert(parts.join("/"));
            }
        }
    }
    Ok(files)
}

/// The first executable file of this name on PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|file| is_executable(file))
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}
