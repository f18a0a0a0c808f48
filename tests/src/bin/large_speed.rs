//! Prints how a recording of 10 GB does: from its drop to the first waterfall, the tab's memory, and frames while panning.
//!
//! `cargo xtask bench large` builds the page, makes the recording and calls this with its path and a number of loads. Every
//! load is a browser with an empty profile.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use heimdall_browser_tests::{Options, Page, in_browser};

/// From the drop until the waterfall's canvas shows a picture.
const LIMIT_MS: f64 = 1000.0;
/// Of the tab's process.
const LIMIT_BYTES: f64 = 150e6;
/// Middle of what a display shows 60 times a second.
const LIMIT_FRAME_MS: f64 = 1000.0 / 60.0 + 1.0;

/// Notes when files are chosen, opens the waterfall as soon as there is a button for it, and notes when its canvas is
/// coloured: in the same task in which the browser is told to show it.
const WATCH: &str = r"
document.getElementById('file-input').addEventListener('change', () => {
  const begun = performance.now();
  let opened = false;
  const coloured = canvas => {
    if (!canvas?.width) return false;
    const { data } = canvas.getContext('2d').getImageData(canvas.width >> 1, 0, 1, canvas.height >> 1);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      count += Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2]) > 24;
    }
    return count > data.length / 16;
  };
  const look = () => {
    const button = document.querySelector('[data-look]');
    if (button && !opened) {
      opened = true;
      button.click();
    }
    if (coloured(document.getElementById('waterfall-picture'))) window.firstMs = performance.now() - begun;
    else requestAnimationFrame(look);
  };
  look();
}, { capture: true, once: true });
";

/// Zooms in, then moves sideways a little for every frame; how long each frame took.
const PAN: &str = r"
const done = arguments[0];
const canvas = document.getElementById('waterfall-picture');
const { left, top, width, height } = canvas.getBoundingClientRect();
const at = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true, cancelable: true };
for (let step = 0; step < 6; step++) canvas.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: -300 }));
const times = [];
const frame = time => {
  times.push(time);
  if (times.length > 240) return done(times.slice(1).map((time, index) => time - times[index]));
  canvas.dispatchEvent(new WheelEvent('wheel', { ...at, deltaX: 8 }));
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
";

/// What one load took.
struct Load {
    empty_bytes: f64,
    first_ms: f64,
    first_bytes: f64,
    panned_bytes: f64,
    frames_ms: Vec<f64>,
}

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let recording = PathBuf::from(arguments.next().context("which recording?")?);
    let loads: usize = arguments.next().and_then(|count| count.to_str()?.parse().ok()).unwrap_or(5).max(1);
    let bytes = std::fs::metadata(&recording)?.len();
    let loads: Vec<Load> = (0..loads)
        .map(|_| {
            let recording = recording.clone();
            in_browser(Options { unlogged: true, ..Options::default() }, async move |page| {
                load(&page, &recording).await
            })
        })
        .collect::<Result<_>>()?;
    println!(
        "a recording of {:.1} GB, {} loads{:>28} {:>8} {:>8}",
        bytes as f64 / 1e9,
        loads.len(),
        "median",
        "worst",
        "limit"
    );
    let mut missed = false;
    let mut row = |what: &str, mut values: Vec<f64>, limit: f64| {
        values.sort_by(f64::total_cmp);
        let median = values.get(values.len() / 2).copied().unwrap_or(f64::NAN);
        println!("{what:<56} {median:>8.1} {:>8.1} {limit:>8.1}", values.last().copied().unwrap_or(f64::NAN));
        missed |= median.is_nan() || median > limit;
    };
    row("from drop to first waterfall, ms", loads.iter().map(|load| load.first_ms).collect(), LIMIT_MS);
    let said = |what: &str, values: Vec<f64>| {
        println!("{what:<56} {:>8.1}", values.iter().sum::<f64>() / values.len() as f64);
    };
    said("the tab's own memory before, mean, MB", loads.iter().map(|load| load.empty_bytes / 1e6).collect());
    row("the tab's own memory then, MB", loads.iter().map(|load| load.first_bytes / 1e6).collect(), LIMIT_BYTES / 1e6);
    row("  after panning, MB", loads.iter().map(|load| load.panned_bytes / 1e6).collect(), LIMIT_BYTES / 1e6);
    row("a frame while panning, ms", loads.iter().flat_map(|load| load.frames_ms.clone()).collect(), LIMIT_FRAME_MS);
    let frames: Vec<f64> = loads.into_iter().flat_map(|load| load.frames_ms).collect();
    let late = frames.iter().filter(|ms| **ms > 1.5 * 1000.0 / 60.0).count();
    println!("{:<56} {:>8.1}", "  of these later than half a frame, %", 100.0 * late as f64 / frames.len() as f64);
    Ok(if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn load(page: &Page, recording: &Path) -> Result<Load> {
    page.script(WATCH).await;
    let empty_bytes = tab_bytes()?;
    page.choose(&[recording]).await;
    let first_ms = page.wait("a waterfall", async || page.script("return window.firstMs ?? null").await.as_f64()).await;
    let first_bytes = tab_bytes()?;
    let frames = page.script_async(PAN).await;
    let frames_ms: Vec<f64> = serde_json::from_value(frames).context("no times of frames")?;
    Ok(Load { empty_bytes, first_ms, first_bytes, panned_bytes: tab_bytes()?, frames_ms })
}

/// Memory that the greatest process of a page has to itself (Linux: `RssAnon`): what Chromium's task manager calls its
/// footprint. There is one browser.
fn tab_bytes() -> Result<f64> {
    let mut greatest = 0.0f64;
    for entry in std::fs::read_dir("/proc")? {
        let process = entry?.path();
        let Ok(command) = std::fs::read(process.join("cmdline")) else { continue };
        if !String::from_utf8_lossy(&command).contains("--type=renderer") {
            continue;
        }
        let Ok(status) = std::fs::read_to_string(process.join("status")) else { continue };
        let kilobytes =
            status.lines().find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?.parse().ok());
        greatest = greatest.max(kilobytes.unwrap_or(0.0) * 1024.0);
    }
    ensure!(greatest > 0.0, "no process of a page was found");
    Ok(greatest)
}
