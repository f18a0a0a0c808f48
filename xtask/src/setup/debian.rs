//! The way round an unreachable rustup server: Debian's compiler for web browsers, with a
//! standard library for wasm built from Debian's source package.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{apt, wasm};
use crate::{paths, process, say};

/// The name of the distribution's compiler within rustup.
pub const LINK_NAME: &str = "heimdall-web";

const SUBJECT: &str = "wasm32 target";
const PREFIX: &str = "/usr";
const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// The empty crate whose build makes cargo build the standard library.
const CARRIER: &str = "heimdall_std_carrier";
const CARRIER_MANIFEST: &str = "[package]\nname = \"heimdall_std_carrier\"\nedition = \"2024\"\n\n[workspace]\n";

/// Installs the packages, builds the library, and links compiler and linker, each unless done.
pub fn install() -> Result<()> {
    apt::install(SUBJECT, "a compiler with the sources of its library", &PACKAGES)?;
    link_linker()?;
    build_and_copy_std()?;
    link_toolchain()
}

/// Whether the linker that rustc calls for wasm is where Trunk's cargo will find it.
pub fn linker_is_linked() -> Result<bool> {
    // `exists` follows the link: one whose package was removed counts as absent.
    Ok(paths::tools_bin()?.join("rust-lld").exists())
}

/// rustc calls the wasm linker by the name `rust-lld`, Debian names it after its version.
fn link_linker() -> Result<()> {
    let major = llvm_major()?;
    let lld = PathBuf::from(format!("/usr/bin/lld-{major}"));
    if !lld.exists() {
        apt::install(SUBJECT, "the linker of the same LLVM", &[&format!("lld-{major}")])?;
    }
    let bin = paths::tools_bin()?;
    fs::create_dir_all(&bin).with_context(|| format!("cannot make {}", bin.display()))?;
    let link = bin.join("rust-lld");
    if fs::read_link(&link).is_ok_and(|to| to == lld) {
        return Ok(());
    }
    say::step(SUBJECT, &format!("linking: ln -sf {} {}", lld.display(), link.display()));
    if fs::symlink_metadata(&link).is_ok() {
        fs::remove_file(&link).with_context(|| format!("cannot replace {}", link.display()))?;
    }
    symlink(&lld, &link).with_context(|| format!("cannot link {}", link.display()))
}

#[cfg(unix)]
fn symlink(to: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(to, link)
}

#[cfg(not(unix))]
fn symlink(_to: &Path, _link: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

fn llvm_major() -> Result<String> {
    let text = process::capture(process::command(RUSTC).arg("-vV"))?;
    text.lines()
        .find_map(|line| line.strip_prefix("LLVM version: "))
        .and_then(|version| version.split('.').next())
        .map(str::to_owned)
        .with_context(|| format!("{RUSTC} -vV names no LLVM version"))
}

fn build_and_copy_std() -> Result<()> {
    let folder = Path::new(PREFIX).join("lib/rustlib").join(wasm::TARGET).join("lib");
    let libraries = build_std(&paths::cache()?.join("std-build"))?;
    say::step(SUBJECT, &format!("copying {} libraries to {}", libraries.len(), folder.display()));
    replace_folder(&folder, &libraries).with_context(|| format!("cannot fill {}", folder.display()))
}

/// Builds the standard library in `scratch` and returns its `.rlib` files.
fn build_std(scratch: &Path) -> Result<Vec<PathBuf>> {
    // Libraries of an older compiler in the same folder would be copied along.
    if scratch.exists() {
        fs::remove_dir_all(scratch).with_context(|| format!("cannot clear {}", scratch.display()))?;
    }
    let source = scratch.join("src");
    fs::create_dir_all(&source).with_context(|| format!("cannot make {}", source.display()))?;
    fs::write(scratch.join("Cargo.toml"), CARRIER_MANIFEST)?;
    fs::write(source.join("lib.rs"), "#![no_std]\n")?;

    let target = scratch.join("target");
    let mut cargo = process::command(CARGO);
    cargo
        .args(["build", "--release", "--target", wasm::TARGET, "-Zbuild-std=std,panic_abort"])
        .current_dir(scratch)
        .env("RUSTC", RUSTC)
        // Cargo's option to build the library is for nightly only; the result is not.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", &target)
        .env_remove("RUSTFLAGS");
    let shown = format!("RUSTC={RUSTC} RUSTC_BOOTSTRAP=1 {}", process::shown(&cargo));
    say::installing(SUBJECT, "its standard library, about a minute", &shown);
    process::run(&mut cargo)?;
    standard_libraries(&target.join(wasm::TARGET).join("release/deps"))
}

fn standard_libraries(deps: &Path) -> Result<Vec<PathBuf>> {
    let mut libraries = Vec::new();
    for entry in fs::read_dir(deps).with_context(|| format!("cannot read {}", deps.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.contains(CARRIER) {
            libraries.push(path);
        }
    }
    if !libraries.iter().any(|path| path.to_string_lossy().contains("libstd-")) {
        bail!("the build left no standard library in {}", deps.display());
    }
    Ok(libraries)
}

/// Fills the folder beside its place first: a copy cut short leaves the old state.
fn replace_folder(folder: &Path, files: &[PathBuf]) -> Result<()> {
    let new = folder.with_extension("new");
    if new.exists() {
        fs::remove_dir_all(&new)?;
    }
    fs::create_dir_all(&new)?;
    for file in files {
        fs::copy(file, new.join(file.file_name().unwrap_or_default()))?;
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::rename(&new, folder)?;
    Ok(())
}

fn link_toolchain() -> Result<()> {
    let mut link = process::command("rustup");
    link.args(["toolchain", "link", LINK_NAME, PREFIX]);
    say::installing(SUBJECT, "so that cargo can be told to use it", &process::shown(&link));
    process::run(&mut link)
}
