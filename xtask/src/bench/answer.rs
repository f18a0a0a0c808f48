//! How good an answer on real recordings is, where their truth lies beside them. Only benches and tests read it.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

/// Runs the command and prints error, area and whether the 95 % region holds the truth.
pub fn print(command: &[OsString], truth: &Path) -> Result<()> {
    let Ok(truth) = fs::read_to_string(truth) else {
        println!("no truth.json beside the recordings: accuracy not measured");
        return Ok(());
    };
    let truth = place(&serde_json::from_str(&truth)?).context("truth.json has no lat and lon")?;
    let (program, arguments) = command.split_first().context("an empty command")?;
    let output = Command::new(program).args(arguments).output()?;
    let report: Value = serde_json::from_slice(&output.stdout).context("the report is no JSON")?;
    let fix = &report["fix"];
    println!("{:<24} {}", "verdict", fix["verdict"].as_str().unwrap_or("none"));
    for name in ["mean", "mode"] {
        let place = place(&fix[name]).with_context(|| format!("no {name}"))?;
        println!("{:<24} {:.2} km from the truth (reach 3, aim 1.5)", name, distance_km(place, truth));
    }
    for region in fix["regions"].as_array().into_iter().flatten() {
        let probability = region["probability"].as_f64().unwrap_or(f64::NAN);
        let area = region["area_km2"].as_f64().unwrap_or(f64::NAN);
        let holds = if holds(&region["geometry"], truth) { "holds" } else { "does not hold" };
        println!("{:<24} {area:.1} km², {holds} the truth", format!("{:.0} % region", 100.0 * probability));
    }
    Ok(())
}

/// (lat, lon) in degrees.
fn place(value: &Value) -> Option<(f64, f64)> {
    Some((value["lat"].as_f64()?, value["lon"].as_f64()?))
}

/// On the sphere of mean radius: right to 0.5 %, which is enough for kilometres.
fn distance_km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
    let (half_lat, half_lon) = ((lat_b - lat_a) / 2.0, (b.1 - a.1).to_radians() / 2.0);
    let h = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lon.sin().powi(2);
    2.0 * 6371.0 * h.sqrt().asin()
}

/// Even–odd rule over all rings of a MultiPolygon.
fn holds(geometry: &Value, (lat, lon): (f64, f64)) -> bool {
    let rings = geometry["coordinates"].as_array().into_iter().flatten().filter_map(Value::as_array).flatten();
    let vertex = |v: &Value| Some((v[0].as_f64()?, v[1].as_f64()?));
    let crossings = |ring: &Value| {
        let vertices: Vec<(f64, f64)> = ring.as_array().into_iter().flatten().filter_map(vertex).collect();
        let crosses = |edge: &&[(f64, f64)]| {
            let ((x1, y1), (x2, y2)) = (edge[0], edge[1]);
            (y1 > lat) != (y2 > lat) && lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1)
        };
        vertices.windows(2).filter(crosses).count()
    };
    rings.map(crossings).sum::<usize>() % 2 == 1
}
