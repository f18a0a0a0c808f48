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

use std::path::Path;

use serde_json::Value;
use support::files::Folder;
use support::mlflow::{Mlflow, free_port};
use support::program::heimdall;
use support::world::{CONFIG, small_world};

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

    let server = Mlflow::start(&folder.path(""), port);
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
