//! The plane in which a world lies.

use geographiclib_rs::{DirectGeodesic, Geodesic, InverseGeodesic};
use heimdall_recording::Position;

/// Azimuthal equidistant plane on WGS84: metres east and north of `origin`, true to distance and direction from there.
/// Over 100 km, distances between other points differ from the geodesic by less than 5 m.
pub struct Plane {
    origin: Position,
    earth: Geodesic,
}

impl Plane {
    /// The plane about `origin`.
    pub fn new(origin: Position) -> Self {
        Self { origin, earth: Geodesic::wgs84() }
    }

    /// Where east and north are zero.
    pub fn origin(&self) -> Position {
        self.origin
    }

    /// Position of a point `[east, north]` in metres.
    pub fn position(&self, [east, north]: [f64; 2]) -> Position {
        let azimuth_deg = east.atan2(north).to_degrees();
        let (latitude_deg, longitude_deg): (f64, f64) =
            self.earth.direct(self.origin.latitude_deg, self.origin.longitude_deg, azimuth_deg, east.hypot(north));
        Position { latitude_deg, longitude_deg }
    }

    /// `[east, north]` of a position in metres.
    pub fn east_north_m(&self, position: Position) -> [f64; 2] {
        let (distance, azimuth_deg, _, _): (f64, f64, f64, f64) = self.earth.inverse(
            self.origin.latitude_deg,
            self.origin.longitude_deg,
            position.latitude_deg,
            position.longitude_deg,
        );
        let (sine, cosine) = azimuth_deg.to_radians().sin_cos();
        [distance * sine, distance * cosine]
    }
}
