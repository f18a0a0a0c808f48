//! `heimdall calibrate`: gains of receivers from emissions whose transmitters are known.

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context, bail};
use clap::Args;
use heimdall_localize::{GainModel, GainReading, Geodesy, estimate_gains};
use heimdall_pipeline::Report;
use heimdall_recording::Position;

use crate::locate;
use crate::print::print;

/// 1 σ of shadowing where nothing better is known, dB; with enough levels their scatter takes its place.
const SHADOWING_DB: f64 = 6.0;

/// Estimate by how much each receiver's levels are too high, from emissions of known transmitters.
///
/// The table that it prints is a receivers.csv: drop it beside recordings, or give it to `locate --receivers`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Recordings or tables of levels of one emission (a folder, or a file), and where its transmitter is.
    #[arg(required = true, value_name = "PATH=LAT,LON")]
    emissions: Vec<Emission>,
    /// Table of receivers: receiver,lat,lon.
    #[arg(long)]
    receivers: Option<PathBuf>,
    /// Receiver whose gain counts as right; without it the mean of all gains is zero.
    #[arg(long, value_name = "RECEIVER")]
    fixed: Option<String>,
}

/// An emission of a known transmitter.
#[derive(Clone)]
struct Emission {
    path: PathBuf,
    transmitter: Position,
}

impl FromStr for Emission {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.rsplit_once('=').and_then(|(path, place)| Some((path, Position::parse(place)?)));
        let (path, transmitter) = parts.ok_or("write PATH=LAT,LON, such as monday=45.07,7.69")?;
        Ok(Self { path: path.into(), transmitter })
    }
}

/// A receiver and where it was.
struct Station {
    name: String,
    position: Position,
}

/// Prints the table.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let geodesy = Geodesy::default();
    let mut stations: Vec<Station> = Vec::new();
    let mut readings = Vec::new();
    let mut sources = Vec::new();
    let mut prior = None;
    for (emission, Emission { path, transmitter }) in arguments.emissions.iter().enumerate() {
        let report = locate::report_of(path, arguments.receivers.as_deref())
            .with_context(|| format!("{} could not be read", path.display()))?;
        let found = levels(&report);
        if found.len() < 2 {
            eprintln!(
                "heimdall: {}: fewer than two receivers with level and position; it says nothing.",
                path.display()
            );
        }
        for (name, position, level_db, sigma_db) in found {
            let receiver = stations.iter().position(|station| station.name == name).unwrap_or_else(|| {
                stations.push(Station { name: name.clone(), position });
                stations.len() - 1
            });
            let distance_m = geodesy.distance_m(*transmitter, position);
            readings.push(GainReading { emission, receiver, distance_m, level_db, sigma_db });
            sources.push(format!("{} in {}", name, path.display()));
        }
        prior.get_or_insert(report.effective.level_prior);
    }
    let prior = prior.unwrap_or_default();
    let model = GainModel {
        exponent_mean: prior.exponent_mean,
        exponent_sigma: prior.exponent_sigma,
        shadowing_db: SHADOWING_DB,
    };
    let index = |name: &String| stations.iter().position(|station| station.name.eq_ignore_ascii_case(name));
    let fixed = match &arguments.fixed {
        Some(name) => Some(index(name).with_context(|| format!("{name} heard none of the emissions"))?),
        None => None,
    };
    let gains = match estimate_gains(&readings, stations.len(), model, fixed) {
        Ok(gains) => gains,
        Err(heimdall_localize::NoGains::Apart(a, b)) => {
            let name = |index: usize| stations.get(index).map_or("?", |station| station.name.as_str());
            bail!(
                "{} shares no emission with {}, not even by way of others, so their gains cannot be compared. Record an \
                 emission that both hear.",
                name(a),
                name(b)
            );
        }
        Err(error) => return Err(error.into()),
    };
    for contradicted in gains.contradicted.iter().filter_map(|index| sources.get(*index)) {
        eprintln!("heimdall: the level of {contradicted} contradicts the others and hardly counts.");
    }
    eprintln!(
        "heimdall: path-loss exponent {:.2}, levels scatter by {:.1} dB; {} levels of {} emissions.",
        gains.exponent,
        gains.scatter_db,
        readings.len(),
        arguments.emissions.len()
    );
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["receiver", "lat", "lon", "gain_offset_db", "sigma_db"])?;
    for (station, gain) in stations.iter().zip(&gains.gains) {
        let Some(gain) = gain else { continue };
        table.write_record([
            station.name.clone(),
            station.position.latitude_deg.to_string(),
            station.position.longitude_deg.to_string(),
            format!("{:.2}", gain.offset_db),
            // The reader wants a σ above zero; the fixed receiver's is one of convention.
            format!("{:.2}", gain.sigma_db.max(0.01)),
        ])?;
    }
    print(&String::from_utf8_lossy(&table.into_inner()?))?;
    Ok(ExitCode::SUCCESS)
}

/// Name, position, level and the σ of its measurement of each receiver that has both.
fn levels(report: &Report) -> Vec<(String, Position, f64, f64)> {
    let of = |receiver: &heimdall_pipeline::ReceiverReport| {
        let level = receiver.level?;
        // What is unknown of the gain is what is looked for.
        let gain_db = if level.calibrated { 0.0 } else { report.effective.gain_sigma_db };
        let sigma_db = (level.sigma_db.powi(2) - gain_db * gain_db).max(0.25).sqrt();
        Some((receiver.name.clone(), receiver.position.as_ref()?.value, level.level_db, sigma_db))
    };
    report.receivers.iter().filter_map(of).collect()
}
