//! Prints what Lighthouse says of the built page, on a phone and on a desktop as it simulates them.
//!
//! `cargo xtask bench lighthouse` builds the page, fetches Lighthouse and calls this with its program and a folder for its
//! reports.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use heimdall_browser_tests::compressing;
use serde_json::Value;

/// Categories and the score that each must reach.
const SCORES: [(&str, f64); 3] = [("performance", 0.90), ("accessibility", 1.0), ("best-practices", 1.0)];
/// What the first of them is made of.
const AUDITS: [&str; 4] =
    ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"];

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (program, folder) = arguments.next().zip(arguments.next()).context("lighthouse PROGRAM FOLDER")?;
    let host = compressing();
    let mut missed = false;
    println!("{:<32} {:>10} {:>10} {:>10}", "", "phone", "desktop", "at least");
    let reports =
        ["mobile", "desktop"].map(|device| report(&program, &folder, device, &format!("http://{}/", host.address)));
    let [phone, desktop] = reports;
    let (phone, desktop) = (phone?, desktop?);
    for (category, least) in SCORES {
        let score = |report: &Value| report["categories"][category]["score"].as_f64().unwrap_or(f64::NAN);
        let (on_phone, on_desktop) = (score(&phone), score(&desktop));
        println!("{category:<32} {:>10.0} {:>10.0} {:>10.0}", 100.0 * on_phone, 100.0 * on_desktop, 100.0 * least);
        missed |= !(on_phone >= least && on_desktop >= least);
    }
    for audit in AUDITS {
        let shown = |report: &Value| report["audits"][audit]["displayValue"].as_str().unwrap_or("").to_owned();
        println!("{audit:<32} {:>10} {:>10}", shown(&phone), shown(&desktop));
    }
    Ok(if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn report(program: &Path, folder: &Path, device: &str, address: &str) -> Result<Value> {
    let path = folder.join(format!("{device}.json"));
    let mut node = Command::new("node");
    node.arg(program).arg(address).args(["--quiet", "--output=json", "--chrome-flags=--headless=new --no-sandbox"]);
    node.arg("--only-categories=performance,accessibility,best-practices").arg("--output-path").arg(&path);
    if device == "desktop" {
        node.arg("--preset=desktop");
    }
    // As the browser tests find theirs.
    if let Some(browser) = std::env::var_os("CHROME") {
        node.env("CHROME_PATH", browser);
    }
    let status = node.status().context("node cannot be run")?;
    ensure!(status.success(), "Lighthouse ended with {status}");
    Ok(serde_json::from_slice(&std::fs::read(&path)?)?)
}
