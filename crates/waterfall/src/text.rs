//! Numbers as a person reads them.

use crate::view::Span;

/// With a typographic minus, and none before zero.
#[must_use]
pub fn number(value: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", value.abs());
    let zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if value < 0.0 && !zero { format!("−{text}") } else { text }
}

/// "06:52:20.30" of seconds of a day.
pub(crate) fn calendar(second_of_day: f64, digits: usize) -> String {
    // Rounded as a whole, so that 59.99 does not become 60.
    let scale = 10_u64.pow(digits as u32);
    let units = (second_of_day * scale as f64).round() as u64;
    let (whole, part) = (units / scale % 86_400, units % scale);
    let time = format!("{:02}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
    if digits == 0 { time } else { format!("{time}.{part:0digits$}") }
}

/// Decimals that tell the elements of a view apart.
fn digits_for(step: f64) -> usize {
    (-step.log10().floor()).clamp(0.0, 9.0) as usize
}

/// A time of the common axis: of the day, with its seconds, as precise as `step_s` asks.
#[must_use]
pub fn time(at_s: f64, origin_unix_ns: Option<i64>, step_s: f64) -> String {
    let digits = digits_for(step_s);
    let Some(origin) = origin_unix_ns else { return format!("{} s", number(at_s, digits)) };
    let day_ns = 86_400_000_000_000;
    let in_day = (origin.rem_euclid(day_ns) as f64 * 1e-9 + at_s).rem_euclid(86_400.0);
    format!("{} UTC", calendar(in_day, digits))
}

/// "2020-08-13" of nanoseconds since 1970 (Hinnant, "chrono-compatible low-level date algorithms").
#[must_use]
pub fn date(unix_ns: i64) -> String {
    let days = unix_ns.div_euclid(86_400_000_000_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// "145.512 34 MHz", as precise as `step_hz` asks.
#[must_use]
pub fn frequency(hertz: f64, step_hz: f64) -> String {
    let (unit, name) = crate::axis::frequency_unit(&Span::new(hertz, hertz));
    format!("{} {name}", number(hertz / unit, digits_for(step_hz / unit).min(9)))
}

/// "12.3 s", "4.10 ms", "250 µs", "3 min 20 s".
#[must_use]
pub fn duration(seconds: f64) -> String {
    if seconds >= 60.0 {
        let whole = seconds.round();
        return format!("{} min {} s", number((whole / 60.0).floor(), 0), number(whole % 60.0, 0));
    }
    scaled(seconds, &[(1.0, "s"), (1e-3, "ms"), (1e-6, "µs")])
}

/// "12.5 kHz".
#[must_use]
pub fn width(hertz: f64) -> String {
    scaled(hertz, &[(1e9, "GHz"), (1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz")])
}

/// Three significant digits in the largest unit that leaves at least 1.
fn scaled(value: f64, units: &[(f64, &str)]) -> String {
    let (size, name) = units.iter().find(|(size, _)| value >= *size).or(units.last()).copied().unwrap_or((1.0, ""));
    let scaled = value / size;
    let digits = match scaled {
        large if large >= 99.95 => 0,
        middle if middle >= 9.995 => 1,
        _ => 2,
    };
    format!("{} {name}", number(scaled, digits))
}

/// "−63.2 dBFS".
#[must_use]
pub fn level(dbfs: f32) -> String {
    format!("{} dBFS", number(f64::from(dbfs), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_fine_as_the_view_and_never_show_sixty_seconds() {
        let origin = Some(1_597_301_540_300_000_000);
        assert_eq!(time(0.000_123_4, origin, 1e-6), "06:52:20.300123 UTC");
        assert_eq!(time(39.699_999_9, origin, 1e-3), "06:53:00.000 UTC");
        assert_eq!(time(1.25, None, 0.01), "1.25 s");
        assert_eq!(date(1_597_301_540_300_000_000), "2020-08-13");
        assert_eq!(date(-1), "1969-12-31");
        assert_eq!(date(951_782_400_000_000_000), "2000-02-29");
    }

    #[test]
    fn lengths_and_frequencies_have_their_units() {
        assert_eq!(duration(0.0041), "4.10 ms");
        assert_eq!(duration(200.0), "3 min 20 s");
        assert_eq!(width(12_500.0), "12.5 kHz");
        assert_eq!(frequency(145.512_34e6, 100.0), "145.5123 MHz");
        assert_eq!(level(-63.24), "−63.2 dBFS");
    }
}
