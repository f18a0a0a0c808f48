//! The same answer from the command line.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::files::dist;

/// What `heimdall locate` prints in a format (`--format`) for these files.
///
/// # Panics
/// Where there is no fix.
pub fn locate(format: &str, files: &[impl AsRef<Path>]) -> String {
    located(format, &[], files)
}

/// The same with the published networks of the page.
///
/// # Panics
/// Where there is no fix.
pub fn locate_with_network(format: &str, files: &[impl AsRef<Path>]) -> String {
    let models = dist().join("models");
    located(format, &[Path::new("--models"), &models], files)
}

fn located(format: &str, flags: &[&Path], files: &[impl AsRef<Path>]) -> String {
    let mut command = Command::new(program());
    command.args(["locate", "--format", format]).args(flags).args(files.iter().map(AsRef::as_ref));
    let output = command.output().expect("the command line runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// `HEIMDALL_CLI`, else built here: the program with all it can do.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| match env::var_os("HEIMDALL_CLI") {
        Some(program) => program.into(),
        None => build(),
    })
}

fn build() -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--package", "heimdall", "--features", "train,serve", "--message-format", "json"]);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "the command line was not built");
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut executables = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    });
    executables.next_back().expect("cargo names the program it built")
}
