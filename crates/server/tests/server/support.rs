//! A real server on a free port, with a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use heimdall_server::{Limits, Options, Server};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::http::Client;

/// A server that ends with the test.
pub struct Running {
    pub client: Client,
    pub data: PathBuf,
    pub url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// One with these options; whatever their port, it takes a free one.
    pub fn with(mut options: Options) -> Self {
        options.listen.set_port(0);
        let data = options.data.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            runtime().block_on(async move {
                let server = Server::bind(options).await.expect("the server starts");
                tell.send((server.address(), server.token().to_owned(), server.url())).unwrap();
                let end = async {
                    let _ = stopped.await;
                };
                server.run(end).await.expect("the server ends well");
            });
        });
        let (address, token, url) = told.recv().expect("the server starts");
        let client = Client { address, token: Some(token) };
        Self { client, data, url, stop: Some(stop), thread: Some(thread) }
    }

    pub fn on(data: &Path) -> Self {
        Self::with(Options::new(data))
    }

    pub fn limited(data: &Path, limits: Limits) -> Self {
        Self::with(Options { limits, ..Options::new(data) })
    }

    /// The same without a token.
    pub fn stranger(&self) -> Client {
        Client { token: None, ..self.client.clone() }
    }

    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Why a server does not start.
pub fn refusal(options: Options) -> String {
    runtime().block_on(async { Server::bind(options).await.err().expect("no server starts").to_string() })
}

pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Bytes without a pattern, the same for a seed.
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A program or folder that `cargo xtask setup --peers` installs.
pub fn peer(what: &str) -> PathBuf {
    let usual = || Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned();
    let path = std::env::var_os("HEIMDALL_PEERS").map_or_else(usual, PathBuf::from).join(what);
    assert!(path.exists(), "call `cargo xtask setup --peers` first, this is not here: {}", path.display());
    path
}
