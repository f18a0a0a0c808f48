//! The course of a run: a table, and a picture of it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use heimdall_model::LEARNING_FILE;
use heimdall_network::Progress;
use plotters::coord::Shift;
use plotters::prelude::*;
use serde::{Deserialize, Serialize};

const PICTURE: &str = "learning.svg";
/// Steps of an epoch that one row stands for.
const EVERY: usize = 10;

/// A row: a moment of the run, with the validation scenes' errors at the end of an epoch.
#[derive(Clone, Copy, Deserialize, Serialize)]
struct Moment {
    /// Epochs done.
    epochs: f64,
    /// Mean over the epoch's steps so far.
    loss: f64,
    learning_rate: f64,
    gradient_norm: f64,
    scenes_per_s: f64,
    /// Until the last epoch is done.
    remaining_s: f64,
    rmse_m: Option<f64>,
    median_m: Option<f64>,
    coverage_68: Option<f64>,
    coverage_95: Option<f64>,
}

/// What is kept of a run in its folder.
pub(super) struct Curve {
    folder: PathBuf,
    moments: Vec<Moment>,
}

impl Curve {
    /// The curve of a new run, or of one that goes on.
    pub(super) fn new(folder: &Path, resumed: bool) -> Result<Self> {
        let path = folder.join(LEARNING_FILE);
        let moments = if resumed && path.exists() {
            let rows = csv::Reader::from_path(&path)?.into_deserialize().collect::<Result<_, csv::Error>>();
            rows.with_context(|| path.display().to_string())?
        } else {
            Vec::new()
        };
        Ok(Self { folder: folder.to_owned(), moments })
    }

    /// Takes a moment into the table, which others may read meanwhile; the picture is drawn at the end of an epoch.
    pub(super) fn take(&mut self, progress: &Progress) -> Result<()> {
        let ended = progress.validation;
        if ended.is_none() && !progress.step.is_multiple_of(EVERY) {
            return Ok(());
        }
        let epochs = (progress.epoch - 1) as f64 + progress.step as f64 / progress.steps as f64;
        // A run that goes on repeats the epoch that it was stopped in.
        self.moments.retain(|moment| moment.epochs < epochs);
        self.moments.push(Moment {
            epochs,
            loss: progress.loss,
            learning_rate: progress.learning_rate,
            gradient_norm: progress.gradient_norm,
            scenes_per_s: progress.scenes_per_s,
            remaining_s: progress.remaining.as_secs_f64(),
            rmse_m: ended.map(|metrics| metrics.rmse_m),
            median_m: ended.map(|metrics| metrics.median_m),
            coverage_68: ended.map(|metrics| metrics.coverage_68),
            coverage_95: ended.map(|metrics| metrics.coverage_95),
        });
        self.write()?;
        if ended.is_some() { self.draw() } else { Ok(()) }
    }

    fn write(&self) -> Result<()> {
        let (path, partial) = (self.folder.join(LEARNING_FILE), self.folder.join(format!(".{LEARNING_FILE}.partial")));
        let failed = || format!("cannot write {}", path.display());
        let mut table = csv::Writer::from_path(&partial).with_context(failed)?;
        self.moments.iter().try_for_each(|moment| table.serialize(moment)).with_context(failed)?;
        table.flush().with_context(failed)?;
        std::fs::rename(&partial, &path).with_context(failed)
    }

    fn draw(&self) -> Result<()> {
        let path = self.folder.join(PICTURE);
        let root = SVGBackend::new(&path, (760, 640)).into_drawing_area();
        let failed = |error: String| anyhow!("cannot draw {}: {error}", path.display());
        root.fill(&WHITE).map_err(|error| failed(error.to_string()))?;
        let (above, below) = root.split_vertically(320);
        let loss: Vec<(f64, f64)> = self.moments.iter().map(|moment| (moment.epochs, moment.loss)).collect();
        panel(&above, "training loss, mean of the epoch so far", &[("loss", loss)]).map_err(failed)?;
        let errors = |of: fn(&Moment) -> Option<f64>| -> Vec<(f64, f64)> {
            self.moments.iter().filter_map(|moment| Some((moment.epochs, of(moment)? / 1e3))).collect()
        };
        let lines = [("RMSE", errors(|moment| moment.rmse_m)), ("median", errors(|moment| moment.median_m))];
        panel(&below, "error on validation scenes, km", &lines).map_err(failed)?;
        root.present().map_err(|error| failed(error.to_string()))
    }
}

/// The ends of all values, with a margin.
fn range(values: impl Iterator<Item = f64>) -> Range<f64> {
    let finite = values.filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    if low > high { 0.0..1.0 } else { low - 0.05 * (high - low) - 1e-6..high + 0.05 * (high - low) + 1e-6 }
}

/// Lines over epochs.
fn panel(area: &DrawingArea<SVGBackend, Shift>, title: &str, lines: &[(&str, Vec<(f64, f64)>)]) -> Result<(), String> {
    let points = || lines.iter().flat_map(|(_, points)| points.iter());
    let last = points().map(|point| point.0).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 16))
        .margin(10)
        .x_label_area_size(36)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..last, range(points().map(|point| point.1)))
        .map_err(|error| error.to_string())?;
    let mut mesh = chart.configure_mesh();
    mesh.x_desc("epochs").light_line_style(TRANSPARENT).draw().map_err(|error| error.to_string())?;
    // Told apart without colour vision (Okabe & Ito 2008).
    for ((name, points), colour) in lines.iter().zip([RGBColor(0, 114, 178), RGBColor(230, 159, 0)]) {
        let series = LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(2);
        let drawn = chart.draw_series(series).map_err(|error| error.to_string())?;
        drawn.label(*name).legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    let mut labels = chart.configure_series_labels();
    labels.background_style(WHITE).border_style(BLACK.mix(0.2)).draw().map_err(|error| error.to_string())
}
