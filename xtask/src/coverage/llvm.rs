//! llvm-profdata and llvm-cov of the compiler's own LLVM version.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::tests_run::Run;
use crate::{paths, process, say, setup};

/// The two programs.
pub struct Tools {
    profdata: PathBuf,
    cov: PathBuf,
}

impl Tools {
    /// From the toolchain (component llvm-tools), else from the distribution.
    pub fn ensure() -> Result<Self> {
        let rustc = process::capture(process::command("rustc").arg("-vV"))?;
        let field = |name: &str| {
            let value = rustc.lines().find_map(|line| line.strip_prefix(name));
            value.with_context(|| format!("rustc -vV has no line `{name}`"))
        };
        let version = field("LLVM version: ")?;
        let major = version.split('.').next().unwrap_or(version);
        let sysroot = process::capture(process::command("rustc").args(["--print", "sysroot"]))?;
        let component = Path::new(sysroot.trim()).join("lib/rustlib").join(field("host: ")?).join("bin");

        if let Some(tools) = Self::find(&component, major) {
            say::step("llvm tools", &format!("at {}", tools.cov.display()));
            return Ok(tools);
        }
        let package = format!("llvm-{major}");
        setup::apt_install("llvm tools", "to read the compiler's counters", &[&package]).context(
            "no llvm-cov of the compiler's LLVM. With rustup, run \
             `rustup component add llvm-tools`",
        )?;
        Self::find(&component, major)
            .with_context(|| format!("{package} was installed but llvm-cov-{major} is not on PATH"))
    }

    fn find(component: &Path, major: &str) -> Option<Self> {
        let tool = |name: &str| {
            let own = component.join(name);
            if own.exists() { Some(own) } else { paths::on_path(&format!("{name}-{major}")) }
        };
        Some(Self { profdata: tool("llvm-profdata")?, cov: tool("llvm-cov")? })
    }

    /// The counts of a run for each line, in lcov's format.
    pub fn lcov(&self, run: &Run) -> Result<String> {
        let merged = run.counters.join("merged.profdata");
        let mut merge = process::command(&self.profdata);
        merge.args(["merge", "-sparse", "-o"]).arg(&merged);
        for entry in fs::read_dir(&run.counters)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "profraw") {
                merge.arg(path);
            }
        }
        process::capture(&mut merge)?;

        let mut export = process::command(&self.cov);
        export.args(["export", "-format=lcov", "-instr-profile"]).arg(&merged);
        for program in &run.programs {
            export.arg("-object").arg(program);
        }
        process::capture(&mut export)
    }
}
