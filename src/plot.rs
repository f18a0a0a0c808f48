//! A curve as the lines of a drawing, sharp at every size and on paper.

use std::fmt::Write;

use crate::format;

/// The drawing's size and the frame of its axes, in the units of its `viewBox`.
pub const WIDTH: f64 = 420.0;
/// Height.
pub const HEIGHT: f64 = 132.0;
const LEFT: f64 = 34.0;
const RIGHT: f64 = WIDTH - 6.0;
const TOP: f64 = 6.0;
const BOTTOM: f64 = HEIGHT - 32.0;
/// More points than two a pixel nobody sees.
const MOST_POINTS: usize = 840;

/// Lines and marks.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// The curve as SVG path data.
    pub curve: String,
    /// The two axes as SVG path data.
    pub axes: String,
    /// Where the marked value stands, across.
    pub mark: f64,
    /// Marks below: place and text.
    pub across: Vec<(f64, String)>,
    /// Marks at the left: place and text.
    pub up: Vec<(f64, String)>,
}

/// Draws values at least 0, spaced by `step` from `start`, with a line at `mark`.
pub fn plot(start: f64, step: f64, values: &[f32], mark: f64) -> Plot {
    let last = start + step * values.len().saturating_sub(1).max(1) as f64;
    let top = 1.1 * f64::from(values.iter().fold(0.05_f32, |top, value| top.max(*value)));
    let x = |value: f64| LEFT + (value - start) / (last - start) * (RIGHT - LEFT);
    let y = |value: f64| BOTTOM - value / top * (BOTTOM - TOP);
    let chunk = values.len().div_ceil(MOST_POINTS).max(1);
    let mut curve = String::new();
    for (index, some) in values.chunks(chunk).enumerate() {
        // Of several values in one place the highest shows: peaks are what is looked for.
        let value = some.iter().fold(0.0_f32, |top, value| top.max(*value));
        let middle = start + step * (index * chunk) as f64;
        // Writing to a string cannot fail.
        let _ = write!(curve, "{}{:.1} {:.1}", if index == 0 { 'M' } else { 'L' }, x(middle), y(f64::from(value)));
    }
    let mark_text = |value: f64, step: f64| format::number(value, decimals(step));
    let (wide, high) = (round_step((last - start) / 4.0), round_step(top / 2.0));
    Plot {
        curve,
        axes: format!("M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"),
        mark: x(mark),
        across: marks(start, last, wide).map(|value| (x(value), mark_text(value, wide))).collect(),
        up: marks(0.0, top, high).map(|value| (y(value), mark_text(value, high))).collect(),
    }
}

impl Plot {
    /// What stands in the drawing: paths of the classes `axes` and `curve`, and texts, with a name below.
    pub fn lines(&self, name: &str) -> String {
        let Self { curve, axes, mark, across, up } = self;
        let mut lines = format!(
            "<path class='axes' d='{axes}M{mark:.1} {TOP}V{BOTTOM}'/><path class='curve' d='{curve}'/>\
             <text x='{}' y='{}' text-anchor='middle'>{name}</text>",
            (LEFT + RIGHT) / 2.0,
            HEIGHT - 3.0
        );
        // Writing to a string cannot fail.
        for (x, text) in across {
            let _ = write!(lines, "<text x='{x:.1}' y='{}' text-anchor='middle'>{text}</text>", BOTTOM + 13.0);
        }
        for (y, text) in up {
            let _ = write!(lines, "<text x='{}' y='{:.1}' text-anchor='end'>{text}</text>", LEFT - 5.0, y + 4.0);
        }
        lines
    }
}

/// The largest of 1, 2 and 5 times a power of ten that is not above `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.max(1e-12).log10().floor());
    [5.0, 2.0].into_iter().map(|factor| factor * power).find(|round| *round <= step * (1.0 + 1e-9)).unwrap_or(power)
}

/// Decimals that tell multiples of a round step apart.
fn decimals(step: f64) -> usize {
    (-(step * (1.0 + 1e-9)).log10().floor()).clamp(0.0, 9.0) as usize
}

fn marks(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
    (first..=last).map(move |index| index as f64 * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_numbers_within_the_axes() {
        let drawn = plot(-0.35, 0.001, &vec![0.5; 701], 0.1);
        let texts: Vec<&str> = drawn.across.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["−0.3", "−0.2", "−0.1", "0.0", "0.1", "0.2", "0.3"]);
        assert!(drawn.across.iter().all(|(place, _)| (LEFT..=RIGHT).contains(place)));
        assert!(drawn.up.iter().all(|(place, _)| (TOP..=BOTTOM).contains(place)));
        let middle = (drawn.mark - LEFT) / (RIGHT - LEFT);
        assert!((middle - 0.45 / 0.7).abs() < 1e-9);
    }

    #[test]
    fn a_single_peak_of_a_long_curve_is_not_lost() {
        let mut values = vec![0.0; 100_000];
        values[54_321] = 1.0;
        let drawn = plot(0.0, 1.0, &values, 0.0);
        let highest = drawn.curve.split(['M', 'L']).filter_map(|point| point.split(' ').nth(1)?.parse::<f64>().ok());
        assert!((highest.fold(HEIGHT, f64::min) - (BOTTOM - (BOTTOM - TOP) / 1.1)).abs() < 0.06);
        assert!(drawn.curve.len() < 20_000);
    }

    #[test]
    fn nothing_to_draw_is_no_error() {
        assert_eq!(plot(0.0, 1.0, &[], 0.0).curve, "");
    }
}
