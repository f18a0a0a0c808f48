//! How fast samples become picture, and a network's mel bands, one core: as WebAssembly in Node beside the native build and
//! others' programs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Options;
use crate::{paths, process, setup};

/// Millions of samples a second that the page must reach.
const LEAST_SPEED: f64 = 120.0;
/// Milliseconds that a second of samples may take to become mel bands, in the page and natively.
const MOST_MEL_MS: [f64; 2] = [6.5, 3.0];
const PEER: &str = include_str!("waterfall/peer.py");
const NODE_PEER: &str = include_str!("waterfall/peer.mjs");
/// Transforms for browsers.
const PACKAGES: [(&str, &str); 2] = [("fft.js", "4.0.4"), ("@echogarden/pffft-wasm", "0.4.2")];

/// Prints the table; an error where the page is too slow.
pub fn run(_: &Options) -> Result<()> {
    let ready = setup::page()?;
    if paths::on_path("node").is_none() {
        bail!("the bench of the waterfall runs WebAssembly in Node, and there is no `node` on PATH: install Node 20");
    }
    let python = setup::librosa()?;
    let folder = paths::target().join("bench").join("waterfall");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let (peer, node_peer) = (folder.join("peer.py"), folder.join("peer.mjs"));
    fs::write(&peer, PEER)?;
    fs::write(&node_peer, NODE_PEER)?;
    let mut node_peers = process::command("node");
    node_peers.arg(node_peer);
    for (name, version) in PACKAGES {
        // A folder each: npm takes away what it was not asked for.
        let own = folder.join("npm").join(name);
        node_peers.arg(setup::npm_package(&own, name, version, "transforms to measure ours beside")?);
    }

    let mut native =
        process::cargo(&["run", "--quiet", "--release", "--package", "heimdall-waterfall", "--example", "speed"]);
    let native = figures(&process::capture(&mut native)?)?;
    let page = figures(&process::capture(process::command("node").arg(page(&ready, &folder)?))?)?;
    let peers = figures(&process::capture(process::command(python).arg(peer))?)?;
    let node_peers = figures(&process::capture(&mut node_peers)?)?;

    let (native_speed, page_speed) = (speed(&native, "picture"), speed(&page, "picture"));
    println!("{:<44} {:>8} {:>18}", "2048 points, Hann, 16-bit IQ, one core", "MS/s", "page over it");
    let line = |name: &str, speed: f64| println!("{name:<44} {speed:>8.1} {:>18.2}", page_speed / speed);
    line("page (WebAssembly in Node)", page_speed);
    line("  of this, decoding alone", speed(&page, "decode"));
    line("  of this, rustfft alone", speed(&page, "transform"));
    line("native", native_speed);
    line("NumPy", speed(&peers, "numpy"));
    line("SciPy", speed(&peers, "scipy"));
    line("fft.js in Node", speed(&node_peers, "picture_fftjs"));
    let heading = "1 s at 192 kHz to 128 mel bands in dB, one core, median";
    println!("\n{heading:<58} {:>8} {:>18}", "ms", "it over the page");
    let page_ms = speed(&page, "mel_ms");
    let mels = [
        ("page (WebAssembly in Node)", page_ms),
        ("native", speed(&native, "mel_ms")),
        ("SciPy", speed(&peers, "mel_scipy")),
        ("librosa, I and Q each by itself", speed(&peers, "mel_librosa")),
        ("fft.js in Node", speed(&node_peers, "fftjs")),
        ("PFFFT, WebAssembly with SIMD in Node", speed(&node_peers, "pffft")),
    ];
    for (name, ms) in mels {
        println!("{name:<58} {ms:>8.2} {:>18.2}", ms / page_ms);
    }
    for ((name, ms), most) in mels.iter().zip(MOST_MEL_MS) {
        if *ms > most {
            bail!("{name}: mel bands take {ms:.1} ms, and may take {most} ms");
        }
    }
    if page_speed < LEAST_SPEED {
        bail!("the page makes {page_speed:.0} million samples a second, and must make {LEAST_SPEED:.0}");
    }
    Ok(())
}

/// The measurement, built as the page's worker is.
fn page(ready: &setup::Ready, folder: &Path) -> Result<PathBuf> {
    let mut cargo = ready.web_cargo()?;
    cargo.args(["build", "--package", "heimdall-waterfall", "--example", "speed", "--profile", "web", "--target"]);
    process::run(cargo.arg(setup::WEB_TARGET))?;
    let built: PathBuf = [setup::WEB_TARGET, "web", "examples", "speed.wasm"].iter().collect();
    let mut bindgen = ready.wasm_bindgen();
    bindgen.args(["--target", "nodejs", "--no-typescript", "--out-dir"]).arg(folder);
    process::capture(bindgen.arg(paths::web_target().join(built)))?;
    Ok(folder.join("speed.js"))
}

fn figures(line: &str) -> Result<Value> {
    serde_json::from_str(line.trim()).with_context(|| format!("no figures in {line:?}"))
}

fn speed(figures: &Value, name: &str) -> f64 {
    figures.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN)
}
