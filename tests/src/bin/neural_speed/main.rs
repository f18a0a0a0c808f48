//! Prints what networks take in a browser by our runtime and by onnxruntime-web: a worker each, one thread, SIMD.
//!
//! Both run in turns on the same planes in the page as built, and must give the same answer. `cargo xtask bench neural`
//! builds what is measured and calls this with the number of runs and the versions of tract and onnxruntime-web.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use heimdall_browser_tests::{Options, Page, dist, in_browser};
use serde_json::{Value, json};

const TURNS: &str = include_str!("turns.js");
/// A scene for both networks.
const PLANES: &str = "/bench/large/planes.f32";
/// Largest difference of an answer's numbers, over the largest of them.
const AGREEMENT: f64 = 1e-4;

/// Of the constellation that the example `export_parity` makes up, metres.
const PARITY_SCALE_M: f64 = 50_000.0;

/// A network and what it may take.
struct Case {
    name: &'static str,
    /// Its file's address; `None` for the page's own network.
    onnx: Option<&'static str>,
    warm_up: usize,
    limit_ms: f64,
    /// Of the module's memory.
    limit_bytes: f64,
    /// Of the file.
    limit_fetched_bytes: f64,
}

const CASES: [Case; 3] = [
    Case {
        name: "the page's Atto",
        onnx: None,
        warm_up: 10,
        limit_ms: 20.0,
        limit_bytes: 1e9,
        limit_fetched_bytes: 1e7,
    },
    Case {
        name: "ConvNeXt-Large",
        onnx: Some("/bench/large/model.f16.onnx"),
        warm_up: 3,
        limit_ms: 500.0,
        limit_bytes: 4e9,
        limit_fetched_bytes: 4e8,
    },
    Case {
        name: "Large, 8 bits",
        onnx: Some("/bench/large/model.i8.onnx"),
        warm_up: 3,
        limit_ms: 500.0,
        limit_bytes: 1.5e9,
        limit_fetched_bytes: 2e8,
    },
];

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [runs, tract, onnxruntime] = arguments.as_slice() else {
        anyhow::bail!("which number of runs, tract and onnxruntime-web? `cargo xtask bench neural` says them");
    };
    let runs: usize = runs.parse()?;
    println!(
        "heimdall: tract {tract}, simd128; onnxruntime: onnxruntime-web {onnxruntime}, wasm, SIMD; one thread each"
    );
    let model = promoted()?;
    let mut missed = Vec::new();
    missed.extend(parity(&model)?);
    for case in &CASES {
        missed.extend(measure(case, &model, runs)?);
    }
    for sentence in &missed {
        eprintln!("error: {sentence}");
    }
    Ok(if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Address of the folder of the network that the page uses.
fn promoted() -> Result<String> {
    let index: Value = serde_json::from_slice(&std::fs::read(dist().join("models/index.json"))?)?;
    let first = &index["constellations"][0];
    let part = |name: &str| first[name].as_str().with_context(|| format!("the index of models has no {name}"));
    Ok(format!("/models/{}/{}", part("folder")?, part("promoted")?))
}

/// What `turns.js` measures in the page, given these.
fn figures(parts: Vec<Value>) -> Value {
    in_browser(Options { patient: true, ..Options::default() }, async move |page| measured(&page, parts).await)
}

/// Prints how far both runtimes are from the training framework; gives those that are too far.
fn parity(model: &str) -> Result<Vec<String>> {
    let file = |name: &str| json!(format!("/bench/atto/{name}"));
    let card = json!(format!("{model}/metadata.json"));
    let expected = file("predictions.f32");
    let figures = figures(vec![card, file("model.onnx"), file("planes.f32"), json!(0), json!(0), expected]);
    let runtimes = figures.as_array().with_context(|| format!("the page compared nothing: {figures}"))?;
    let mut missed = Vec::new();
    println!(
        "\nan Atto with random weights on 64 scenes, largest difference from the training framework over the scale"
    );
    for runtime in runtimes {
        let name = runtime["name"].as_str().unwrap_or_default();
        // NaN, of a runtime that failed, is too far as well.
        let apart = runtime["apart"].as_f64().unwrap_or(f64::NAN) / PARITY_SCALE_M;
        println!("{name:<16} {apart:>10.1e}");
        if apart.is_nan() || apart > AGREEMENT {
            missed.push(format!("{name} differs by {apart:.1e}: {}", runtime["failed"]));
        }
    }
    Ok(missed)
}

/// Prints a table; gives what is over its limit.
fn measure(case: &Case, model: &str, runs: usize) -> Result<Option<String>> {
    let card = format!("{model}/metadata.json");
    let onnx = case.onnx.map_or_else(|| format!("{model}/model.onnx"), str::to_owned);
    let figures = figures(vec![json!(card), json!(onnx), json!(PLANES), json!(case.warm_up), json!(runs), json!(null)]);
    let runtimes = figures.as_array().with_context(|| format!("the page measured nothing: {figures}"))?;
    println!(
        "\n{:<16} {:>10} {:>10} {:>10} {:>10} {:>10}",
        case.name, "load, ms", "MB", "1st qu., ms", "median", "3rd qu."
    );
    let mut medians = Vec::new();
    for runtime in runtimes {
        let name = runtime["name"].as_str().unwrap_or_default();
        if let Some(reason) = runtime["failed"].as_str() {
            println!("{name:<16} failed: {reason}");
            continue;
        }
        let [first, median, third] = quartiles(&runtime["times_ms"]);
        let number = |key: &str| runtime[key].as_f64().unwrap_or(f64::NAN);
        let megabytes = number("bytes") / 1e6;
        println!("{name:<16} {:>10.0} {megabytes:>10.0} {first:>11.1} {median:>10.1} {third:>10.1}", number("load_ms"));
        medians.push(median);
    }
    if let [Some(ours), Some(theirs)] = [0, 1].map(|index| runtimes.get(index)) {
        agree(&ours["answer"], &theirs["answer"])?;
    }
    if let [ours, theirs] = medians.as_slice() {
        println!("{runs} runs in turns: the ratio of medians is {:.2}, aim 1.0", ours / theirs);
    }
    let ours = runtimes.first().context("no runtime was measured")?;
    let (median, bytes) = (quartiles(&ours["times_ms"])[1], ours["bytes"].as_f64().unwrap_or(f64::NAN));
    let fetched = ours["fetched_bytes"].as_f64().unwrap_or(f64::NAN);
    let took = format!("{median:.1} ms, {:.0} MB of memory, a file of {:.1} MB", bytes / 1e6, fetched / 1e6);
    let limits = [case.limit_ms, case.limit_bytes / 1e6, case.limit_fetched_bytes / 1e6];
    let [ms, memory, file] = limits.map(|limit| format!("{limit:.0}"));
    println!("{took}; limits {ms} ms, {memory} MB, {file} MB");
    let within = median <= case.limit_ms && bytes <= case.limit_bytes && fetched <= case.limit_fetched_bytes;
    Ok((!within).then(|| format!("{} by our runtime: {took}", case.name)))
}

async fn measured(page: &Page, parts: Vec<Value>) -> Value {
    page.script_with(TURNS, parts).await;
    loop {
        let figures = page.script("return window.measured").await;
        if !figures.is_null() {
            return figures;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// An error where both answered, and not alike.
fn agree(ours: &Value, theirs: &Value) -> Result<()> {
    let numbers = |value: &Value| value.as_array().map(|all| all.iter().filter_map(Value::as_f64).collect::<Vec<_>>());
    let Some((ours, theirs)) = numbers(ours).zip(numbers(theirs)) else { return Ok(()) };
    let largest = theirs.iter().fold(0.0, |most: f64, number| most.max(number.abs()));
    let off = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    ensure!(ours.len() == theirs.len() && off <= AGREEMENT * largest, "the answers differ: {ours:?} and {theirs:?}");
    Ok(())
}

/// First quartile, median, third quartile.
fn quartiles(times: &Value) -> [f64; 3] {
    let mut times: Vec<f64> = times.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    let last = times.len().saturating_sub(1) as f64;
    [0.25, 0.5, 0.75].map(|share| {
        let at = last * share;
        let value = |index: f64| times.get(index as usize).copied().unwrap_or(f64::NAN);
        value(at.floor()) + (value(at.ceil()) - value(at.floor())) * at.fract()
    })
}
