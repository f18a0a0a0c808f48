//! `heimdall serve` with the built page, for the length of one test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::command_line::program;
use crate::files::dist;

/// A server with a data folder of its own; killed when it is dropped.
#[derive(Debug)]
pub struct Serving {
    pub(crate) origin: String,
    /// With the token.
    pub(crate) first_path: String,
    child: Child,
}

impl Serving {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn start(data: &Path) -> Self {
        let mut command = Command::new(program());
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).arg("--page").arg(dist());
        // What it publishes must be what this page says.
        command.env("HEIMDALL_PAGE", dist());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let (origin, token) = line.trim().split_once("/?token=").unwrap_or_else(|| panic!("no address: {line}"));
        Self { origin: origin.to_owned(), first_path: format!("/?token={token}"), child }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
