//! How many samples a second become picture: decoded, tapered, transformed, and their power pooled, by one core; and how
//! long a second of them takes to become a network's mel bands. What
//! `cargo xtask bench waterfall` runs natively and, in Node, as WebAssembly; it prints one line of JSON.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::hint::black_box;
use std::rc::Rc;

use heimdall_features::{MelSettings, iq_to_mel_spectrogram};
use heimdall_recording::{Content, InputFile, TypedFacts, open};
use heimdall_waterfall::{Computer, Grid, Pass, Piece, Taper, Tile};
use num_complex::Complex32;
use rustfft::FftPlanner;

const FFT_LOG2: u32 = 11;
const SAMPLES: usize = 1 << 22;
const RUNS: usize = 12;
const MEL_RUNS: usize = 41;

#[cfg(not(target_arch = "wasm32"))]
fn seconds() -> f64 {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed().as_secs_f64()
}

/// Of the processor in Node's process, so that other programs on the machine do not count.
#[cfg(target_arch = "wasm32")]
fn seconds() -> f64 {
    use js_sys::Reflect;
    use wasm_bindgen::JsCast;
    let process = Reflect::get(&js_sys::global(), &"process".into()).unwrap();
    let usage: js_sys::Function = Reflect::get(&process, &"cpuUsage".into()).unwrap().unchecked_into();
    let used = usage.call0(&process).unwrap();
    Reflect::get(&used, &"user".into()).unwrap().as_f64().unwrap() / 1e6
}

/// Millions of samples a second of the fastest of some runs.
fn speed(mut run: impl FnMut()) -> f64 {
    let time = |_| {
        let start = seconds();
        run();
        seconds() - start
    };
    let fastest = (0..RUNS).map(time).fold(f64::INFINITY, f64::min);
    SAMPLES as f64 / fastest / 1e6
}

fn picture() -> f64 {
    // A cheap mixture of tones and noise, as 16-bit IQ.
    let mut state = 1_u32;
    let mut number = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 16) as i16) >> 3
    };
    let bytes: Vec<u8> = (0..2 * SAMPLES).flat_map(|_| number().to_le_bytes()).collect();
    let source = Rc::new(bytes);
    let file = InputFile { name: "a_100M_1M.cs16".into(), source: source.clone() };
    let contents = open(&[file], &TypedFacts::default()).unwrap();
    let Some(Content::Recording(recording)) = contents.into_iter().next() else { return 0.0 };
    let grid = Grid { fft_log2: FFT_LOG2, taper: Taper::Hann, column_log2: 15, pool_log2: 3 };
    let tile = Tile { lane: 0, grid, column: 0, row: 0 };
    let piece = Piece { tile, first: 0, columns: (SAMPLES >> 15) as u32, pass: Pass::WHOLE };
    let mut computer = Computer::default();
    speed(|| {
        black_box(computer.levels(&recording, source.as_ref(), &piece).unwrap());
    })
}

/// Milliseconds from a second of IQ at 192 kHz to 128 two-sided mel bands in decibels, median; plans and bands included.
fn mel_ms() -> f64 {
    let settings = MelSettings::default();
    let samples = 0..settings.sample_rate_hz as usize;
    let iq: Vec<Complex32> = samples.map(|n| Complex32::from_polar(0.5, (n as f32).sqrt())).collect();
    let mut times: Vec<f64> = (0..MEL_RUNS)
        .map(|_| {
            let start = seconds();
            black_box(iq_to_mel_spectrogram(black_box(&iq), settings.sample_rate_hz, &settings).unwrap());
            1e3 * (seconds() - start)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[MEL_RUNS / 2]
}

fn decode_alone() -> f64 {
    let bytes: Vec<u8> = (0..4 * SAMPLES).map(|n| ((n * 7) >> 3) as u8).collect();
    let source = Rc::new(bytes);
    let file = InputFile { name: "a_100M_1M.cs16".into(), source: source.clone() };
    let contents = open(&[file], &TypedFacts::default()).unwrap();
    let Some(Content::Recording(recording)) = contents.into_iter().next() else { return 0.0 };
    let mut out = vec![Complex32::ZERO; 1 << 17];
    speed(|| {
        for first in (0..SAMPLES).step_by(1 << 17) {
            black_box(recording.samples(source.as_ref()).read(first as u64, &mut out).unwrap());
        }
    })
}

fn transform_alone() -> f64 {
    let fft = FftPlanner::<f32>::new().plan_fft_forward(1 << FFT_LOG2);
    let mut scratch = vec![Complex32::ZERO; fft.get_inplace_scratch_len()];
    let mut frame: Vec<Complex32> = (0..1 << FFT_LOG2).map(|n| Complex32::new((n as f32).sin(), 0.1)).collect();
    speed(|| {
        for _ in 0..SAMPLES >> FFT_LOG2 {
            fft.process_with_scratch(black_box(&mut frame), &mut scratch);
            // Powers of √N would overflow.
            frame.iter_mut().for_each(|bin| *bin *= 0.022_097);
        }
    })
}

fn main() {
    let line = format!(
        r#"{{"mel_ms":{:.2},"picture":{:.1},"transform":{:.1},"decode":{:.1}}}"#,
        mel_ms(),
        picture(),
        transform_alone(),
        decode_alone()
    );
    #[cfg(not(target_arch = "wasm32"))]
    println!("{line}");
    #[cfg(target_arch = "wasm32")]
    web_sys::console::log_1(&line.into());
}
