//! Pictures of a table: whether regions hold what they say, and where errors are large.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::anyhow;
use heimdall_simulate::world::World;
use plotters::prelude::*;

use super::table::Placed;

/// Methods whose errors are mapped.
pub(crate) const MAPPED: [&str; 3] = ["kNN fingerprint", "GP field", "network"];
/// Methods that are too crude for their regions to be worth a line.
const LEFT_OUT: [&str; 3] = ["constellation centroid", "strongest receiver", "log-distance, most likely"];
/// Colours of lines that are told apart without colour vision (Okabe & Ito 2008).
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(120, 120, 120),
    RGBColor(0, 0, 0),
];
const STEPS: u32 = 50;

/// Share of scenes in regions of each probability, against that probability. A method on the diagonal is honest; above
/// it, its regions are too large.
pub(crate) fn reliability(path: &Path, title: &str, methods: &[(&str, Vec<Placed>)]) -> anyhow::Result<()> {
    let failed = |error: &dyn std::fmt::Display| anyhow!("cannot draw {}: {error}", path.display());
    let root = SVGBackend::new(path, (760, 560)).into_drawing_area();
    root.fill(&WHITE).map_err(|error| failed(&error))?;
    let mut chart = ChartBuilder::on(&root)
        .caption(format!("{title}: reliability"), ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)
        .map_err(|error| failed(&error))?;
    chart
        .configure_mesh()
        .x_desc("probability of the region")
        .y_desc("part of the scenes that it holds")
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(|error| failed(&error))?;
    let diagonal = LineSeries::new([(0.0, 0.0), (1.0, 1.0)], BLACK.mix(0.3));
    chart.draw_series(diagonal).map_err(|error| failed(&error))?;
    let drawn = methods.iter().filter(|(name, _)| !LEFT_OUT.contains(name));
    for ((name, placed), colour) in drawn.zip(COLOURS.iter().cycle()) {
        let held = |probability: f64| {
            placed.iter().filter(|(_, score)| score.denser <= probability).count() as f64 / placed.len().max(1) as f64
        };
        let points = (0..=STEPS).map(|step| f64::from(step) / f64::from(STEPS)).map(|p| (p, held(p)));
        let line = LineSeries::new(points, colour.stroke_width(2));
        let series = chart.draw_series(line).map_err(|error| failed(&error))?;
        series.label(*name).legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE)
        .border_style(BLACK.mix(0.2))
        .draw()
        .map_err(|error| failed(&error))?;
    root.present().map_err(|error| failed(&error))
}

/// Mean error of each held-out block, over all realisations, and the receivers.
pub(crate) fn error_map(path: &Path, title: &str, world: &World, placed: &[Placed]) -> anyhow::Result<()> {
    let failed = |error: &dyn std::fmt::Display| anyhow!("cannot draw {}: {error}", path.display());
    let mut blocks: BTreeMap<(u32, u32), (f64, u32)> = BTreeMap::new();
    for ((_, block), score) in placed {
        let (sum, count) = blocks.entry((block.column, block.row)).or_default();
        (*sum, *count) = (*sum + score.error_m, *count + 1);
    }
    let means = blocks.iter().map(|(block, (sum, count))| (*block, sum / f64::from(*count)));
    let means: Vec<((u32, u32), f64)> = means.collect();
    let mut sorted: Vec<f64> = means.iter().map(|(_, mean)| *mean).collect();
    sorted.sort_by(f64::total_cmp);
    let least_m = sorted.get(sorted.len() / 20).copied().unwrap_or(1.0).max(1.0);
    let most_m = sorted.get(sorted.len() * 19 / 20).copied().unwrap_or(least_m).max(1.01 * least_m);
    let half_km = world.extent_m / 2e3;
    let root = SVGBackend::new(path, (660, 640)).into_drawing_area();
    root.fill(&WHITE).map_err(|error| failed(&error))?;
    let scale = format!("mean error of a block from {:.1} km (dark) to {:.1} km (bright)", least_m / 1e3, most_m / 1e3);
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d(-half_km..half_km, -half_km..half_km)
        .map_err(|error| failed(&error))?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc(format!("km east; {scale}"))
        .y_desc("km north")
        .draw()
        .map_err(|error| failed(&error))?;
    let side_km = world.blocks.side_m / 1e3;
    let cells = means.iter().map(|((column, row), mean_m)| {
        let corner = |index: u32| f64::from(index) * side_km - half_km;
        let share = ((mean_m / least_m).ln() / (most_m / least_m).ln()).clamp(0.0, 1.0);
        let (x, y) = (corner(*column), corner(*row));
        Rectangle::new([(x, y), (x + side_km, y + side_km)], ViridisRGB.get_color(share).filled())
    });
    chart.draw_series(cells).map_err(|error| failed(&error))?;
    let receivers = world.receivers_east_north_m();
    let marks = receivers
        .iter()
        .map(|[east, north]| TriangleMarker::new((east / 1e3, north / 1e3), 7, RGBColor(213, 94, 0).filled()));
    chart.draw_series(marks).map_err(|error| failed(&error))?;
    root.present().map_err(|error| failed(&error))
}
