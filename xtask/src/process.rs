//! Starting other programs: in the workspace root, without the environment that the outer
//! `cargo run` made for us, and with errors that name the command.

use std::env;
use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::paths;

/// What `cargo run` and rustup set for this process and an inner cargo or Trunk would misread
/// as the user's wish. RUSTUP_TOOLCHAIN stays: it is the toolchain the user called xtask with.
const NOT_INHERITED: [&str; 5] = ["CARGO", "RUSTC", "RUSTDOC", "OUT_DIR", "RUST_RECURSION_COUNT"];
const NOT_INHERITED_PREFIXES: [&str; 4] = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_PRIMARY_"];

/// A command in the workspace root with a clean environment and no standard input.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root()).stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        let cargos =
            NOT_INHERITED.contains(&text) || NOT_INHERITED_PREFIXES.iter().any(|prefix| text.starts_with(prefix));
        if cargos {
            command.env_remove(&name);
        }
    }
    // Rust programs' backtraces of plain errors bury the message that helps.
    command.env("RUST_LIB_BACKTRACE", "0");
    // Cargo prepends the outer toolchain's libraries, which another toolchain must not load.
    if let Some(path) = env::var_os("LD_LIBRARY_PATH") {
        let ours = |dir: &std::path::Path| {
            dir.starts_with(paths::target()) || dir.components().any(|c| c.as_os_str() == "rustlib")
        };
        match env::join_paths(env::split_paths(&path).filter(|dir| !ours(dir))) {
            Ok(rest) if !rest.is_empty() => command.env("LD_LIBRARY_PATH", rest),
            _ => command.env_remove("LD_LIBRARY_PATH"),
        };
    }
    command
}

/// `cargo` with the given arguments.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = command("cargo");
    command.args(args);
    command
}

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

/// Runs the command with its output shown; an error unless it succeeds.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("failed ({status}): {}", shown(command));
    }
    Ok(())
}

/// Runs the command silently and returns its standard output; an error unless it succeeds.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("failed ({}): {}\n{}", output.status, shown(command), stderr.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Like [`run`], but the command is ended after `limit`: for servers that may never answer.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = command.spawn().with_context(|| format!("cannot start {}", shown(command)))?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            if !status.success() {
                bail!("failed ({status}): {}", shown(command));
            }
            return Ok(());
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("no answer within {} s: {}", limit.as_secs(), shown(command));
        }
        thread::sleep(Duration::from_millis(50));
    }
}
