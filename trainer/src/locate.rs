//! `heimdall locate`

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use heimdall_localize::Verdict;
use heimdall_pipeline::export::{self, ExportFormat};
use heimdall_pipeline::{Band, Channel, Plan, Scene, Settings, Solver, TimeWindow, extract, plan};

use crate::facts::Typed;
use crate::print::print;
use crate::scene::{Opened, open};

/// How the answer is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A few lines for people.
    Text,
    /// GeoJSON of regions, mean and receivers.
    Geojson,
    /// KML of regions, mean and receivers.
    Kml,
    /// A table.
    Csv,
    /// The report with every number.
    Json,
}

/// What to locate and how.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Recordings, tables of levels or bearings, tables of receivers.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Table of receivers: receiver,lat,lon.
    #[arg(long)]
    receivers: Option<PathBuf>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Middle of the band, Hz; with --band-width.
    #[arg(long, requires = "band_width")]
    band_center: Option<f64>,
    /// Width of the band, Hz.
    #[arg(long, requires = "band_center")]
    band_width: Option<f64>,
    /// Start of the time window, seconds after the common start.
    #[arg(long, requires = "window_duration")]
    window_start: Option<f64>,
    /// Length of the time window, seconds.
    #[arg(long)]
    window_duration: Option<f64>,
    /// Arrival-time bias per receiver, 1 σ, µs.
    #[arg(long)]
    bias_us: Option<f64>,
    /// Gain uncertainty of uncalibrated receivers, 1 σ, dB.
    #[arg(long)]
    gain_sigma_db: Option<f64>,
    /// Receiver to leave out; may be repeated.
    #[arg(long)]
    switch_off: Vec<String>,
    /// Expert to leave out (tdoa, level, bearing, neural); may be repeated.
    #[arg(long, value_parser = ["tdoa", "level", "bearing", "neural"])]
    without: Vec<String>,
    /// Folder of published models (index.json beside their folders); the one for these receivers takes part.
    #[cfg(feature = "models")]
    #[arg(long, value_name = "FOLDER")]
    models: Option<PathBuf>,
    #[command(flatten)]
    typed: Typed,
}

impl Arguments {
    fn settings(&self) -> Settings {
        let band = self.band_center.zip(self.band_width);
        Settings {
            band: band.map(|(center_hz, bandwidth_hz)| Band { center_hz, bandwidth_hz }),
            window: self
                .window_duration
                .map(|duration_s| TimeWindow { start_s: self.window_start.unwrap_or(0.0), duration_s }),
            bias_sigma_s: self.bias_us.map(|us| us * 1e-6),
            gain_sigma_db: self.gain_sigma_db,
            switched_off: self.switch_off.clone(),
            experts_off: self.without.clone(),
        }
    }
}

/// Prints the answer; exit status 2 where there is no fix.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let files: Vec<PathBuf> = arguments.files.iter().chain(&arguments.receivers).cloned().collect();
    let mut opened = open(&files, arguments.settings(), &arguments.typed)?;
    for refusal in &opened.scene.refused {
        eprintln!("heimdall: {}: {}", refusal.name, refusal.reason);
    }
    // Only the JSON report holds checksums, and of a large file they take minutes.
    let inputs = opened.checksums(arguments.format == Format::Json)?;
    #[cfg(feature = "models")]
    if let Some(folder) = &arguments.models {
        opened.scene.network = crate::models::ask(folder, &opened);
    }
    let channels = match plan(&opened.scene) {
        Some(plan) => extract_all(&mut opened, &plan),
        None => Vec::new(),
    };
    let mut report = Solver::default().solve(&opened.scene, &channels, &mut |_| ControlFlow::Continue(()));
    report.inputs = inputs;
    let answer = match arguments.format {
        Format::Text => export::text(&report),
        Format::Geojson => ExportFormat::Geojson.write(&report),
        Format::Kml => ExportFormat::Kml.write(&report),
        Format::Csv => ExportFormat::Csv.write(&report),
        Format::Json => ExportFormat::Json.write(&report),
    };
    print(&format!("{}\n", answer.trim_end()))?;
    Ok(if report.fix.verdict == Verdict::NotLocatable { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

/// Channels of all recordings of the plan; one that fails is said so and left out.
fn extract_all(opened: &mut Opened, plan: &Plan) -> Vec<Channel> {
    let Scene { recordings, .. } = &opened.scene;
    let wanted = recordings.iter().zip(&opened.sources).filter(|(entry, _)| plan.recordings.contains(&entry.id));
    wanted
        .filter_map(|(entry, source)| {
            let channel = extract(entry, source.as_ref(), plan, &mut |_| ControlFlow::Continue(()));
            channel.inspect_err(|error| eprintln!("heimdall: {}: {error}", entry.recording.name)).ok()
        })
        .collect()
}
