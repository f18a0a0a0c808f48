//! Where something is.

use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use utoipa::ToSchema;

use crate::entries::Column;
use crate::{Error, check};

/// A position on WGS84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Place {
    /// Degrees north, −90 to 90.
    #[schema(minimum = -90, maximum = 90)]
    pub latitude_deg: f64,
    /// Degrees east, −180 to 180.
    #[schema(minimum = -180, maximum = 180)]
    pub longitude_deg: f64,
    /// Metres above the ellipsoid, −500 to 100 000, where it is known.
    #[serde(default)]
    #[schema(minimum = -500, maximum = 100_000)]
    pub altitude_m: Option<f64>,
}

impl Place {
    pub(crate) fn check(&self) -> Result<(), Error> {
        check::number("latitude_deg", self.latitude_deg, -90.0, 90.0, "write degrees north")?;
        check::number("longitude_deg", self.longitude_deg, -180.0, 180.0, "write degrees east")?;
        if self.latitude_deg == 0.0 && self.longitude_deg == 0.0 {
            let problem = "and longitude_deg are both 0, which counts as unknown";
            return Err(Error::invalid("latitude_deg", problem, "write the true position"));
        }
        self.altitude_m.map_or(Ok(()), |altitude_m| {
            check::number("altitude_m", altitude_m, -500.0, 100_000.0, "write metres above the ellipsoid")
        })
    }

    /// The columns that [`Self::read`] takes.
    pub(crate) fn columns(&self) -> Vec<(&'static str, Column<'_>)> {
        let degrees = [("latitude_deg", self.latitude_deg), ("longitude_deg", self.longitude_deg)];
        let known = degrees.map(|(name, value)| (name, Column::Number(Some(value))));
        known.into_iter().chain([("altitude_m", Column::Number(self.altitude_m))]).collect()
    }

    /// From the columns `latitude_deg`, `longitude_deg` and `altitude_m`.
    pub(crate) fn read(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            latitude_deg: row.try_get("latitude_deg")?,
            longitude_deg: row.try_get("longitude_deg")?,
            altitude_m: row.try_get("altitude_m")?,
        })
    }
}

/// A position and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Surveyed {
    /// The position.
    pub place: Place,
    /// Metres that the position may be off in any direction, 0 to 1 000 000.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub error_m: f64,
}

impl Surveyed {
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.place.check()?;
        check::number("error_m", self.error_m, 0.0, 1e6, "write metres")
    }
}
