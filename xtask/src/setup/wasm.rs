//! Step 1: a compiler with the standard library for wasm32-unknown-unknown.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::debian;
use crate::{paths, process, say};

pub const TARGET: &str = "wasm32-unknown-unknown";
const SUBJECT: &str = "wasm32 target";

/// The rustup server is given this long: behind some proxies it never answers.
const RUSTUP_LIMIT: Duration = Duration::from_secs(60);

/// Which compiler builds the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The one in use anyway; rustup gave it the target.
    Current,
    /// The distribution's compiler, linked into rustup, where rustup cannot reach its server.
    Debian,
}

impl Toolchain {
    /// The name to put in RUSTUP_TOOLCHAIN, when it is not the current one.
    pub fn rustup_name(self) -> Option<&'static str> {
        match self {
            Self::Current => None,
            Self::Debian => Some(debian::LINK_NAME),
        }
    }

    fn rustc(self) -> Command {
        let mut rustc = process::command("rustc");
        if let Some(name) = self.rustup_name() {
            rustc.env("RUSTUP_TOOLCHAIN", name);
        }
        rustc
    }

    /// Compiles against the target's standard library: the only check that also notices one
    /// left behind by an older compiler, which a look at the folder would accept.
    pub fn works(self) -> bool {
        compiles(&mut self.rustc())
    }
}

fn compiles(rustc: &mut Command) -> bool {
    // A folder of its own: rustc replaces its output file, so the output must never be a
    // device such as the null device.
    let dir = env::temp_dir().join(format!("heimdall-probe-{}", std::process::id()));
    let compiled = write_probe(&dir).and_then(|source| {
        rustc.args(["--target", TARGET, "--edition", "2024", "--emit", "metadata", "--out-dir"]);
        process::capture(rustc.arg(&dir).arg(source))
    });
    // Left-overs in the temporary folder do no harm, so a failure to remove them is none.
    let _ = fs::remove_dir_all(&dir);
    compiled.is_ok()
}

fn write_probe(dir: &Path) -> Result<std::path::PathBuf> {
    fs::create_dir_all(dir)?;
    let source = dir.join("probe.rs");
    fs::write(&source, "#![crate_type = \"lib\"]\npub fn probe() -> Vec<String> { Vec::new() }\n")?;
    Ok(source)
}

/// Finds or makes a compiler for the target.
pub fn ensure() -> Result<Toolchain> {
    let toolchain = match find()? {
        Some(toolchain) => toolchain,
        None => install()?,
    };
    let version = process::capture(toolchain.rustc().arg("--version"))?;
    let name = toolchain.rustup_name();
    let linked = name.map(|name| format!(", linked as {name}")).unwrap_or_default();
    say::step(SUBJECT, &format!("in {}{linked}", version.trim()));
    Ok(toolchain)
}

fn find() -> Result<Option<Toolchain>> {
    if Toolchain::Current.works() {
        return Ok(Some(Toolchain::Current));
    }
    let debian = debian::linker_is_linked()? && Toolchain::Debian.works();
    Ok(debian.then_some(Toolchain::Debian))
}

fn install() -> Result<Toolchain> {
    if paths::on_path("rustup").is_none() {
        bail!(
            "the compiler on PATH has no standard library for {TARGET} and rustup is not \
             installed. Install rustup (https://rustup.rs) and run `rustup target add {TARGET}`, \
             or your distribution's package with that standard library, then call this again"
        );
    }
    let mut add = process::command("rustup");
    add.args(["target", "add", TARGET]);
    say::installing(SUBJECT, "the page is compiled for it", &process::shown(&add));
    match process::run_within(&mut add, RUSTUP_LIMIT) {
        Ok(()) if Toolchain::Current.works() => return Ok(Toolchain::Current),
        Ok(()) => say::step(SUBJECT, "rustup installed it, but compiling for it still fails"),
        Err(error) => say::step(SUBJECT, &format!("rustup could not install it: {error:#}")),
    }
    debian::install().with_context(|| {
        format!(
            "cannot get the standard library for {TARGET}. Where rustup reaches its server, run \
             `rustup target add {TARGET}`; on Debian, run this once as root"
        )
    })?;
    if !Toolchain::Debian.works() {
        bail!("the distribution's compiler was set up but does not compile for {TARGET}");
    }
    Ok(Toolchain::Debian)
}
