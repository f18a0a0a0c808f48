//! `POST /api/v1/locate`: many scenes of uploaded recordings, each with its own answer.

use std::path::Path;
use std::process::Command;

use heimdall_simulate::NamedBytes;
use serde_json::{Value, json};

use crate::http::{Client, Response};
use crate::process::Server;
use crate::scenes::standard_files;
use crate::uploading::upload;

/// Uploads files; what a scene names them by.
fn stored(client: &Client, files: &[NamedBytes]) -> Vec<Value> {
    let one = |file: &NamedBytes| {
        let (_, answer) = upload(client, &file.name, &file.bytes, &[]);
        assert_eq!(answer.status, 204, "{answer:?}");
        json!({ "name": file.name, "sha256": answer.header("heimdall-object").unwrap() })
    };
    files.iter().map(one).collect()
}

fn ask(client: &Client, scenes: &[Value]) -> Response {
    let body = serde_json::to_vec(&json!({ "scenes": scenes })).unwrap();
    client.send("POST", "/api/v1/locate", &[("Content-Type", "application/json")], &body)
}

/// The answers to scenes that may be asked for.
fn answers(client: &Client, scenes: &[Value]) -> Vec<Value> {
    let answer = ask(client, scenes);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let answers = answer.json()["answers"].as_array().unwrap().clone();
    assert_eq!(answers.len(), scenes.len());
    answers
}

/// What the command line prints for the same files.
fn printed(folder: &Path, files: &[NamedBytes]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heimdall"));
    command.args(["locate", "--format", "json"]);
    for file in files {
        std::fs::write(folder.join(&file.name), &file.bytes).unwrap();
        command.arg(folder.join(&file.name));
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn each_scene_has_its_answer_whatever_is_wrong_with_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data);
    let files = standard_files();
    let good = stored(&server.client, &files);
    let unknown = [good.as_slice(), &[json!({ "name": "more.wav", "sha256": "0".repeat(64) })]].concat();
    let twice = [good.as_slice(), &good[..1]].concat();
    // Metadata under the name of a recording, among those that can be read, and alone.
    let metadata = good.iter().find(|file| file["name"].as_str().unwrap().ends_with(".sigmf-meta")).unwrap();
    let unreadable = json!({ "name": "odd.sigmf-data", "sha256": metadata["sha256"] });
    let mixed = [good.as_slice(), std::slice::from_ref(&unreadable)].concat();
    let scene = |files: &[Value]| json!({ "files": files });
    let scenes = [scene(&unknown), scene(&good), scene(&twice), scene(&mixed), scene(&[unreadable]), scene(&[])];
    let answers = answers(&server.client, &scenes);

    let error = |index: usize| {
        assert_eq!(answers[index]["report"], Value::Null, "{}", answers[index]);
        answers[index]["error"].as_str().unwrap()
    };
    assert!(error(0).contains(&"0".repeat(64)) && error(0).contains("more.wav"), "{}", error(0));
    assert_eq!(answers[1]["error"], Value::Null);
    assert_eq!(answers[1]["report"], printed(folder.path(), &files));
    assert_eq!(answers[1]["report"]["fix"]["verdict"], "located");
    let body = serde_json::to_vec(&json!({ "scenes": [scene(&good)], "brief": true })).unwrap();
    let brief = server.client.send("POST", "/api/v1/locate", &[("Content-Type", "application/json")], &body).json();
    let brief = &brief["answers"][0]["report"];
    assert_eq!(brief["fix"], answers[1]["report"]["fix"], "the same fix");
    let left_out = |report: &Value| report["receivers"][0]["leave_one_out"].clone();
    assert!(left_out(brief).is_null() && left_out(&answers[1]["report"]).is_object());
    let name = good[0]["name"].as_str().unwrap();
    assert_eq!(error(2), format!("two of its files have the same name: {name}"));
    for (index, verdict) in [(3, "located"), (4, "not_locatable")] {
        let report = &answers[index]["report"];
        assert_eq!(report["fix"]["verdict"], verdict, "{}", answers[index]);
        let refused = &report["refused"][0];
        assert!(refused["name"].as_str().unwrap().starts_with("odd"), "{refused}");
        assert!(refused["reason"].as_str().unwrap().contains("odd.sigmf-data"), "{refused}");
    }
    assert_eq!(error(5), "a scene has 1 to 64 files, and this one has 0");
    let left = std::fs::read_dir(data.join("scenes")).unwrap().count();
    assert_eq!(left, 0, "what scenes were put together in is gone");
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data);
    let files = standard_files();
    let sha256 = stored(&server.client, &files[..1])[0]["sha256"].clone();
    let long = "x".repeat(256);
    let names = ["../x", "a/b", "/etc/passwd", "..", ".", ".hidden", "", "x\0y", long.as_str()];
    let scenes: Vec<Value> =
        names.iter().map(|name| json!({ "files": [{ "name": name, "sha256": sha256 }] })).collect();
    for (answer, name) in answers(&server.client, &scenes).iter().zip(names) {
        let error = answer["error"].as_str().unwrap_or_else(|| panic!("{name}: {answer}"));
        assert!(error.starts_with("a file's name is 1 to 255 bytes without a folder"), "{error}");
    }
    // Nor does what stands where a SHA-256 should.
    let scene = json!({ "files": [{ "name": "x.wav", "sha256": "../../token" }] });
    let answers = answers(&server.client, &[scene]);
    assert!(answers[0]["error"].as_str().unwrap().contains("nothing is stored under"), "{}", answers[0]);
    assert!(!data.join("x").exists() && !folder.path().join("x").exists());
}

#[test]
fn a_request_holds_1_to_100_scenes_and_comes_from_a_contributor() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"));
    let scene = json!({ "files": [] });
    for count in [0, 101] {
        let answer = ask(&server.client, &vec![scene.clone(); count]);
        assert_eq!(answer.status, 422);
        assert!(answer.detail().contains(&format!("1 to 100 scenes, and this one has {count}")), "{answer:?}");
    }
    let body = serde_json::to_vec(&json!({ "name": "Guest", "role": "viewer" })).unwrap();
    let made = server.client.send("POST", "/api/v1/tokens", &[("Content-Type", "application/json")], &body);
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    let viewer = Client { token: Some(secret), ..server.client.clone() };
    assert_eq!(ask(&viewer, std::slice::from_ref(&scene)).status, 403);
    assert_eq!(ask(&Client { token: None, ..viewer }, &[scene]).status, 401);
}
