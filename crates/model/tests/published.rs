//! metadata.json and index.json: what is read, what is refused and in which words.
#![allow(clippy::unwrap_used)]

mod common;

use common::constellation;
use heimdall_model::{
    DensityCard, Estimate, Extent, FeatureSettings, FileCard, FusionCard, IndexEntry, MetricsCard, ModelCard,
    ModelIndex, ONNX_FILE,
};
use heimdall_recording::Position;

const ONNX: &[u8] = b"a graph";

fn metrics() -> MetricsCard {
    let estimate = |value: f64| Estimate { value, low: 0.9 * value, high: 1.1 * value };
    MetricsCard {
        method: "network".into(),
        world: "level-only".into(),
        scenes: 2000,
        mean_m: estimate(9_000.0),
        median_m: estimate(7_000.0),
        rmse_m: estimate(11_000.0),
        p90_m: estimate(20_000.0),
        coverage_68: Some(estimate(0.68)),
        coverage_95: None,
    }
}

fn card() -> ModelCard {
    ModelCard {
        created: "2026-01-02T03:04:05Z".into(),
        size: "atto".into(),
        parameters: 3_400_000,
        files: vec![FileCard::of(ONNX_FILE, ONNX), FileCard::of("config.yaml", b"seed: 1")],
        metrics: vec![metrics()],
        temperature: 1.1,
        ..ModelCard::draft("row", constellation(3), FeatureSettings::default()).unwrap()
    }
}

/// What reading says of a card that was changed.
fn refused(change: impl Fn(&mut ModelCard)) -> String {
    let mut card = card();
    change(&mut card);
    let message = ModelCard::parse(&serde_json::to_vec(&card).unwrap()).unwrap_err().to_string();
    // What, what to do, the file's name last.
    assert!(message.contains(": ") && message.ends_with("metadata.json"), "{message}");
    message
}

#[test]
fn a_card_comes_back_as_it_was_written() {
    let card = card();
    assert_eq!(ModelCard::parse(&serde_json::to_vec_pretty(&card).unwrap()).unwrap(), card);
}

#[test]
fn the_contract_is_that_of_three_receivers() {
    let (inputs, outputs) = ModelCard::contract(&constellation(3), None);
    let free = || Extent::Free("N".into());
    let fixed = |extents: &[usize]| -> Vec<Extent> {
        [free()].into_iter().chain(extents.iter().map(|extent| Extent::Fixed(*extent))).collect()
    };
    assert_eq!((inputs[0].name.as_str(), &inputs[0].shape), ("planes", &fixed(&[6, 128, 32])));
    assert_eq!((outputs[0].name.as_str(), &outputs[0].shape), ("position", &fixed(&[2])));
    assert_eq!((outputs[1].name.as_str(), &outputs[1].shape), ("covariance", &fixed(&[3])));
    let json = serde_json::to_value(&inputs[0].shape).unwrap();
    assert_eq!(json, serde_json::json!(["N", 6, 128, 32]));
}

/// A card of a network that gives the probabilities of cells as well.
fn with_cells(cells: usize, extent_m: f64) -> ModelCard {
    let density = Some(DensityCard { cells, extent_m });
    let outputs = ModelCard::contract(&constellation(3), density.as_ref()).1;
    ModelCard { density, outputs, fusion: Some(FusionCard { network: 1.25, tdoa: 0.5, level: 0.0 }), ..card() }
}

#[test]
fn a_card_with_cells_states_a_third_output() {
    let card = with_cells(64, 400e3);
    let json = serde_json::to_value(&card).unwrap();
    assert_eq!(json["outputs"][2]["shape"], serde_json::json!(["N", 64, 64]));
    assert_eq!(json["fusion"], serde_json::json!({"network": 1.25, "tdoa": 0.5, "level": 0.0}));
    assert_eq!(ModelCard::parse(&serde_json::to_vec(&card).unwrap()).unwrap(), card);
}

#[test]
fn cells_and_exponents_out_of_range_are_refused() {
    for (cells, extent_m) in [(7, 1e5), (513, 1e5), (64, 0.0), (64, -1.0)] {
        assert!(refused(|card| *card = with_cells(cells, extent_m)).contains("density"), "{cells} {extent_m}");
    }
    assert!(refused(|card| card.density = with_cells(64, 1e5).density).contains("outputs"));
    assert!(refused(|card| card.outputs = with_cells(64, 1e5).outputs).contains("outputs"));
    for (network, tdoa, level) in [(1.0, 2.1, 0.0), (1.0, 0.0, -0.1), (0.0, 1.0, 0.0), (2.1, 0.0, 0.0)] {
        assert!(refused(|card| card.fusion = Some(FusionCard { network, tdoa, level })).contains("fusion"));
    }
}

#[test]
fn a_card_cut_short_anywhere_is_refused() {
    let json = serde_json::to_vec(&card()).unwrap();
    for length in (0..json.len()).step_by(97) {
        let message = ModelCard::parse(&json[..length]).unwrap_err().to_string();
        assert!(message.contains("cannot be read") && message.contains("fetch it again"), "{length}: {message}");
    }
}

#[test]
fn another_receiver_or_setting_than_at_training_is_refused_by_the_hash() {
    assert!(refused(|card| card.constellation.receivers[1].position.latitude_deg += 1e-6).contains("other features"));
    assert!(refused(|card| card.features.lag_margin = 1.2).contains("train it again"));
    assert!(refused(|card| card.feature_hash = "0".repeat(64)).contains(&"0".repeat(64)));
}

#[test]
fn a_card_whose_tensors_are_not_the_contracts_is_refused() {
    assert!(refused(|card| card.inputs[0].shape[1] = Extent::Fixed(7)).contains("(N, 6, 128, 32)"));
    assert!(refused(|card| card.inputs.clear()).contains("(N, 6, 128, 32)"));
    assert!(refused(|card| card.outputs[1].name = "variance".into()).contains("outputs"));
}

#[test]
fn fields_that_make_no_sense_are_named() {
    assert!(refused(|card| card.name = " ".into()).contains("name"));
    for version in ["", "../v1", ".hidden", "v1/../..", "v 1"] {
        assert!(refused(|card| card.version = version.into()).contains("version"), "{version}");
    }
    for temperature in [0.0, -1.0] {
        assert!(refused(|card| card.temperature = temperature).contains("temperature"));
    }
    assert!(refused(|card| card.files.clear()).contains("files"));
    assert!(refused(|card| card.files[1].name = "/etc/passwd".into()).contains("files"));
    assert!(refused(|card| card.files[1].name = ONNX_FILE.into()).contains("files"));
    assert!(refused(|card| card.files[0].sha256 = "abc".into()).contains("files"));
    assert!(refused(|card| card.metrics[0].rmse_m.low = 1e9).contains("metrics"));
    assert!(refused(|card| card.metrics[0].coverage_68.as_mut().unwrap().high = 1.5).contains("metrics"));
    assert!(
        refused(|card| card.baselines =
            vec![MetricsCard { mean_m: Estimate { value: 1.0, low: -1.0, high: 2.0 }, ..metrics() }])
        .contains("baselines")
    );
}

#[test]
fn files_are_taken_only_as_published() {
    let card = card();
    card.verify(ONNX_FILE, ONNX).unwrap();
    let message = |name: &str, bytes: &[u8]| card.verify(name, bytes).unwrap_err().to_string();
    let short = message(ONNX_FILE, &ONNX[..3]);
    assert!(short.contains("3 bytes instead of 7") && short.contains("fetch it again"), "{short}");
    assert!(message(ONNX_FILE, b"a gropf").contains("checksums differ"));
    assert!(message("model.f16.onnx", ONNX).contains("names no such file"));
    // SHA-256 of "abc": FIPS 180-2, appendix B.1.
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(FileCard::of("x", b"abc").sha256, digest);
}

fn index() -> ModelIndex {
    let entry = |folder: &str, count: usize, promoted: Option<&str>| IndexEntry {
        folder: folder.into(),
        constellation: constellation(count),
        versions: vec!["v1.0.0".into(), "v1.1.0".into()],
        promotions: Vec::new(),
        promoted: promoted.map(Into::into),
    };
    ModelIndex {
        constellations: vec![
            entry("five", 5, Some("v1.1.0")),
            entry("four", 4, Some("v1.0.0")),
            entry("three", 3, None),
        ],
    }
}

#[test]
fn the_promoted_model_with_the_fewest_receivers_missing_is_found() {
    let index = index();
    let positions = [1, 0, 2].map(|place| common::site(place).position);
    let found = index.find(&positions, 50.0).unwrap();
    assert_eq!(found.folder, "four/v1.0.0");
    assert_eq!(found.receivers, [Some(1), Some(0), Some(2), None]);
    assert_eq!(found.constellation, &index.constellations[1].constellation);
    let elsewhere = Position { latitude_deg: 45.0, longitude_deg: 7.0 };
    assert!(index.find(&[elsewhere, positions[0]], 50.0).is_none());
    assert!(ModelIndex::default().find(&positions, 50.0).is_none());
}

#[test]
fn an_index_is_read_whole_or_refused_in_a_sentence() {
    let json = serde_json::to_vec(&index()).unwrap();
    assert_eq!(ModelIndex::parse(&json).unwrap(), index());
    for length in (0..json.len()).step_by(53) {
        let message = ModelIndex::parse(&json[..length]).unwrap_err().to_string();
        assert!(message.contains("list of models cannot be read") && message.ends_with("index.json"), "{message}");
    }
    let refused = |change: fn(&mut ModelIndex)| {
        let mut index = index();
        change(&mut index);
        ModelIndex::parse(&serde_json::to_vec(&index).unwrap()).unwrap_err().to_string()
    };
    assert!(refused(|index| index.constellations[0].promoted = Some("v9".into())).contains("unusable entry, five"));
    assert!(refused(|index| index.constellations[0].folder = "..".into()).contains("unusable entry, .."));
    assert!(refused(|index| index.constellations[1].versions[0] = "a/b".into()).contains("unusable entry, four"));
    assert!(refused(|index| index.constellations[0].constellation.receivers.truncate(1)).contains("2 to 8 receivers"));
}
