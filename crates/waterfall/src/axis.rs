//! Where the marks of an axis stand, and what they say.

use crate::text::{calendar, number};
use crate::view::Span;

/// A mark of an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its place, seconds or hertz.
    pub value: f64,
    /// What it says.
    pub label: String,
}

/// Steps of seconds from one minute on, which are not decimal.
const LONG_STEPS_S: [f64; 10] = [15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 21_600.0];

/// 1, 2 or 5 times a power of ten, at least `least`.
fn decimal_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    steps.into_iter().find(|step| *step >= least * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

/// Decimals that a step needs.
fn decimals(step: f64) -> usize {
    (-step.log10().floor()).clamp(0.0, 9.0) as usize
}

fn places(span: &Span, step: f64) -> impl Iterator<Item = f64> {
    let (first, last) = ((span.start / step).ceil(), (span.end / step).floor());
    // No screen has room for more.
    let count = (last - first).clamp(-1.0, 100.0) as i64 + 1;
    (0..count).map(move |index| (first + index as f64) * step)
}

/// At most `most` marks of time. With `origin_unix_ns` they are times of the day in UTC, else seconds.
#[must_use]
pub fn time_ticks(span: &Span, most: usize, origin_unix_ns: Option<i64>) -> Vec<Tick> {
    let least = span.length() / most.max(1) as f64;
    let long = LONG_STEPS_S.into_iter().find(|step| *step >= least);
    let step = if least > 10.0 { long.unwrap_or_else(|| decimal_step(least)) } else { decimal_step(least) };
    let digits = decimals(step);
    // Marks stand on whole steps of the clock, not of the recording.
    let second_ns = origin_unix_ns.map_or(0, |origin| origin.rem_euclid(86_400_000_000_000));
    let shift = second_ns as f64 * 1e-9;
    let clock = Span { start: span.start + shift, end: span.end + shift };
    let tick = |at: f64| {
        let label = match origin_unix_ns {
            Some(_) => calendar(at.rem_euclid(86_400.0), digits),
            None => format!("{} s", number(at, digits)),
        };
        Tick { value: at - shift, label }
    };
    places(&clock, step).map(tick).collect()
}

/// At most `most` marks of frequency, in megahertz or kilohertz without the unit.
#[must_use]
pub fn frequency_ticks(span: &Span, most: usize) -> Vec<Tick> {
    let step = decimal_step(span.length() / most.max(1) as f64);
    let (unit, _) = frequency_unit(span);
    let digits = decimals(step / unit);
    places(span, step).map(|value| Tick { value, label: number(value / unit, digits) }).collect()
}

/// The unit of the marks of a frequency axis, in hertz and by name.
#[must_use]
pub fn frequency_unit(span: &Span) -> (f64, &'static str) {
    match span.start.abs().max(span.end.abs()) {
        most if most >= 1e6 => (1e6, "MHz"),
        most if most >= 1e3 => (1e3, "kHz"),
        _ => (1.0, "Hz"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: Vec<Tick>) -> Vec<String> {
        ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn marks_are_round_and_say_no_more_than_their_step() {
        assert_eq!(labels(time_ticks(&Span::new(0.1, 1.0), 5, None)), ["0.2 s", "0.4 s", "0.6 s", "0.8 s", "1.0 s"]);
        assert_eq!(
            labels(frequency_ticks(&Span::new(145.4e6, 145.6e6), 4)),
            ["145.40", "145.45", "145.50", "145.55", "145.60"]
        );
        assert_eq!(labels(frequency_ticks(&Span::new(71.5e3, 83.5e3), 3)), ["75", "80"]);
    }

    #[test]
    fn times_of_the_day_stand_on_whole_steps_of_the_clock() {
        // 2020-08-13 06:52:20.3 UTC.
        let origin = Some(1_597_301_540_300_000_000);
        assert_eq!(
            labels(time_ticks(&Span::new(0.0, 60.0), 4, origin)),
            ["06:52:30", "06:52:45", "06:53:00", "06:53:15"]
        );
        assert_eq!(labels(time_ticks(&Span::new(0.0, 0.5), 3, origin)), ["06:52:20.4", "06:52:20.6", "06:52:20.8"]);
    }

    #[test]
    fn no_axis_is_crowded_however_long_or_short() {
        for length in [1e-6, 3e-3, 0.7, 12.0, 700.0, 1e5, 1e8] {
            let count = time_ticks(&Span::new(5.0, 5.0 + length), 8, Some(0)).len();
            assert!((1..=9).contains(&count), "{length} s: {count}");
        }
    }
}
