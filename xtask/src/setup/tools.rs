//! Step 2: Trunk and wasm-bindgen in exactly the versions this checkout needs.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{paths, process, say};

/// The last Trunk that the workspace's minimum compiler builds.
const TRUNK_VERSION: &str = "0.21.14";

/// The checked tools.
pub struct Tools {
    /// Trunk's executable.
    pub trunk: PathBuf,
    /// wasm-bindgen's executable.
    pub wasm_bindgen: PathBuf,
}

impl Tools {
    /// PATH for Trunk, which looks up `wasm-bindgen` and `rust-lld` there by itself: the
    /// checked one first, so that an older one of the same name cannot win.
    pub fn search_path(&self) -> Result<OsString> {
        let checked = self.wasm_bindgen.parent().map(Path::to_path_buf);
        let inherited = env::var_os("PATH").unwrap_or_default();
        let dirs = checked.into_iter().chain([paths::tools_bin()?]).chain(env::split_paths(&inherited));
        env::join_paths(dirs).context("a folder with the tools has a separator in its name")
    }
}

struct Tool<'a> {
    executable: &'a str,
    package: &'a str,
    version: &'a str,
    /// Whether the package's own lock file is used.
    locked: bool,
    why: &'a str,
}

/// Finds both tools, or compiles them into the kept folder.
pub fn ensure() -> Result<Tools> {
    let trunk =
        Tool { executable: "trunk", package: "trunk", version: TRUNK_VERSION, locked: true, why: "builds the page" };
    let bindgen_version = locked_version("wasm-bindgen")?;
    let wasm_bindgen = Tool {
        executable: "wasm-bindgen",
        package: "wasm-bindgen-cli",
        version: &bindgen_version,
        // Its lock file has named a version since withdrawn.
        locked: false,
        why: "must equal the wasm-bindgen in Cargo.lock",
    };
    Ok(Tools { trunk: trunk.ensure()?, wasm_bindgen: wasm_bindgen.ensure()? })
}

impl Tool<'_> {
    fn ensure(&self) -> Result<PathBuf> {
        if let Some(path) = self.find()? {
            say::step(self.executable, &format!("{} at {}", self.version, path.display()));
            return Ok(path);
        }
        let root = paths::tools()?;
        let mut install = process::cargo(&["install", self.package, "--version", self.version]);
        if self.locked {
            install.arg("--locked");
        }
        install.arg("--root").arg(&root);
        let why = format!("{}; takes minutes, once", self.why);
        say::installing(self.executable, &why, &process::shown(&install));
        process::run(&mut install).with_context(|| {
            format!(
                "cannot install {} {}. Put that version on PATH by hand, then call this again",
                self.package, self.version
            )
        })?;
        self.find()?.with_context(|| format!("{} was installed into {} but does not run", self.package, root.display()))
    }

    fn find(&self) -> Result<Option<PathBuf>> {
        let kept = paths::tools_bin()?.join(self.executable);
        let candidates = [Some(kept), paths::on_path(self.executable)];
        Ok(candidates.into_iter().flatten().find(|path| self.is_at(path)))
    }

    fn is_at(&self, path: &Path) -> bool {
        path.exists()
            && process::capture(process::command(path).arg("--version"))
                .is_ok_and(|text| text.split_whitespace().nth(1) == Some(self.version))
    }
}

/// The version of a package in the workspace's Cargo.lock.
pub fn locked_version(package: &str) -> Result<String> {
    let path = paths::root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    version_in_lock(&lock, package)
        .map(str::to_owned)
        .with_context(|| format!("no package {package} in {}", path.display()))
}

fn version_in_lock<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    lines.find(|line| *line == name)?;
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::version_in_lock;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";

    #[test]
    fn a_package_is_not_taken_for_one_whose_name_it_begins() {
        assert_eq!(version_in_lock(LOCK, "wasm-bindgen"), Some("0.2.130"));
    }

    #[test]
    fn an_unlocked_package_has_no_version() {
        assert_eq!(version_in_lock(LOCK, "leptos"), None);
    }
}
