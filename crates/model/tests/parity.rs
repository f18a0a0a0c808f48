//! Planes against NumPy, SciPy and librosa, natively and in wasm: both lie within half of what the two may differ.
//!
//! Refresh the expected values with `tests/golden/make_goldens.py`. In wasm:
//! `CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner cargo test -p heimdall-model --test parity
//! --target wasm32-unknown-unknown`.
#![allow(clippy::unwrap_used)]

use std::f64::consts::TAU;

use heimdall_model::{Constellation, FeatureSettings, PLANE_COLUMNS, PLANE_ROWS, ReceiverInput, Site, planes};
use heimdall_recording::Position;
use num_complex::{Complex32, Complex64};
use serde::Deserialize;
use wasm_bindgen_test::wasm_bindgen_test;

#[derive(Deserialize)]
struct Golden {
    columns: Vec<usize>,
    planes: Vec<Vec<f32>>,
}

/// Uniform noise in −0.5…0.5 of a 32-bit linear congruential generator.
fn uniform(count: usize, seed: u32) -> Vec<f64> {
    let mut state = seed;
    let mut draw = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24) - 0.5
    };
    (0..count).map(|_| draw()).collect()
}

/// The formula of `heard` in make_goldens.py.
fn heard(rate_hz: f64, start_s: f64, delay_s: f64, gain: f64, seed: u32) -> Vec<Complex32> {
    let drawn = uniform(48, 7);
    let noise = uniform(384_000, seed);
    (0..192_000)
        .map(|n| {
            let time_s = start_s + n as f64 / rate_hz - delay_s;
            let tone = |d: &[f64]| Complex64::cis(TAU * (140e3 * d[0] * time_s + d[1]));
            let tones: Complex64 = drawn.chunks(2).map(tone).sum();
            let sum = (tones / 5.0 + Complex64::new(noise[2 * n], noise[2 * n + 1]) * 0.05) * gain;
            Complex32::new(sum.re as f32, sum.im as f32)
        })
        .collect()
}

#[wasm_bindgen_test(unsupported = test)]
fn planes_are_those_of_numpy() {
    let golden: Golden = serde_json::from_str(include_str!("golden/planes.json")).unwrap();
    let site = |longitude_deg: f64| Site {
        name: longitude_deg.to_string(),
        position: Position { latitude_deg: 0.0, longitude_deg },
    };
    let constellation = Constellation::new("equator".into(), vec![site(10.0), site(11.35)]).unwrap();
    let first = heard(192_000.0, 0.0, 0.0, 0.2, 1);
    let second = heard(192_003.0, 0.0017, 213.4e-6, 0.05, 2);
    let input = |samples, sample_rate_hz, start_s, full_scale_dbm| {
        Some(ReceiverInput { samples, sample_rate_hz, full_scale_dbm, start_s, common_clock: true })
    };
    let inputs = [input(&first, 192_000.0, 0.0, -20.0), input(&second, 192_003.0, 0.0017, -25.0)];
    let settings = FeatureSettings::default();
    let made = planes(&constellation, &settings, &inputs).unwrap();
    for (index, expected) in golden.planes.iter().enumerate() {
        // 5e-4 dB in a mel plane, 5e-5 in a correlogram: half of 1e-3 dB and 1e-4.
        let allowed = if index < 2 { 5e-4 / settings.level_scale_db as f32 } else { 5e-5 };
        let plane = made.plane(index);
        let mut worst = (0.0f32, 0, 0);
        for (place, column) in golden.columns.iter().enumerate() {
            let expected_at = |row: usize| expected[row * golden.columns.len() + place];
            let peak = (0..PLANE_ROWS).map(expected_at).fold(f32::NEG_INFINITY, f32::max);
            for row in 0..PLANE_ROWS {
                let value = plane[row * PLANE_COLUMNS + column];
                if index == 2 || expected_at(row) > peak - 60.0 / settings.level_scale_db as f32 {
                    let off = (value - expected_at(row)).abs();
                    worst = if off > worst.0 { (off, row, *column) } else { worst };
                }
            }
        }
        let (off, row, column) = worst;
        assert!(off <= allowed, "plane {index}, row {row}, column {column}: off by {off}, allowed {allowed}");
    }
}
