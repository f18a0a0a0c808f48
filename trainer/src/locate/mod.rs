//! `heimdall locate`

mod answering;
mod folders;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use heimdall_localize::Verdict;
use heimdall_pipeline::export::{self, ExportFormat};
use heimdall_pipeline::{
    Band, Channel, Detail, Plan, Reference, ReferenceScheme, ReferenceSettings, Report, Scene, Settings, Solver,
    TimeWindow, align_clocks, extract, plan,
};
use serde::Serialize;

use crate::facts::Typed;
#[cfg(feature = "models")]
use crate::models::Models;
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
    /// GPX waypoints.
    Gpx,
    /// Cursor on Target events.
    Cot,
    /// A sheet for print: maps and correlations.
    Svg,
    /// A table.
    Csv,
    /// The report with every number.
    Json,
}

impl Format {
    fn write(self, report: &Report) -> String {
        match self {
            Self::Text => export::text(report),
            Self::Geojson => ExportFormat::Geojson.write(report),
            Self::Kml => ExportFormat::Kml.write(report),
            Self::Gpx => ExportFormat::Gpx.write(report),
            Self::Cot => ExportFormat::Cot.write(report),
            Self::Svg => ExportFormat::Svg.write(report),
            Self::Csv => ExportFormat::Csv.write(report),
            Self::Json => ExportFormat::Json.write(report),
        }
    }
}

/// Exit status where there is no fix.
const NO_FIX: u8 = 2;

/// What to locate and how.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Recordings, tables of levels or bearings, tables of receivers; or folders of these, each a scene of its own.
    #[arg(required_unless_present = "answering")]
    files: Vec<PathBuf>,
    /// Take scenes from standard input, a JSON array of files a line, and answer each with a line until it closes. The
    /// folder of models may still be empty.
    #[arg(long, hide = true, conflicts_with = "files")]
    answering: bool,
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
    /// Align recordings without a common clock on this transmitter: its name (DCF77, …) or LAT,LON,HZ[,WIDTH_HZ].
    #[arg(long, value_name = "NAME|LAT,LON,HZ", allow_hyphen_values = true, value_parser = Reference::parse)]
    reference: Option<Reference>,
    /// Receivers were tuned to the reference, then to the wanted signal, then to the reference again, this many seconds
    /// each; a third of the recording without a number.
    #[arg(long, value_name = "SECONDS", requires = "reference", num_args = 0..=1, require_equals = true)]
    reference_parts: Option<Option<f64>>,
    /// The fix alone, sooner: not what it would be without each receiver, nor which of them disagrees with the others.
    #[arg(long)]
    brief: bool,
    /// Also how well these receivers would locate elsewhere: lines of equal bound (JSON and GeoJSON).
    #[arg(long)]
    bounds: bool,
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
    fn detail(&self) -> Detail {
        if self.brief { Detail::Brief } else { Detail::Whole }
    }

    fn settings(&self) -> Settings {
        let band = self.band_center.zip(self.band_width);
        Settings {
            band: band.map(|(center_hz, bandwidth_hz)| Band { center_hz, bandwidth_hz }),
            window: self
                .window_duration
                .map(|duration_s| TimeWindow { start_s: self.window_start.unwrap_or(0.0), duration_s }),
            bias_sigma_s: self.bias_us.map(|us| us * 1e-6),
            gain_sigma_db: self.gain_sigma_db,
            reference: self.reference.clone().map(|reference| ReferenceSettings {
                reference,
                scheme: self
                    .reference_parts
                    .map_or(ReferenceScheme::Inside, |part_s| ReferenceScheme::Parts { part_s }),
            }),
            switched_off: self.switch_off.clone(),
            experts_off: self.without.clone(),
            bounds: self.bounds,
        }
    }
}

/// Prints the answer; exit status 2 where there is no fix.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let locator = Locator::new(arguments);
    if arguments.answering {
        return answering::run(&locator);
    }
    if arguments.files.iter().all(|path| path.is_dir()) {
        return folders::run(&arguments.files, &locator);
    }
    // A folder among files is refused by name, as whatever cannot be opened.
    let report = locator.locate(&arguments.files, arguments.detail())?;
    print(&format!("{}\n", arguments.format.write(&report).trim_end()))?;
    Ok(if report.fix.verdict == Verdict::NotLocatable { ExitCode::from(NO_FIX) } else { ExitCode::SUCCESS })
}

/// What became of one scene of many.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Report(Box<Report>),
    Error(String),
}

impl Answer {
    fn of(located: anyhow::Result<Report>) -> Self {
        located.map_or_else(|error| Self::Error(format!("{error:#}")), |report| Self::Report(Box::new(report)))
    }
}

/// Locates scenes, all in the same way.
struct Locator<'a> {
    arguments: &'a Arguments,
    #[cfg(feature = "models")]
    models: Option<Models>,
}

impl<'a> Locator<'a> {
    fn new(arguments: &'a Arguments) -> Self {
        Self {
            arguments,
            #[cfg(feature = "models")]
            models: arguments.models.as_deref().map(Models::of),
        }
    }

    /// The report of the scene that files hold.
    fn locate(&self, files: &[PathBuf], detail: Detail) -> anyhow::Result<Report> {
        let Arguments { receivers, typed, format, .. } = self.arguments;
        let files: Vec<PathBuf> = files.iter().chain(receivers).cloned().collect();
        let mut opened = open(&files, self.arguments.settings(), typed)?;
        for refusal in &opened.scene.refused {
            eprintln!("heimdall: {}: {}", refusal.name, refusal.reason);
        }
        // Only the JSON report holds checksums, and of a large file they take minutes.
        let inputs = opened.checksums(*format == Format::Json)?;
        if let Some(clocks) = align_clocks(&opened.scene, &opened.sources, &mut |_| ControlFlow::Continue(())) {
            clocks.apply(&mut opened.scene);
        }
        #[cfg(feature = "models")]
        if let Some(models) = self.models.as_ref().filter(|models| !(self.arguments.answering && models.is_empty())) {
            opened.scene.network = models.ask(&opened, detail);
        }
        let channels = match plan(&opened.scene) {
            Some(plan) => extract_all(&mut opened, &plan),
            None => Vec::new(),
        };
        let mut report = Solver::new(detail).solve(&opened.scene, &channels, &mut |_| ControlFlow::Continue(()));
        report.inputs = inputs;
        Ok(report)
    }
}

/// The report of a folder or file, its levels as they were measured: gains that a table states are left aside.
pub(crate) fn report_of(path: &Path, receivers: Option<&Path>) -> anyhow::Result<Report> {
    let mut files = if path.is_dir() { folders::files(path)? } else { vec![path.to_owned()] };
    files.extend(receivers.map(Path::to_owned));
    let mut opened = open(&files, Settings::default(), &Typed::default())?;
    for refusal in &opened.scene.refused {
        eprintln!("heimdall: {}: {}", refusal.name, refusal.reason);
    }
    opened.scene.receivers.iter_mut().for_each(|row| row.gain_offset_db = None);
    let channels = plan(&opened.scene).map(|plan| extract_all(&mut opened, &plan)).unwrap_or_default();
    Ok(Solver::default().solve(&opened.scene, &channels, &mut |_| ControlFlow::Continue(())))
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
