//! Checks for the tools and installs what is missing: one line a step, its reason, and the
//! command when something is installed. Nothing is written inside the checkout.

mod apt;
mod browser;
mod debian;
mod npm;
mod onnxruntime_web;
mod pypi;
mod tools;
mod tus_clients;
mod wasm;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

pub use apt::install as apt_install;
pub use browser::Browser;
pub use npm::package as npm_package;
pub use onnxruntime_web::ensure as onnxruntime_web;
pub use pypi::librosa;
pub use tools::locked_version;
pub use wasm::TARGET as WEB_TARGET;

use crate::{paths, process};

/// A machine that can build the page.
pub struct Ready {
    toolchain: wasm::Toolchain,
    tools: tools::Tools,
}

impl Ready {
    /// Cargo as Trunk calls it, for what the page does not link.
    pub fn web_cargo(&self) -> Result<Command> {
        let mut cargo = process::cargo(&[]);
        if let Some(name) = self.toolchain.rustup_name() {
            cargo.env("RUSTUP_TOOLCHAIN", name);
        }
        cargo.env("PATH", self.tools.search_path()?).env("CARGO_TARGET_DIR", paths::web_target());
        Ok(cargo)
    }

    /// The program that makes what a browser loads from what cargo built.
    pub fn wasm_bindgen(&self) -> Command {
        process::command(&self.tools.wasm_bindgen)
    }

    /// Trunk, set to use the compiler that has the wasm target and the tools that were checked.
    pub fn trunk(&self) -> Result<Command> {
        let mut trunk = process::command(&self.tools.trunk);
        if let Some(name) = self.toolchain.rustup_name() {
            trunk.env("RUSTUP_TOOLCHAIN", name);
        }
        trunk.env("PATH", self.tools.search_path()?).env("CARGO_TARGET_DIR", paths::web_target());
        // Trunk reads NO_COLOR as a Boolean and stops at the usual `NO_COLOR=1`.
        if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            trunk.env("NO_COLOR", "true");
        }
        Ok(trunk)
    }
}

/// Tells tests below which folder [`peers`] are; without it they look into their own target folder.
pub const PEERS: &str = "HEIMDALL_PEERS";

/// Programs of others that the native tests talk to, from npm and PyPI, in the target folder.
pub fn peers() -> Result<()> {
    tus_clients::ensure()?;
    pypi::schemathesis()?;
    pypi::mlflow()?;
    pypi::onnxruntime().map(drop)
}

/// What checks the page by the rules of accessibility in browser tests: the script.
pub fn axe() -> Result<PathBuf> {
    let folder = paths::target().join("axe");
    npm::package(&folder, "axe-core", "4.14.1", "checks the page's accessibility, for tests")
        .map(|package| package.join("axe.min.js"))
}

/// Clippy for the page's target, which also sees the code that no native build compiles. `None` where the compiler for
/// that target comes without it, as the distribution's does.
pub fn web_clippy() -> Result<Option<Command>> {
    let toolchain = wasm::ensure()?;
    let cargo = || {
        let mut cargo = process::cargo(&["clippy"]);
        if let Some(name) = toolchain.rustup_name() {
            cargo.env("RUSTUP_TOOLCHAIN", name);
        }
        cargo
    };
    if process::capture(cargo().arg("--version")).is_err() {
        return Ok(None);
    }
    let mut clippy = cargo();
    clippy.args(["--target", wasm::TARGET]).env("CARGO_TARGET_DIR", paths::web_target());
    Ok(Some(clippy))
}

/// What building and serving the page needs.
pub fn page() -> Result<Ready> {
    let toolchain = wasm::ensure()?;
    let tools = tools::ensure()?;
    Ok(Ready { toolchain, tools })
}

/// What the browser tests and benches need on top.
pub fn page_and_browser() -> Result<(Ready, Browser)> {
    Ok((page()?, browser::ensure()?))
}
