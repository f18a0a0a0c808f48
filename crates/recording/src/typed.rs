//! What the user typed in; it beats everything that was found.

use serde::{Deserialize, Serialize};

use crate::time_text::rfc3339_ns;
use crate::{Error, NamedCoding, Position, TimeGrade};

/// The user's answers and corrections for one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedFacts {
    /// Samples per second.
    pub sample_rate_hz: Option<f64>,
    /// Frequency at 0 Hz of the baseband.
    pub center_frequency_hz: Option<f64>,
    /// Name of the sample format, see [`crate::NamedCoding::parse`].
    pub coding: Option<String>,
    /// Time of sample 0, nanoseconds since 1970-01-01 UTC.
    pub start_time_unix_ns: Option<i64>,
    /// The receiver's position.
    pub position: Option<Position>,
    /// The receiver's name.
    pub station: Option<String>,
    /// Exchange I and Q, or do not although the file name says so.
    pub iq_swap: Option<bool>,
    /// Which recordings have I and Q exchanged besides, counted from 0 in the order in which they are opened: an archive
    /// may hold good ones and bad ones.
    pub exchanged: Vec<usize>,
    /// How well the clock is known ("trust this clock").
    pub time_grade: Option<TimeGrade>,
    /// Two channels are I and Q, although they look like audio.
    pub treat_as_iq: Option<bool>,
}

/// Multiples that numbers may be written with.
const PREFIXES: [(&str, f64); 3] = [("k", 1e3), ("M", 1e6), ("G", 1e9)];

impl TypedFacts {
    /// These answers, and older ones where there are none.
    #[must_use]
    pub fn over(self, older: &Self) -> Self {
        Self {
            sample_rate_hz: self.sample_rate_hz.or(older.sample_rate_hz),
            center_frequency_hz: self.center_frequency_hz.or(older.center_frequency_hz),
            coding: self.coding.or_else(|| older.coding.clone()),
            start_time_unix_ns: self.start_time_unix_ns.or(older.start_time_unix_ns),
            position: self.position.or(older.position),
            station: self.station.or_else(|| older.station.clone()),
            iq_swap: self.iq_swap.or(older.iq_swap),
            // Those of an archive are counted over all its members, and are applied to them by themselves.
            exchanged: self.exchanged,
            time_grade: self.time_grade.or(older.time_grade),
            treat_as_iq: self.treat_as_iq.or(older.treat_as_iq),
        }
    }

    /// A number above 0 as a person writes it: `250k`, `433.92 MHz`.
    #[must_use]
    pub fn number(text: &str) -> Option<f64> {
        positive(text.trim())
    }

    /// Takes a fact in as a person writes it. Keys and values:
    ///
    /// | key | value |
    /// |---|---|
    /// | `rate`, `frequency` | a number, with `k`, `M`, `G` and a unit if wanted: `250k`, `433.92 MHz` |
    /// | `format` | a sample format, see [`NamedCoding::parse`] |
    /// | `start` | RFC 3339; UTC without an offset |
    /// | `position` | latitude and longitude in degrees: `51.466, 11.977` |
    /// | `station` | a name |
    /// | `clock` | `gnss`, `reference`, `ntp` or `none` |
    /// | `iq`, `swap` | `yes` or `no`: two channels are I and Q; Q comes first |
    ///
    /// # Errors
    /// [`Error::BadFact`] where the key is none of these or the value cannot be one.
    pub fn set(&mut self, key: &str, text: &str) -> Result<(), Error> {
        let text = text.trim();
        let wanted = match key {
            "rate" => take(&mut self.sample_rate_hz, positive(text), "samples per second, such as 250k"),
            "frequency" => take(&mut self.center_frequency_hz, positive(text), "a frequency, such as 77.5kHz"),
            "format" => {
                let known = NamedCoding::parse(text).map(|_| text.to_owned());
                take(&mut self.coding, known, "a sample format, such as cu8, cs16 or cf32")
            }
            "start" => take(&mut self.start_time_unix_ns, rfc3339_ns(text), "a time, such as 2020-08-13T06:52:20Z"),
            "position" => take(&mut self.position, Position::parse(text), "latitude and longitude: 51.466, 11.977"),
            "station" => {
                let name = (!text.is_empty()).then(|| text.to_owned());
                take(&mut self.station, name, "a name")
            }
            "clock" => take(&mut self.time_grade, grade(text), "gnss, reference, ntp or none"),
            "iq" => take(&mut self.treat_as_iq, yes_or_no(text), "yes or no"),
            "swap" => take(&mut self.iq_swap, yes_or_no(text), "yes or no"),
            _ => Some("rate, frequency, format, start, position, station, clock, iq or swap before \"=\""),
        };
        wanted.map_or(Ok(()), |wanted| Err(Error::BadFact { key: key.into(), text: text.into(), wanted }))
    }
}

/// Keeps the value; where there is none, gives back what was wanted.
fn take<T>(fact: &mut Option<T>, value: Option<T>, wanted: &'static str) -> Option<&'static str> {
    match value {
        Some(value) => {
            *fact = Some(value);
            None
        }
        None => Some(wanted),
    }
}

/// A number above zero; the comma counts as a decimal point.
fn positive(text: &str) -> Option<f64> {
    let text = ["Hz", "S/s"].iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text).trim_end();
    let prefixed = PREFIXES.iter().find_map(|(prefix, size)| Some((text.strip_suffix(prefix)?, *size)));
    let (digits, size) = prefixed.unwrap_or((text, 1.0));
    let value = digits.trim_end().replace(',', ".").parse::<f64>().ok()? * size;
    (value.is_finite() && value > 0.0).then_some(value)
}

fn grade(text: &str) -> Option<TimeGrade> {
    match text {
        "gnss" => Some(TimeGrade::Gnss),
        "reference" => Some(TimeGrade::Reference),
        "ntp" => Some(TimeGrade::Ntp),
        "none" => Some(TimeGrade::None),
        _ => None,
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let cases = [("250000", 250e3), ("250k", 250e3), ("77,5 kHz", 77.5e3), ("2.4MS/s", 2.4e6), ("1e3Hz", 1e3)];
        for (text, value) in cases {
            assert!(positive(text).is_some_and(|read| (read / value - 1.0).abs() < 1e-12), "{text}");
        }
        for text in ["", "0", "-5", "NaN", "inf", "1e308G", "k", "ten", "5 mHz"] {
            assert_eq!(positive(text), None, "{text}");
        }
    }

    #[test]
    fn a_fact_that_cannot_be_is_refused_with_what_was_wanted_and_changes_nothing() {
        let mut typed = TypedFacts::default();
        for (key, text) in [
            ("rate", "0"),
            ("format", "mp3"),
            ("start", "yesterday"),
            ("position", "0, 0"),
            ("position", "91, 0"),
            ("clock", "good"),
            ("iq", "maybe"),
            ("station", " "),
            ("colour", "red"),
        ] {
            let sentence = typed.set(key, text).expect_err(key).to_string();
            assert!(sentence.contains("; write "), "{sentence}");
        }
        assert_eq!(typed, TypedFacts::default());
    }
}
