//! Transmitters whose place is known: a list that can be added to, and what is typed in.

use heimdall_recording::Position;
use serde::{Deserialize, Serialize};

/// The list.
const LIST: &str = include_str!("references.csv");
/// 1 σ of a position that was typed in, metres: read off a map.
const TYPED_SIGMA_M: f64 = 20.0;

/// A transmitter of known place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub position: Position,
    /// Middle of its emission.
    pub frequency_hz: f64,
    /// Width of its emission.
    pub bandwidth_hz: f64,
    /// 1 σ of one coordinate of its position.
    pub position_sigma_m: f64,
}

impl Reference {
    /// Transmitters that the program knows.
    pub fn known() -> Vec<Self> {
        lines().filter_map(|line| Self::of_line(line).map(|(reference, _)| reference)).collect()
    }

    /// `name,lat,lon,frequency_hz,bandwidth_hz,position_sigma_m,source`, and who published the position.
    fn of_line(line: &str) -> Option<(Self, &str)> {
        let mut columns = line.splitn(7, ',');
        let name = columns.next()?.to_owned();
        let mut number = || columns.next()?.parse::<f64>().ok();
        let position = Position::new(number()?, number()?)?;
        let (frequency_hz, bandwidth_hz, position_sigma_m) = (number()?, number()?, number()?);
        Some((Self { name, position, frequency_hz, bandwidth_hz, position_sigma_m }, columns.next()?))
    }

    /// A name of the list, or latitude, longitude, frequency in hertz and, if wanted, bandwidth in hertz.
    ///
    /// # Errors
    /// A sentence that says what was wanted.
    pub fn parse(text: &str) -> Result<Self, String> {
        let known = Self::known();
        if let Some(reference) = known.iter().find(|reference| reference.name.eq_ignore_ascii_case(text.trim())) {
            return Ok(reference.clone());
        }
        let wanted = || {
            let names: Vec<&str> = known.iter().map(|reference| reference.name.as_str()).collect();
            format!(
                "\"{text}\" is no reference transmitter. Write latitude, longitude and frequency in hertz, such as \
                 44.43,8.93,98.3e6 (and the bandwidth in hertz, if it is known), or one of {}.",
                names.join(", ")
            )
        };
        let numbers: Vec<f64> =
            text.split(',').map(|part| part.trim().parse::<f64>()).collect::<Result<_, _>>().map_err(|_| wanted())?;
        let (latitude, longitude, frequency_hz, bandwidth_hz) = match numbers[..] {
            [latitude, longitude, frequency_hz] => {
                (latitude, longitude, frequency_hz, usual_bandwidth_hz(frequency_hz))
            }
            [latitude, longitude, frequency_hz, bandwidth_hz] => (latitude, longitude, frequency_hz, bandwidth_hz),
            _ => return Err(wanted()),
        };
        let usable = |hz: f64| hz.is_finite() && hz > 0.0;
        let position = Position::new(latitude, longitude).filter(|_| usable(frequency_hz) && usable(bandwidth_hz));
        Ok(Self {
            // As typed, so that it can be edited.
            name: text.trim().to_owned(),
            position: position.ok_or_else(wanted)?,
            frequency_hz,
            bandwidth_hz,
            position_sigma_m: TYPED_SIGMA_M,
        })
    }
}

/// Lines of the list without heading and remarks.
fn lines() -> impl Iterator<Item = &'static str> {
    LIST.lines().filter(|line| !line.starts_with('#')).skip(1)
}

/// Of a broadcast at a frequency: long and medium wave, short wave, above that FM.
fn usual_bandwidth_hz(frequency_hz: f64) -> f64 {
    if frequency_hz < 30e6 { 9e3 } else { 180e3 }
}

/// Which reference, and how it was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferenceSettings {
    /// The transmitter.
    pub reference: Reference,
    /// How the receivers recorded it.
    pub scheme: ReferenceScheme,
}

/// How receivers recorded the reference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceScheme {
    /// All the time, at another frequency of the band that they recorded.
    Inside,
    /// The tuner went from the reference to the wanted signal and back, each as long as the others, while the sample
    /// clock ran on.
    Parts {
        /// Length of a part, seconds; a third of the recording where absent.
        part_s: Option<f64>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_a_transmitter_with_a_source() {
        for line in lines() {
            let (_, source) = Reference::of_line(line).unwrap_or_else(|| panic!("{line}"));
            assert!(source.len() > 10, "{line}");
        }
        assert!(Reference::known().len() >= 10);
    }

    #[test]
    fn a_reference_is_named_or_typed_in_and_nonsense_is_answered_with_what_was_wanted() {
        assert_eq!(Reference::parse("dcf77").map(|found| found.frequency_hz), Ok(77.5e3));
        let typed = Reference::parse("44.43, 8.93, 98.3e6").expect("a reference");
        assert_eq!((typed.frequency_hz, typed.bandwidth_hz), (98.3e6, 180e3));
        for text in ["DCF99", "44,8", "95,8,1e6", "44,8,-1", "44,8,nan", "0,0,1e6", "1,2,3,4,5"] {
            let sentence = Reference::parse(text).expect_err(text);
            assert!(sentence.contains("DCF77"), "{sentence}");
        }
    }
}
