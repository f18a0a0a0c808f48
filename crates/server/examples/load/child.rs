//! The server as a process.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A server that ends with the measurement.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Its administrator's token.
    pub token: String,
}

impl Server {
    /// Starts one on a free port; it has printed its address when this returns.
    pub async fn start(program: &Path, data: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        // No page of the folder that this is called in.
        command.current_dir(data).env_remove("HEIMDALL_TOKEN").stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("the server has no output")?).read_line(&mut line).await?;
        let parts = line.trim().strip_prefix("http://").and_then(|rest| rest.split_once("/?token="));
        let (address, token) = parts.with_context(|| format!("the server printed no address: {line}"))?;
        Ok(Self { address: address.parse()?, token: token.to_owned(), child })
    }

    /// Ends it, and waits until the data folder is free.
    pub async fn end(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}
