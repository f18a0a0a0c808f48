//! The answer on a sheet for print: map, close-up, and the correlation of each pair, as SVG 1.1.

mod map;
mod plots;

use std::fmt::Write;

use super::xml::escape;
use crate::Report;
use map::Map;

/// Size of the sheet: A4 across at 96 pixels per inch.
const WIDTH: f64 = 1123.0;
const HEIGHT: f64 = 794.0;
const MARGIN: f64 = 28.0;
/// Letters of the headline in a line.
const LINE: usize = 104;
/// Where the maps begin and end.
const TOP: f64 = 108.0;
const MAP_BOTTOM: f64 = 580.0;

const STYLE: &str = "text{font:12px system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;fill:#14191d}\
.muted{fill:#5b656d}.small{font-size:9.5px}.name{font-size:11px;font-weight:600;paint-order:stroke;stroke:#fff;\
stroke-width:3px}.frame{fill:#fdfdfc;stroke:#9fb0b5}.grid,.axis{fill:none;stroke:#d4d9d9}.region{fill:#c2500a;\
stroke:#c2500a;fill-rule:evenodd}.ellipse{fill:none;stroke:#14191d;stroke-dasharray:5 4}.line{fill:none;\
stroke:#0a6472;stroke-opacity:.55}.bound{fill:none;stroke:#0a6472}.receiver{fill:#0a6472}.unused{fill-opacity:.4}\
.mode{fill:#c2500a;stroke:#fff;stroke-width:2}.mean{stroke:#14191d;stroke-width:2}.scale{stroke:#14191d;stroke-width:2}\
.curve{fill:none;stroke:#c2500a;stroke-width:1.5}";

/// Part of a sheet.
#[derive(Clone, Copy)]
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// A sheet with the map of all receivers and the regions, a close-up of the regions, and the pairs. Maps are azimuthal
/// equidistant around their middle; there are no outlines of land.
pub fn svg(report: &Report) -> String {
    let mut body = String::new();
    // Writing to a string cannot fail.
    let mut put = |text: String| {
        let _ = body.write_str(&text);
    };
    for (line, text) in lines(&report.fix.sentence).into_iter().enumerate() {
        let y = 44.0 + 22.0 * line as f64;
        put(format!("<text x='{MARGIN}' y='{y}' style='font-size:17px;font-weight:600'>{}</text>", escape(&text)));
    }
    put(format!("<text class='muted' x='{MARGIN}' y='92'>{}</text>", escape(&circumstances(report))));
    let height = MAP_BOTTOM - TOP;
    let wide = Frame { left: MARGIN, top: TOP, width: 690.0, height };
    let close = Frame { left: MARGIN + 706.0, top: TOP, width: WIDTH - 2.0 * MARGIN - 706.0, height };
    put(Map::of_all(report, wide).map_or_else(String::new, |map| map.drawn(report, "all", "Receivers and regions")));
    put(Map::close_up(report, close).map_or_else(String::new, |map| map.drawn(report, "near", "The regions alone")));
    put(plots::drawn(
        report,
        Frame { left: MARGIN, top: MAP_BOTTOM + 22.0, width: WIDTH - 2.0 * MARGIN, height: 152.0 },
    ));
    let title = escape(&report.fix.sentence);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' \
         height='{HEIGHT}' viewBox='0 0 {WIDTH} {HEIGHT}' role='img'><title>{title}</title><style>{STYLE}</style>\
         <rect width='{WIDTH}' height='{HEIGHT}' fill='#fff'/>{body}</svg>\n"
    )
}

/// The headline in at most two lines.
fn lines(sentence: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in sentence.split(' ') {
        if lines.len() < 2 && lines.last().is_some_and(|line| line.chars().count() + word.chars().count() > LINE) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// Time, band, experts, and whether it is real.
fn circumstances(report: &Report) -> String {
    let band = report
        .effective
        .band
        .map(|band| format!("{:.3} MHz, {:.1} kHz wide", band.center_hz * 1e-6, band.bandwidth_hz * 1e-3));
    let names = report.fix.experts.iter().map(|expert| match expert.as_str() {
        "tdoa" => "time differences",
        "level" => "levels",
        "bearing" => "bearings",
        "neural" => "the network",
        other => other,
    });
    let names: Vec<&str> = names.collect();
    let from = (!names.is_empty()).then(|| format!("from {}", names.join(", ")));
    // To the second.
    let start = report.effective.window_start.as_ref();
    let start = start.map(|start| start.split('.').next().unwrap_or(start).replace('T', " ") + " UTC");
    let simulated = report.synthetic.then(|| "simulated recordings".to_owned());
    let program = format!("Heimdall {}", report.version);
    let parts = [start, band, from, simulated, Some(program)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
