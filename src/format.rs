//! Numbers as a person reads them: few digits, SI prefixes, real minus signs.

use heimdall_recording::{Origin, Position, TimeGrade};

/// `value` with `digits` decimals and a typographic minus.
pub fn number(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.digits$}", value.abs());
    let zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if value < 0.0 && !zero { format!("−{text}") } else { text }
}

/// Three significant digits, at least the whole number.
pub(crate) fn three_digits(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    number(value, digits)
}

/// The value in the largest unit that leaves at least 1; the last unit takes the rest.
fn scaled(value: f64, units: &[(f64, &str)]) -> String {
    let unit = units.iter().find(|(size, _)| value.abs() >= *size).or(units.last());
    unit.map_or_else(|| three_digits(value), |(size, name)| format!("{} {name}", three_digits(value / size)))
}

/// The sentence with its numbers tied to what follows them: no line ends between a number and its unit.
pub fn tied(sentence: &str) -> String {
    let mut tied = String::with_capacity(sentence.len());
    for character in sentence.chars() {
        let after_number = tied.ends_with(|last: char| last.is_ascii_digit() || last == '°');
        tied.push(if character == ' ' && after_number { '\u{a0}' } else { character });
    }
    tied
}

/// "850 m", "1.32 km", "312 km".
pub fn distance(metres: f64) -> String {
    if metres.abs() < 999.5 { format!("{} m", number(metres, 0)) } else { scaled(metres, &[(1e3, "km")]) }
}

/// "0.42 km²", "582 km²", "1.25 million km²".
pub fn area(square_kilometres: f64) -> String {
    match square_kilometres {
        value if value >= 1e6 => format!("{} million km²", three_digits(value / 1e6)),
        value if value >= 1e3 => format!("{} km²", grouped(three_significant(value))),
        value if value < 0.1 => format!("{} m²", grouped(three_significant(value * 1e6))),
        value => format!("{} km²", three_digits(value)),
    }
}

/// The number with all but its first three digits zero.
pub(crate) fn three_significant(value: f64) -> f64 {
    let step = 10_f64.powf((value.abs().max(1.0).log10().floor() - 2.0).max(0.0));
    (value / step).round() * step
}

/// Thousands apart by thin spaces.
pub(crate) fn grouped(value: f64) -> String {
    let digits = number(value, 0);
    let mut text = String::with_capacity(digits.len() + 4);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.chars().count() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// "77.500 kHz": three decimals, the resolution a dial has.
pub fn frequency(hertz: f64) -> String {
    let (size, unit) = match hertz.abs() {
        value if value >= 1e9 => (1e9, "GHz"),
        value if value >= 1e6 => (1e6, "MHz"),
        value if value >= 1e3 => (1e3, "kHz"),
        _ => (1.0, "Hz"),
    };
    format!("{} {unit}", number(hertz / size, if size > 1.0 { 3 } else { 0 }))
}

/// "12.0 kS/s": enough to tell recordings apart.
pub fn rough_sample_rate(samples_per_second: f64) -> String {
    scaled(samples_per_second, &[(1e6, "MS/s"), (1e3, "kS/s"), (1.0, "S/s")])
}

/// "12.3 s", "4 min 10 s".
pub fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return scaled(seconds, &[(1.0, "s"), (1e-3, "ms"), (1e-6, "µs")]);
    }
    let whole = seconds.round();
    format!("{} min {} s", number((whole / 60.0).floor(), 0), number(whole % 60.0, 0))
}

/// Microseconds with a sign, for time differences; as many decimals as the uncertainty deserves.
pub fn lag(seconds: f64, sigma_s: f64) -> String {
    let text = number(seconds * 1e6, if sigma_s < 1e-6 { 2 } else { 1 });
    if seconds > 0.0 { format!("+{text}") } else { text }
}

/// Microseconds without a sign, for uncertainties.
pub fn microseconds(seconds: f64) -> String {
    three_digits(seconds * 1e6)
}

/// "−63.2 dB".
pub fn decibels(value: f64, unit: &str) -> String {
    format!("{} {unit}", number(value, 1))
}

/// "51.46604° N, 11.97719° E".
pub fn coordinates(position: Position) -> String {
    let half = |degrees: f64, positive, negative| {
        format!("{:.5}° {}", degrees.abs(), if degrees < 0.0 { negative } else { positive })
    };
    format!("{}, {}", half(position.latitude_deg, "N", "S"), half(position.longitude_deg, "E", "W"))
}

/// "51.466044, 11.977189": what other programs accept.
pub fn plain_coordinates(position: Position) -> String {
    format!("{:.6}, {:.6}", position.latitude_deg, position.longitude_deg)
}

/// "2020-08-13 06:52:20.123456 UTC" out of RFC 3339.
pub fn time(rfc3339: &str) -> String {
    let text = rfc3339.trim_end_matches('Z').replacen('T', " ", 1);
    let kept = text.find('.').map_or(text.len(), |dot| text.len().min(dot + 7));
    format!("{} UTC", text.get(..kept).unwrap_or(&text))
}

/// Where a fact was learnt, as the end of a sentence.
pub const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Assumed => "assumed",
        Origin::FileName => "from the file name",
        Origin::Header => "from the header",
        Origin::Sidecar => "from a file beside it",
        Origin::Stamps => "from its time stamps",
        Origin::Reference => "from the reference transmitter",
        Origin::Remembered => "remembered",
        Origin::Map => "placed on the map",
        Origin::TypedIn => "typed in",
    }
}

/// Name of a clock's grade on its badge.
pub const fn time_grade(grade: TimeGrade) -> &'static str {
    match grade {
        TimeGrade::Gnss => "GNSS time",
        TimeGrade::Reference => "Reference time",
        TimeGrade::Ntp => "Computer time",
        TimeGrade::None => "No time",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_keep_three_digits() {
        assert_eq!(distance(12.4), "12 m");
        assert_eq!(distance(999.7), "1.00 km");
        assert_eq!(distance(1324.0), "1.32 km");
        assert_eq!(distance(312_400.0), "312 km");
    }

    #[test]
    fn areas_span_a_garden_to_a_continent() {
        assert_eq!(area(0.004_216), "4\u{202f}220 m²");
        assert_eq!(area(0.02), "20\u{202f}000 m²");
        assert_eq!(area(0.42), "0.42 km²");
        assert_eq!(area(582.3), "582 km²");
        assert_eq!(area(12_345.0), "12\u{202f}300 km²");
        assert_eq!(area(2_500_000.0), "2.50 million km²");
    }

    #[test]
    fn negative_numbers_have_a_real_minus_and_zero_has_none() {
        assert_eq!(decibels(-63.24, "dB"), "−63.2 dB");
        assert_eq!(number(-0.001, 1), "0.0");
        assert_eq!(lag(-123.44e-6, 2e-6), "−123.4");
        assert_eq!(lag(5e-6, 0.2e-6), "+5.00");
        assert_eq!(number(f64::NAN, 1), "–");
    }

    #[test]
    fn coordinates_name_the_hemisphere() {
        let position = Position { latitude_deg: -33.5, longitude_deg: 151.25 };
        assert_eq!(coordinates(position), "33.50000° S, 151.25000° E");
    }

    #[test]
    fn times_stop_at_microseconds() {
        assert_eq!(time("2020-08-13T06:52:20.123456789Z"), "2020-08-13 06:52:20.123456 UTC");
        assert_eq!(time("2020-08-13T06:52:20Z"), "2020-08-13 06:52:20 UTC");
    }
}
