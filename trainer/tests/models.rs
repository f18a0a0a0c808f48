//! `heimdall locate --models`: a small network (crates/runtime/tests/golden) published for three receivers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};

use heimdall_model::{
    Constellation, DensityCard, FeatureSettings, FileCard, ModelCard, ModelIndex, ONNX_FILE, Promotion, Site,
};
use heimdall_simulate::{SampleFormat, Scene};
use support::files::Folder;
use support::program::{Outcome, heimdall};
use support::scenes;

const ONNX: &[u8] = include_bytes!("../../crates/runtime/tests/golden/tiny.density.onnx");

/// Three receivers, long enough for a network.
fn scene() -> Scene {
    let mut scene = Scene { duration_s: 1.1, ..scenes::scene(7) };
    scene.receivers.truncate(3);
    scene
}

/// Publishes the network for the scene's receivers below `folder`.
fn publish(folder: &Folder, onnx: &[u8]) -> PathBuf {
    let site = |receiver: heimdall_simulate::ReceiverSpec| Site { name: receiver.name, position: receiver.position };
    let constellation = Constellation::new("three".into(), scene().receivers.into_iter().map(site).collect()).unwrap();
    let features = FeatureSettings::for_rate(16e3).unwrap();
    let density = Some(DensityCard { cells: 8, extent_m: 300e3 });
    let (_, outputs) = ModelCard::contract(&constellation, density.as_ref());
    let card = ModelCard {
        version: "v0.0.1".into(),
        outputs,
        files: vec![FileCard::of(ONNX_FILE, ONNX)],
        density,
        ..ModelCard::draft("three", constellation, features).unwrap()
    };
    let mut index = ModelIndex::default();
    index.add(&card.constellation, &card.version);
    let promotion = Promotion { version: card.version.clone(), at: "2026-01-02T03:04:05Z".into(), reason: None };
    index.promote("three", promotion).unwrap();
    std::fs::create_dir_all(folder.path("models/three/v0.0.1")).unwrap();
    folder.write("models/three/v0.0.1/metadata.json", serde_json::to_vec(&card).unwrap());
    folder.write("models/three/v0.0.1/model.onnx", onnx);
    folder.write("models/index.json", serde_json::to_vec(&index).unwrap());
    folder.path("models")
}

fn located(files: &[PathBuf], more: &[&Path]) -> Outcome {
    let flags = ["locate", "--format", "json"].map(Path::new);
    heimdall(flags.into_iter().chain(more.iter().copied()).chain(files.iter().map(PathBuf::as_path)))
}

#[test]
fn the_network_of_these_receivers_speaks_and_may_be_switched_off() {
    let folder = Folder::new();
    let files = folder.write_all(&scenes::files(&scene(), "scene", SampleFormat::Ci16Le));
    let models = publish(&folder, ONNX);
    let asked = located(&files, &[Path::new("--models"), &models]).report();
    let network = &asked.0["network"];
    assert_eq!((&network["spoke"], &network["name"]["version"]), (&true.into(), &"v0.0.1".into()), "{network}");
    assert_eq!(asked.0["fix"]["experts"], serde_json::json!(["neural"]));
    for receiver in asked.0["receivers"].as_array().unwrap() {
        assert!(receiver["occlusion"]["moved_m"].as_f64().unwrap() >= 0.0, "{receiver}");
    }
    let off = located(&files, &[Path::new("--models"), &models, Path::new("--without"), Path::new("neural")]).report();
    assert_eq!(off.0["network"]["sentence"], "Switched off.");
    let mut never = located(&files, &[]).report();
    assert_eq!(never.0["network"], serde_json::Value::Null);
    // Off or never asked: the same fix.
    never.0["network"] = off.0["network"].clone();
    assert_eq!(off.0["fix"], never.0["fix"]);
}

#[test]
fn other_receivers_and_damaged_models_cost_a_sentence_and_not_the_fix() {
    let folder = Folder::new();
    let models = publish(&folder, &ONNX[..7000]);
    let files = folder.write_all(&scenes::files(&scene(), "scene", SampleFormat::Ci16Le));
    let damaged = located(&files, &[Path::new("--models"), &models]).report();
    let sentence = damaged.0["network"]["sentence"].as_str().unwrap();
    assert!(sentence.contains("7000 bytes instead of") && sentence.contains("model.onnx"), "{sentence}");
    assert_eq!(damaged.0["fix"]["experts"], serde_json::json!(["tdoa", "level"]));
    let five = Scene { duration_s: 1.1, ..scenes::scene(7) };
    let files = folder.write_all(&scenes::files(&five, "five", SampleFormat::Ci16Le));
    let other = located(&files, &[Path::new("--models"), &models]).report();
    let sentence = other.0["network"]["sentence"].as_str().unwrap();
    assert!(sentence.contains("No model for these receivers"), "{sentence}");
    let nowhere = located(&files, &[Path::new("--models"), &folder.path("nowhere")]).report();
    assert!(nowhere.0["network"]["sentence"].as_str().unwrap().contains("cannot be read"));
}
