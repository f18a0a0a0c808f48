//! Runs in a real MLflow server, which `cargo xtask setup --peers` installs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "tests"
)]

mod support;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::files::Folder;
use support::program::{heimdall, peer};
use support::world::{CONFIG, small_world};

/// A tracking server, ended with the test.
struct Mlflow {
    uri: String,
    child: Child,
}

impl Mlflow {
    fn start(folder: &Folder, port: u16) -> Self {
        let program = peer("mlflow/bin/mlflow");
        let database = format!("sqlite:///{}", folder.path("mlflow.db").display());
        let mut command = Command::new(program);
        command.args(["server", "--host", "127.0.0.1", "--port", &port.to_string(), "--workers", "1"]);
        command.args(["--backend-store-uri", &database, "--artifacts-destination"]).arg(folder.path("artifacts"));
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

    fn get(&self, path: &str) -> Value {
        let mut answer = agent().get(format!("{}/api/2.0/mlflow/{path}", self.uri)).call().unwrap();
        answer.body_mut().read_json().unwrap()
    }

    fn runs(&self) -> Vec<Value> {
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

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_run_is_tracked_also_where_the_server_was_away() {
    let folder = Folder::new();
    let world = small_world(&folder);
    folder.write("config.yaml", CONFIG.replace("epochs: 1", "epochs: 2"));
    let (config, out, port) = (folder.path("config.yaml"), folder.path("run"), free_port());
    let uri = format!("http://127.0.0.1:{port}");
    let train = [Path::new("train"), &world, Path::new("--out"), &out, Path::new("--config"), &config];
    let trained = heimdall(train.into_iter().chain([Path::new("--tracking"), Path::new(&uri)]));
    assert_eq!(trained.code, 0, "a server that is away stops nothing: {}", trained.stderr);
    assert!(trained.stderr.contains("heimdall track"), "{}", trained.stderr);
    let track = || heimdall([Path::new("track"), &out]);
    let away = track();
    assert!(away.code == 1 && away.stderr.contains("cannot be reached"), "{}", away.stderr);

    let server = Mlflow::start(&folder, port);
    let sent = track();
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    assert!(track().stdout.contains("0 messages"), "nothing is sent twice");
    let runs = server.runs();
    let [run] = runs.as_slice() else { panic!("{runs:?}") };
    assert_eq!(run["info"]["status"], "FINISHED");
    let parameter = |key: &str| {
        let all = run["data"]["params"].as_array().unwrap();
        all.iter().find(|one| one["key"] == key).map(|one| one["value"].as_str().unwrap().to_owned())
    };
    assert_eq!(parameter("network.size").as_deref(), Some("probe"));
    assert_eq!(parameter("simulated_scenes").as_deref(), Some("60"));
    // Every value that stands in the run's own table is in the server's history.
    let id = run["info"]["run_id"].as_str().unwrap();
    let history = server.get(&format!("metrics/get-history?run_id={id}&metric_key=rmse_m"));
    let values: Vec<f64> =
        history["metrics"].as_array().unwrap().iter().map(|metric| metric["value"].as_f64().unwrap()).collect();
    let table = std::fs::read_to_string(out.join("learning.csv")).unwrap();
    let column = table.lines().next().unwrap().split(',').position(|name| name == "rmse_m").unwrap();
    let own: Vec<f64> = table.lines().skip(1).filter_map(|line| line.split(',').nth(column)?.parse().ok()).collect();
    assert_eq!(values, own);
    assert!(folder.path("artifacts").is_dir());
    let artifacts = server.get(&format!("artifacts/list?run_id={id}"));
    let names: Vec<&str> =
        artifacts["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert!(["config.yaml", "learning.csv", "model.safetensors", "world.json"].iter().all(|name| names.contains(name)));

    // What is published is a version of a registered model; the one in use has an alias.
    let models = folder.path("models");
    let export = [Path::new("export"), &out, Path::new("--models"), &models, Path::new("--promote-because")];
    let exported = heimdall(export.into_iter().chain([Path::new("a test")]));
    assert_eq!(exported.code, 0, "{}", exported.stderr);
    let model = server.get("registered-models/get?name=north-western-italy");
    assert_eq!(model["registered_model"]["aliases"][0]["alias"], "promoted");
    assert_eq!(model["registered_model"]["latest_versions"][0]["run_id"], id);
    let card = std::fs::read(models.join("north-western-italy/v1.0.0/metadata.json")).unwrap();
    let card: Value = serde_json::from_slice(&card).unwrap();
    assert_eq!(card["tracking_run"], id);
}
