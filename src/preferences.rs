//! How the user wants things shown: colours, units, positions. Every length and position of the page is worded here.

use heimdall_recording::Position;
use serde::{Deserialize, Serialize};

use crate::{format, notation};

/// Metres in a statute mile and in a foot (international, 1959).
const MILE_M: f64 = 1609.344;
const FOOT_M: f64 = 0.3048;

/// What the browser remembers of the user's taste. It changes nothing of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Light or dark.
    pub theme: Theme,
    /// Of lengths and areas.
    pub units: Units,
    /// Of positions.
    pub notation: Notation,
    /// Of texts.
    pub language: Language,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The language of the page's texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// The first of the browser's that the page has.
    #[default]
    Browser,
    /// What the program speaks by itself.
    English,
    /// By a table, `assets/languages/it.json`.
    Italian,
}

/// Units of lengths and areas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Units {
    /// Metres and kilometres.
    #[default]
    Metric,
    /// Feet and statute miles.
    Imperial,
}

/// How positions are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Notation {
    /// 51.46604° N, 11.97719° E
    #[default]
    Degrees,
    /// 51° 27′ 57.7″ N, 11° 58′ 37.9″ E
    Dms,
    /// JO51xl72GU
    Maidenhead,
    /// 32U PC 90337 05004
    Mgrs,
}

impl Preferences {
    /// "850 m", "1.32 km"; "2 800 ft", "0.82 mi".
    pub fn distance(self, metres: f64) -> String {
        match self.units {
            Units::Metric => format::distance(metres),
            Units::Imperial if metres.abs() < MILE_M / 10.0 => {
                format!("{} ft", format::number(metres / FOOT_M, 0))
            }
            Units::Imperial => format!("{} mi", format::three_digits(metres / MILE_M)),
        }
    }

    /// "582 km²", "225 mi²".
    pub fn area(self, square_kilometres: f64) -> String {
        match self.units {
            Units::Metric => format::area(square_kilometres),
            Units::Imperial => imperial_area(square_kilometres * 1e6),
        }
    }

    /// A position, to a metre or as near to it as the notation goes.
    pub fn coordinates(self, position: Position) -> String {
        match self.notation {
            Notation::Degrees => format::coordinates(position),
            Notation::Dms => notation::dms(position),
            Notation::Maidenhead => notation::maidenhead(position),
            Notation::Mgrs => notation::mgrs(position),
        }
    }

    /// A sentence of the report, which is written in metres and degrees, in the user's units. A number that is not
    /// followed by a unit of length, and everything else, stays.
    pub fn sentence(self, text: &str) -> String {
        let words: Vec<&str> = text.split(' ').collect();
        let mut out: Vec<String> = Vec::with_capacity(words.len());
        let mut at = 0;
        while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
            let (taken, worded) = self.position_in(rest).or_else(|| self.length_in(rest)).unwrap_or_else(|| {
                let word = rest.first().copied().unwrap_or_default();
                (1, word.to_owned())
            });
            out.push(worded);
            at += taken;
        }
        out.join(" ")
    }

    /// "45.1234° N 8.3512° E:" at the start of the words, in the chosen notation, and how many words it took.
    fn position_in(self, words: &[&str]) -> Option<(usize, String)> {
        let [latitude, north, longitude, east, ..] = words else { return None };
        let degrees = |word: &str| word.strip_suffix('°')?.parse::<f64>().ok();
        let sign = |word: &str, plus: char, minus: char| match word.chars().next()? {
            first if first == plus => Some(1.0),
            first if first == minus => Some(-1.0),
            _ => None,
        };
        let position = Position::new(
            degrees(latitude)? * sign(north, 'N', 'S').filter(|_| north.len() == 1)?,
            degrees(longitude)? * sign(east, 'E', 'W')?,
        )?;
        if self.notation == Notation::Degrees {
            return None;
        }
        Some((4, format!("{}{}", self.coordinates(position), east.get(1..).unwrap_or_default())))
    }

    /// "12 km," at the start of the words, in the chosen units.
    fn length_in(self, words: &[&str]) -> Option<(usize, String)> {
        let [number, unit, ..] = words else { return None };
        if self.units == Units::Metric {
            return None;
        }
        let value = number.parse::<f64>().ok()?;
        let plain = unit.trim_end_matches(['.', ',', ':', ';', ')']);
        let worded = match plain {
            "m" => self.distance(value),
            "km" => self.distance(value * 1e3),
            "m²" => self.area(value * 1e-6),
            "km²" => self.area(value),
            _ => return None,
        };
        Some((2, format!("{worded}{}", unit.get(plain.len()..).unwrap_or_default())))
    }
}

fn imperial_area(square_metres: f64) -> String {
    let square_miles = square_metres / (MILE_M * MILE_M);
    match square_miles {
        value if value >= 1e6 => format!("{} million mi²", format::three_digits(value / 1e6)),
        value if value < 0.01 => {
            let square_feet = format::three_significant(square_metres / (FOOT_M * FOOT_M));
            format!("{} ft²", format::grouped(square_feet))
        }
        value if value >= 1e3 => format!("{} mi²", format::grouped(format::three_significant(value))),
        value => format!("{} mi²", format::three_digits(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILES: Preferences = Preferences {
        theme: Theme::System,
        units: Units::Imperial,
        notation: Notation::Degrees,
        language: Language::Browser,
    };

    #[test]
    fn miles_and_feet_are_the_international_ones() {
        assert_eq!(MILES.distance(1609.344), "1.00 mi");
        assert_eq!(MILES.distance(42_194.988), "26.2 mi");
        assert_eq!(MILES.distance(30.48), "100 ft");
        assert_eq!(MILES.area(2.589_988_110_336), "1.00 mi²");
        assert_eq!(MILES.area(0.004_216), "45\u{202f}400 ft²");
    }

    #[test]
    fn a_sentence_of_the_report_speaks_in_the_users_units() {
        let sentence = "Located near 45.0500° N 8.3500° E: with 95 % probability within an area of 12 km², about 2.0 km around it.";
        assert_eq!(Preferences::default().sentence(sentence), sentence);
        assert_eq!(
            MILES.sentence(sentence),
            "Located near 45.0500° N 8.3500° E: with 95 % probability within an area of 4.63 mi², about 1.24 mi around it."
        );
        let grid = Preferences { notation: Notation::Maidenhead, ..Preferences::default() };
        assert!(grid.sentence(sentence).starts_with("Located near JN45eb"), "{}", grid.sentence(sentence));
        let apart = "R1 and R2 m are only 850 m apart: for a position they count as one receiver.";
        assert!(MILES.sentence(apart).contains("R2 m are only 0.53 mi apart"));
    }

    #[test]
    fn what_an_older_or_newer_version_remembered_is_read_as_far_as_it_is_known() {
        let read = serde_json::from_str::<Preferences>(r#"{"theme":"dark","unheard":1}"#).unwrap();
        assert_eq!(read, Preferences { theme: Theme::Dark, ..Preferences::default() });
    }
}
