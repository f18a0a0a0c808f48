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
}
