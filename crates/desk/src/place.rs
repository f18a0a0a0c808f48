//! Places, as the API has them.

use heimdall_page::format;
use serde::{Deserialize, Serialize};

/// On WGS84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) latitude_deg: f64,
    pub(crate) longitude_deg: f64,
    #[serde(default)]
    pub(crate) altitude_m: Option<f64>,
}

impl Place {
    /// On the ground; nothing where these are no degrees.
    pub(crate) fn new(latitude_deg: f64, longitude_deg: f64) -> Option<Self> {
        let is_one = latitude_deg.abs() <= 90.0 && longitude_deg.abs() <= 180.0;
        is_one.then_some(Self { latitude_deg, longitude_deg, altitude_m: None })
    }
}

/// A place and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Surveyed {
    pub(crate) place: Place,
    pub(crate) error_m: f64,
}

impl Surveyed {
    /// "45.0703, 7.6869 ± 50 m".
    pub(crate) fn text(&self) -> String {
        let Place { latitude_deg, longitude_deg, .. } = self.place;
        format!("{latitude_deg:.4}, {longitude_deg:.4} ± {}", format::distance(self.error_m))
    }
}

/// Where something stands, with its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Station {
    pub(crate) name: String,
    pub(crate) place: Place,
}
