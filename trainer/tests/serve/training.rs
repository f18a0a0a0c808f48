//! A training from the API to a version in use, with kills on the way.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::Client;
use crate::mlflow::{Mlflow, free_port};
use crate::process::{Server, command};

/// Nothing here takes longer, even in a build that is not optimised on two busy cores.
const LIMIT: Duration = Duration::from_secs(180);
const EPOCHS: u32 = 4;

/// The data folder with a small world in it.
fn data_folder(folder: &Path) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../worlds/synchronised.json");
    let mut world: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    world["scenes"] = json!({ "training": 60, "validation": 70, "test": 10 });
    world["seeds"] = json!([1]);
    world["on_air"]["sample_rate_hz"] = 16e3.into();
    let data = folder.join("data");
    std::fs::create_dir_all(data.join("worlds")).unwrap();
    std::fs::write(data.join("worlds/small.json"), serde_json::to_vec(&world).unwrap()).unwrap();
    data
}

fn ask(client: &Client, request: &Value) -> Value {
    let body = serde_json::to_vec(request).unwrap();
    let answer = client.send("POST", "/api/v1/trainings", &[("Content-Type", "application/json")], &body);
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// Receivers of one's own, and their constellation's id.
fn constellation(client: &Client) -> Value {
    let made = |path: &str, body: &Value| {
        let body = serde_json::to_vec(body).unwrap();
        let answer = client.send("POST", path, &[("Content-Type", "application/json")], &body);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].clone()
    };
    // Where those of the world are, and other names; one that a table must quote.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../worlds/synchronised.json");
    let world: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let stations = world["constellation"].as_array().unwrap().iter().enumerate();
    let receivers: Vec<Value> = stations
        .map(|(index, station)| {
            let place =
                json!({ "latitude_deg": station["position"]["lat"], "longitude_deg": station["position"]["lon"] });
            made("/api/v1/receivers", &json!({ "name": format!("Roof {index}, north"), "place": place }))
        })
        .collect();
    made("/api/v1/constellations", &json!({ "name": "Roofs, Turin", "receivers": receivers }))
}

fn request() -> Value {
    json!({ "name": "small", "world": "small", "size": "probe", "epochs": EPOCHS })
}

fn view(client: &Client, id: &str) -> Value {
    client.get(&format!("/api/v1/trainings/{id}")).json()
}

/// Waits until the training is so.
fn until(client: &Client, id: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let started = Instant::now();
    loop {
        let view = view(client, id);
        if is_so(&view) {
            return view;
        }
        let log = || String::from_utf8(client.get(&format!("/api/v1/trainings/{id}/log")).body).unwrap();
        assert!(started.elapsed() < LIMIT && view["state"]["stage"] != "failed", "not {what}: {view} {}", log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn stage(view: &Value) -> &str {
    view["state"]["stage"].as_str().unwrap()
}

/// Epochs done.
fn epochs(view: &Value) -> f64 {
    view["course"]["rows"].as_array().unwrap().last().map_or(0.0, |row| row[0].as_f64().unwrap())
}

fn wish(client: &Client, id: &str, verb: &str) -> u16 {
    client.send("POST", &format!("/api/v1/trainings/{id}/{verb}"), &[], b"").status
}

/// The network's file, as the unbroken command gives it.
fn unbroken(folder: &Path, data: &Path) -> Vec<u8> {
    let (run, version) = (folder.join("unbroken"), folder.join("version"));
    let trainings = std::fs::read_dir(data.join("trainings")).unwrap().next().unwrap().unwrap().path();
    let heimdall = |arguments: &[&Path]| {
        let output = Command::new(env!("CARGO_BIN_EXE_heimdall")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let [train, out, config, export, into, weights] =
        ["train", "--out", "--config", "export", "--into", "--weights"].map(Path::new);
    let (receivers, table) = (Path::new("--receivers"), trainings.join("constellation/roofs-turin.csv"));
    let world = data.join("worlds/small.json");
    heimdall(&[train, &world, out, &run, config, &trainings.join("config.yaml"), receivers, &table]);
    heimdall(&[export, &run, into, &version, weights, Path::new("f16")]);
    std::fs::read(version.join("model.onnx")).unwrap()
}

#[test]
fn a_training_survives_kills_and_comes_to_the_unbroken_result() {
    let folder = tempfile::tempdir().unwrap();
    let data = data_folder(folder.path());
    let mut server = Server::start(&data);
    let mut wanted = request();
    wanted["constellation"] = constellation(&server.client);
    let id = ask(&server.client, &wanted)["id"].as_str().unwrap().to_owned();
    until(&server.client, &id, "in its second epoch", |view| epochs(view) >= 1.0);
    server.kill();

    let server = Server::start(&data);
    let going_on = until(&server.client, &id, "running again", |view| stage(view) == "running");
    assert!(going_on["state"]["sentence"].as_str().unwrap().contains("started again"), "{going_on}");
    let listed = server.client.get("/api/v1/trainings").json()["trainings"][0].clone();
    assert_eq!((&listed["id"], &listed["course"]), (&json!(id), &Value::Null), "a list has no courses");
    // A pause, and what makes no sense in it.
    until(&server.client, &id, "past its first epoch again", |view| epochs(view) > 1.0);
    assert_eq!(wish(&server.client, &id, "pause"), 200);
    assert_eq!((wish(&server.client, &id, "pause"), stage(&view(&server.client, &id))), (409, "paused"));
    assert_eq!(server.client.send("DELETE", &format!("/api/v1/trainings/{id}"), &[], b"").status, 409);
    assert_eq!(wish(&server.client, &id, "resume"), 200);
    let published = until(&server.client, &id, "published", |view| stage(view) == "published");
    let columns = published["course"]["columns"].as_array().unwrap();
    assert!(["loss", "rmse_m", "gradient_norm", "learning_rate"].iter().all(|name| columns.contains(&json!(name))));

    let index = server.client.get("/models/index.json").json();
    assert_eq!(index["constellations"][0]["versions"], json!(["v1.0.0"]));
    let receivers = &index["constellations"][0]["constellation"]["receivers"];
    assert_eq!(receivers[2]["name"], "Roof 2, north");
    let folder_of = data.join("trainings").join(&id);
    assert!(folder_of.join("run").is_dir() && !folder_of.join("run/scenes").exists(), "what it heard is gone");
    let broken = server.client.get("/models/roofs-turin/v1.0.0/model.onnx").body;
    assert!(broken == unbroken(folder.path(), &data), "kills and pauses change nothing of the result");
    // So few scenes do not pass; a reason does.
    let promote = |body: &Value| {
        let body = serde_json::to_vec(body).unwrap();
        let path = "/api/v1/models/roofs-turin/promote";
        server.client.send("POST", path, &[("Content-Type", "application/json")], &body)
    };
    assert_eq!(index["constellations"][0]["promoted"], Value::Null);
    assert_eq!(promote(&json!({ "version": "v1.0.0" })).status, 422);
    assert_eq!(promote(&json!({ "version": "--because", "because": "x" })).status, 422);
    assert_eq!(promote(&json!({ "version": "v1.0.0", "because": "a trial" })).status, 200);
    let index = server.client.get("/models/index.json").json();
    assert_eq!(index["constellations"][0]["promoted"], "v1.0.0");
    assert_eq!(server.client.send("DELETE", &format!("/api/v1/trainings/{id}"), &[], b"").status, 204);
    assert_eq!(server.client.get(&format!("/api/v1/trainings/{id}")).status, 404);
}

#[test]
fn a_training_ends_by_itself_after_its_budget_and_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&data_folder(folder.path()));
    let mut wanted = request();
    (wanted["epochs"], wanted["budget_s"]) = (1000.into(), 1.into());
    let id = ask(&server.client, &wanted)["id"].as_str().unwrap().to_owned();
    let published = until(&server.client, &id, "published", |view| stage(view) == "published");
    let done = epochs(&published);
    assert!((1.0..1000.0).contains(&done), "{done} epochs");
    let index = server.client.get("/models/index.json").json();
    assert_eq!(index["constellations"][0]["versions"], json!(["v1.0.0"]));
}

/// Waits for something outside of the server.
fn wait(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < LIMIT, "no {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process was started with this path.
fn is_worked_on(path: &Path) -> bool {
    let path = path.to_string_lossy().into_owned();
    let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path().join("cmdline"));
    processes.filter_map(|file| std::fs::read(file).ok()).any(|line| String::from_utf8_lossy(&line).contains(&path))
}

#[test]
fn a_run_that_a_kill_left_open_is_over_for_the_tracking_server_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = data_folder(folder.path());
    let port = free_port();
    // Nobody listens there yet.
    let start = || {
        let mut command = command(&data);
        command.env("MLFLOW_TRACKING_URI", format!("http://127.0.0.1:{port}"));
        Server::of(command)
    };
    let mut server = start();
    let asked = |epochs: u32| {
        let mut wanted = request();
        wanted["epochs"] = epochs.into();
        ask(&server.client, &wanted)["id"].as_str().unwrap().to_owned()
    };
    let run = |id: &str| data.join("trainings").join(id).join("run");
    let cancelled = asked(1000);
    until(&server.client, &cancelled, "in its first epoch", |view| epochs(view) > 0.0);
    assert_eq!(wish(&server.client, &cancelled, "cancel"), 200);
    let finished = asked(1);
    wait("network", || run(&finished).join("model.safetensors").is_file());
    server.kill();
    wait("end of the program", || !is_worked_on(&run(&finished)));
    // As where the kill came before the run could say that it is over.
    let journal = run(&finished).join("tracking.jsonl");
    let written = std::fs::read_to_string(&journal).unwrap();
    let is_course = |line: &&str| line.starts_with("{\"Parameters") || line.starts_with("{\"Metrics");
    let course: String = written.lines().filter(is_course).map(|line| format!("{line}\n")).collect();
    std::fs::write(&journal, course).unwrap();

    let mlflow = Mlflow::start(folder.path(), port);
    let server = start();
    until(&server.client, &finished, "published", |view| stage(view) == "published");
    let runs = mlflow.runs();
    let status = |id: &str| {
        let state: Value = serde_json::from_slice(&std::fs::read(run(id).join("tracking.json")).unwrap()).unwrap();
        let run = runs.iter().find(|run| run["info"]["run_id"] == state["run_id"]).unwrap();
        run["info"]["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(runs.len(), 2);
    assert_eq!((status(&finished).as_str(), status(&cancelled).as_str()), ("FINISHED", "KILLED"));
}

#[test]
fn trainings_that_cannot_be_are_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&data_folder(folder.path()));
    let refusal = |change: &str, value: Value| {
        let mut request = request();
        request[change] = value;
        let body = serde_json::to_vec(&request).unwrap();
        let headers = [("Content-Type", "application/json")];
        let answer = server.client.send("POST", "/api/v1/trainings", &headers, &body);
        assert!((400..500).contains(&answer.status), "{answer:?}");
        answer.detail()
    };
    assert!(refusal("world", "moon".into()).contains("no world moon"));
    assert!(refusal("size", "huge".into()).contains("huge"));
    assert!(refusal("from_version", "v9.0.0".into()).contains("v9.0.0"));
    assert!(refusal("epoch", 3.into()).contains("epoch"));
    assert_eq!(server.client.get("/api/v1/trainings").json(), json!({ "trainings": [] }));
    assert_eq!(server.client.get("/api/v1/worlds").json()["worlds"][0], "small");
}
