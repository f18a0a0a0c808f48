//! Networks against onnxruntime, and what is refused, natively and in wasm.
//!
//! Refresh the expected values with `tests/golden/make_goldens.py`. In wasm:
//! `CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner cargo test -p heimdall-runtime --test cases
//! --profile web --target wasm32-unknown-unknown --target-dir target/web`.
#![allow(clippy::unwrap_used)]

use heimdall_model::{
    Answer, Constellation, DensityCard, FeatureSettings, FileCard, ModelCard, ONNX_FILE, Planes, Site,
};
use heimdall_recording::Position;
use heimdall_runtime::Localizer;
use serde::Deserialize;
use wasm_bindgen_test::wasm_bindgen_test;

const TINY: &[u8] = include_bytes!("golden/tiny.onnx");
const TINY_DENSITY: &[u8] = include_bytes!("golden/tiny.density.onnx");
const CELLS: DensityCard = DensityCard { cells: 8, extent_m: 400e3 };

#[derive(Deserialize)]
struct Goldens {
    tiny: Golden,
    #[serde(rename = "tiny.density")]
    tiny_density: Golden,
}

#[derive(Deserialize)]
struct Golden {
    position: Vec<f64>,
    covariance: Vec<f64>,
    density: Option<Vec<f32>>,
}

fn goldens() -> Goldens {
    serde_json::from_str(include_str!("golden/answers.json")).unwrap()
}

fn card(receivers: usize, density: Option<DensityCard>, onnx: &[u8]) -> ModelCard {
    let site = |n: usize| Site {
        name: format!("R{n}"),
        position: Position { latitude_deg: 45.0 + 0.1 * (n * n) as f64, longitude_deg: 8.0 + 0.3 * n as f64 },
    };
    let constellation = Constellation::new("tiny".into(), (0..receivers).map(site).collect()).unwrap();
    let (_, outputs) = ModelCard::contract(&constellation, density.as_ref());
    ModelCard {
        outputs,
        files: vec![FileCard::of(ONNX_FILE, onnx)],
        density,
        ..ModelCard::draft("tiny", constellation, FeatureSettings::default()).unwrap()
    }
}

/// The formula of `planes` in make_goldens.py.
fn planes(plane_count: usize) -> Planes {
    let mut state = 5_u32;
    let mut draw = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(state >> 8) / f64::from(1 << 22) - 2.0) as f32
    };
    Planes::new(plane_count, (0..plane_count * 4096).map(|_| draw()).collect()).unwrap()
}

fn answer(density: Option<DensityCard>, onnx: &[u8]) -> Answer {
    Localizer::load(&card(3, density, onnx), onnx).unwrap().answer(&planes(6)).unwrap()
}

/// Within a millionth of the largest value.
fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let off = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(off <= 1e-5 * largest, "off by {off} of {largest}: {found:?} for {expected:?}");
}

#[wasm_bindgen_test(unsupported = test)]
fn answers_are_those_of_onnxruntime() {
    let Goldens { tiny, tiny_density } = goldens();
    let found = answer(None, TINY);
    close(&found.position_enu_m, &tiny.position);
    close(&found.factor_m, &tiny.covariance);
    assert_eq!(found.density, None);
    let found = answer(Some(CELLS), TINY_DENSITY);
    close(&found.position_enu_m, &tiny_density.position);
    let wide = |values: Vec<f32>| values.into_iter().map(f64::from).collect::<Vec<_>>();
    close(&wide(found.density.unwrap()), &wide(tiny_density.density.unwrap()));
}

/// What loading says.
fn refused(card: &ModelCard, onnx: &[u8]) -> String {
    Localizer::load(card, onnx).err().unwrap().to_string()
}

#[wasm_bindgen_test(unsupported = test)]
fn a_file_that_is_not_the_published_one_is_refused_before_it_is_read() {
    let cut = refused(&card(3, None, TINY), &TINY[..5000]);
    assert!(cut.contains("5000 bytes instead of") && cut.contains("fetch it again"), "{cut}");
    let mut damaged = TINY.to_vec();
    damaged[4000] ^= 1;
    assert!(refused(&card(3, None, TINY), &damaged).contains("checksums differ"));
}

#[wasm_bindgen_test(unsupported = test)]
fn what_is_no_network_is_refused_even_where_it_was_published() {
    for onnx in [&b""[..], b"PK\x03\x04 not a network", &TINY[..TINY.len() / 2], &TINY[..TINY.len() - 30]] {
        let message = refused(&card(3, None, onnx), onnx);
        assert!(message.contains("publish the model again") && message.ends_with("model.onnx"), "{message}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_network_of_other_outputs_or_planes_than_its_card_is_refused() {
    let missing = refused(&card(3, Some(CELLS), TINY), TINY);
    assert!(missing.contains("its outputs are position, covariance, not position, covariance, density"), "{missing}");
    let more = refused(&card(3, None, TINY_DENSITY), TINY_DENSITY);
    assert!(more.contains("density, not position, covariance)"), "{more}");
    let finer = DensityCard { cells: 16, ..CELLS };
    assert!(refused(&card(3, Some(finer), TINY_DENSITY), TINY_DENSITY).contains("[1, 16, 16]"));
    let four = refused(&card(4, None, TINY), TINY);
    assert!(four.contains("another than its description states"), "{four}");
}

#[wasm_bindgen_test(unsupported = test)]
fn planes_of_other_receivers_are_refused() {
    let localizer = Localizer::load(&card(3, None, TINY), TINY).unwrap();
    let message = localizer.answer(&planes(10)).unwrap_err().to_string();
    assert!(message.contains("takes 6 planes and was given 10"), "{message}");
}

#[wasm_bindgen_test(unsupported = test)]
fn weights_that_are_not_finite_give_a_sentence_and_no_answer() {
    // The scale of the position, 50 000 as a little-endian float, stands in the file once.
    let scale = 50e3_f32.to_le_bytes();
    let at = TINY.windows(4).position(|bytes| bytes == scale).unwrap();
    let mut onnx = TINY.to_vec();
    onnx[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    let localizer = Localizer::load(&card(3, None, &onnx), &onnx).unwrap();
    let message = localizer.answer(&planes(6)).unwrap_err().to_string();
    assert!(message.contains("not finite") && message.contains("switch the network off"), "{message}");
}
