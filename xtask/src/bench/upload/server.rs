//! The server as a process, and the few requests that a bench makes of it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::process;

/// Linux tells processor times in these to all programs, whatever its own clock.
const TICKS_PER_S: f64 = 100.0;

/// A server that ends with the bench.
pub struct Server {
    child: Child,
    address: String,
    token: String,
}

impl Server {
    /// The program on a free port.
    pub fn start(program: &Path, data: &Path) -> Result<Self> {
        let mut command = process::command(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", process::shown(&command)))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("the server has no output")?).read_line(&mut line)?;
        let parts = line.trim().strip_prefix("http://").and_then(|rest| rest.split_once("/?token="));
        let (address, token) = parts.with_context(|| format!("the server printed no address: {line}"))?;
        Ok(Self { address: address.to_owned(), token: token.to_owned(), child })
    }

    /// Largest resident set so far.
    pub fn peak_memory_bytes(&self) -> Result<u64> {
        let path = format!("/proc/{}/status", self.child.id());
        let text = fs::read_to_string(path).context("memory is measured on Linux only")?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the system tells no peak")?;
        let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes * 1024)
    }

    /// Processor time so far.
    pub fn processor_s(&self) -> Result<f64> {
        let text =
            fs::read_to_string(format!("/proc/{}/stat", self.child.id())).context("this is told on Linux only")?;
        // proc(5): behind the name in brackets the fields 3 and on; 14 and 15 are user's and system's time.
        let fields = text.rsplit_once(") ").map_or("", |(_, fields)| fields);
        let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<f64>).collect::<Result<Vec<_>, _>>()?;
        Ok(ticks.iter().sum::<f64>() / TICKS_PER_S)
    }

    /// Begins an upload; its path.
    pub fn begin(&self, name: &str, length: usize) -> Result<String> {
        let name = STANDARD.encode(name);
        let head = format!("Upload-Length: {length}\r\nUpload-Metadata: filename {name}\r\nContent-Length: 0\r\n");
        let headers = status(self.request("POST", "/api/v1/uploads", &head)?, 201)?;
        headers.into_iter().find_map(|(name, value)| (name == "location").then_some(value)).context("no location")
    }

    /// A request for all bytes of an upload, which are to be written.
    pub fn piece(&self, path: &str, length: usize) -> Result<TcpStream> {
        let head = format!(
            "Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: {length}\r\n"
        );
        self.request("PATCH", path, &head)
    }

    fn request(&self, method: &str, path: &str, head: &str) -> Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.address)?;
        let (address, token) = (&self.address, &self.token);
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
             Tus-Resumable: 1.0.0\r\n{head}\r\n"
        )?;
        Ok(stream)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The headers of an answer with this status.
pub fn status(stream: TcpStream, expected: u16) -> Result<Vec<(String, String)>> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().context("the server closed without an answer")??;
    if first.split(' ').nth(1) != Some(&expected.to_string()) {
        bail!("the server answered {first}");
    }
    let mut headers = Vec::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    Ok(headers)
}
