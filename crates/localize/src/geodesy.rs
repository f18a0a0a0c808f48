//! Geodesics on WGS84 (Karney 2013) and the local plane that positions are searched in.

use geographiclib_rs::{DirectGeodesic, Geodesic, InverseGeodesic};
use heimdall_recording::Position;

/// Speed of light in vacuum.
pub const SPEED_OF_LIGHT_M_PER_S: f64 = 299_792_458.0;

/// Geodesics on WGS84.
pub struct Geodesy(Geodesic);

impl Default for Geodesy {
    fn default() -> Self {
        Self(Geodesic::wgs84())
    }
}

impl Geodesy {
    /// Length of the geodesic, metres.
    pub fn distance_m(&self, from: Position, to: Position) -> f64 {
        self.0.inverse(from.latitude_deg, from.longitude_deg, to.latitude_deg, to.longitude_deg)
    }

    /// Length of the geodesic in metres and its azimuth at `from`, degrees clockwise from north, −180…180.
    pub fn distance_and_azimuth(&self, from: Position, to: Position) -> (f64, f64) {
        let (distance, azimuth, _, _): (f64, f64, f64, f64) =
            self.0.inverse(from.latitude_deg, from.longitude_deg, to.latitude_deg, to.longitude_deg);
        (distance, azimuth)
    }

    /// The point `distance_m` from `from` in direction `azimuth_deg`.
    pub fn direct(&self, from: Position, azimuth_deg: f64, distance_m: f64) -> Position {
        let (latitude_deg, longitude_deg): (f64, f64) =
            self.0.direct(from.latitude_deg, from.longitude_deg, azimuth_deg, distance_m);
        Position { latitude_deg, longitude_deg }
    }
}

/// Azimuthal equidistant plane: metres east and north of `origin`, true to distance and direction from there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalFrame {
    /// Where east and north are zero.
    pub origin: Position,
}

impl LocalFrame {
    /// Position of a point `[east, north]` in metres.
    pub fn position(&self, geodesy: &Geodesy, east_north_m: [f64; 2]) -> Position {
        let [east, north] = east_north_m;
        geodesy.direct(self.origin, east.atan2(north).to_degrees(), east.hypot(north))
    }

    /// `[east, north]` of a position in metres.
    pub fn east_north_m(&self, geodesy: &Geodesy, position: Position) -> [f64; 2] {
        let (distance, azimuth) = geodesy.distance_and_azimuth(self.origin, position);
        let (sine, cosine) = azimuth.to_radians().sin_cos();
        [distance * sine, distance * cosine]
    }
}
