//! A real MLflow server, which `cargo xtask setup --peers` installs.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A tracking server, ended with the test.
pub struct Mlflow {
    uri: String,
    child: Child,
}

impl Mlflow {
    /// Starts one with its files in a folder, and waits until it answers.
    pub fn start(folder: &Path, port: u16) -> Self {
        let usual = || Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned();
        let peers = std::env::var_os("HEIMDALL_PEERS").map_or_else(usual, PathBuf::from);
        let program = peers.join("mlflow/bin/mlflow");
        assert!(program.is_file(), "MLflow is not here; call `cargo xtask setup --peers` first: {}", program.display());
        let database = format!("sqlite:///{}", folder.join("mlflow.db").display());
        let mut command = Command::new(program);
        command.args(["server", "--host", "127.0.0.1", "--port", &port.to_string(), "--workers", "1"]);
        command.args(["--backend-store-uri", &database, "--artifacts-destination"]).arg(folder.join("artifacts"));
        // A group of its own: its workers end with it.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Self { uri: format!("http://127.0.0.1:{port}"), child };
        let started = Instant::now();
        let agent = agent();
        while agent.get(format!("{}/health", server.uri)).call().is_err() {
            assert!(started.elapsed() < Duration::from_secs(120), "MLflow does not start");
            std::thread::sleep(Duration::from_millis(200));
        }
        server
    }

    pub fn get(&self, path: &str) -> Value {
        let mut answer = agent().get(format!("{}/api/2.0/mlflow/{path}", self.uri)).call().unwrap();
        answer.body_mut().read_json().unwrap()
    }

    /// All runs of the experiment.
    pub fn runs(&self) -> Vec<Value> {
        let experiment = self.get("experiments/get-by-name?experiment_name=heimdall");
        let body = json!({ "experiment_ids": [experiment["experiment"]["experiment_id"]] });
        let mut answer = agent().post(format!("{}/api/2.0/mlflow/runs/search", self.uri)).send_json(&body).unwrap();
        let found: Value = answer.body_mut().read_json().unwrap();
        found["runs"].as_array().unwrap().clone()
    }
}

impl Drop for Mlflow {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).status();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(20))).build().into()
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
