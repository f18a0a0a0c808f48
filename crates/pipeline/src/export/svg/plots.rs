//! The correlation of each pair, small.

use std::fmt::Write;

use super::Frame;
use crate::export::xml::escape;
use crate::{PairReport, Report};

/// Plots side by side, and rows of them; more pairs are counted.
const COLUMNS: usize = 6;
const ROWS: usize = 2;

/// As many pairs as there is room for.
pub(super) fn drawn(report: &Report, frame: Frame) -> String {
    let mut drawn = String::new();
    let (width, height) = (frame.width / COLUMNS as f64, frame.height / ROWS as f64);
    for (index, pair) in report.pairs.iter().take(COLUMNS * ROWS).enumerate() {
        let left = frame.left + (index % COLUMNS) as f64 * width;
        let top = frame.top + (index / COLUMNS) as f64 * height;
        drawn.push_str(&plot(pair, Frame { left, top, width: width - 14.0, height: height - 10.0 }));
    }
    let more = report.pairs.len().saturating_sub(COLUMNS * ROWS);
    if more > 0 {
        let y = frame.top + frame.height + 8.0;
        let _ = write!(drawn, "<text class='muted small' x='{}' y='{y:.1}'>and {more} more pairs</text>", frame.left);
    }
    drawn
}

/// Correlation over lag, with the lag of the highest peak.
fn plot(pair: &PairReport, frame: Frame) -> String {
    let Frame { left, top, width, height } = frame;
    let (names, plot_top) = (12.0, top + 26.0);
    let bottom = top + height;
    let values = &pair.curve.values;
    let count = values.len().max(2) as f64 - 1.0;
    let mut path = String::new();
    for (index, value) in values.iter().enumerate() {
        let x = left + width * index as f64 / count;
        let y = bottom - (bottom - plot_top) * f64::from(*value).clamp(0.0, 1.0);
        let _ = write!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
    }
    let at = left + width * ((pair.lag_s - pair.curve.start_s) / (pair.curve.step_s * count)).clamp(0.0, 1.0);
    format!(
        "<text class='small' x='{left:.1}' y='{:.1}'>{} – {}</text>\
         <text class='muted small' x='{left:.1}' y='{:.1}'>{:+.2} ± {:.2} µs</text>\
         <path class='axis' d='M{left:.1} {bottom:.1}h{width:.1}M{at:.1} {plot_top:.1}V{bottom:.1}'/>\
         <path class='curve' d='{path}'/>",
        top + names - 4.0,
        escape(&pair.receivers[0]),
        escape(&pair.receivers[1]),
        top + 2.0 * names - 4.0,
        pair.lag_s * 1e6,
        pair.sigma_s * 1e6
    )
}
