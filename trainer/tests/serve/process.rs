//! The server as a user starts it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::http::Client;

/// A server that is killed with the test.
pub struct Server {
    pub client: Client,
    pub child: Child,
}

impl Server {
    /// Starts one on a free port and waits until it has printed its address.
    pub fn start(data: &Path) -> Self {
        Self::of(command(data))
    }

    /// The same by a command that more was said in.
    pub fn of(mut command: Command) -> Self {
        let mut child = command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").and_then(|rest| rest.split_once("/?token="));
        let (address, token) = address.unwrap_or_else(|| panic!("no address: {line}"));
        let client = Client { address: address.parse().unwrap(), token: Some(token.to_owned()) };
        Self { client, child }
    }

    /// `kill -9`
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// A line of `/proc/PID/status`, kB.
    pub fn memory_kb(&self, key: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `heimdall serve` with a data folder, in a folder without a page.
pub fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heimdall"));
    command.args(["serve", "--data"]).arg(data).current_dir(data.parent().unwrap()).env_remove("HEIMDALL_TOKEN");
    command
}
