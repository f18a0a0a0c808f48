//! Geographic positions as they enter with recordings.

use serde::{Deserialize, Serialize};

/// A position on WGS84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Geodetic latitude, degrees north, −90…90.
    #[serde(rename = "lat")]
    pub latitude_deg: f64,
    /// Longitude, degrees east, −180…180.
    #[serde(rename = "lon")]
    pub longitude_deg: f64,
}

impl Position {
    /// A position, or `None` where a coordinate is not finite or out of range,
    /// or where both are exactly zero (what devices write when they do not know).
    pub fn new(latitude_deg: f64, longitude_deg: f64) -> Option<Self> {
        let known = latitude_deg != 0.0 || longitude_deg != 0.0;
        let valid = (-90.0..=90.0).contains(&latitude_deg) && (-180.0..=180.0).contains(&longitude_deg);
        (known && valid).then_some(Self { latitude_deg, longitude_deg })
    }

    /// Coordinates as people paste them: latitude and longitude in decimal degrees, apart by a comma,
    /// semicolon or space; `None` also where [`Position::new`] gives none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split([',', ';', ' ', '\t']).filter(|part| !part.is_empty()).map(str::parse::<f64>);
        let (latitude, longitude) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        if numbers.next().is_some() { None } else { Self::new(latitude, longitude) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_coordinates_are_read_and_nonsense_is_not() {
        let expected = Position { latitude_deg: 50.0, longitude_deg: -9.5 };
        assert_eq!(Position::parse("50.0, -9.5"), Some(expected));
        assert_eq!(Position::parse(" 50.0;-9.5 "), Some(expected));
        assert_eq!(Position::parse("50.0"), None);
        assert_eq!(Position::parse("95, 10"), None);
        assert_eq!(Position::parse("1, 2, 3"), None);
    }
}
