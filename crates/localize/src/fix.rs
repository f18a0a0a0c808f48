//! What is shown of a posterior.

use heimdall_recording::Position;
use serde::{Deserialize, Serialize};

use crate::contour::encloses;

/// How far the evidence goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// One place: the 95 % region is small against the area searched.
    Located,
    /// A region, not a point.
    Region,
    /// The evidence does not say where; the reasons say why.
    NotLocatable,
}

/// A GeoJSON MultiPolygon: polygons of rings of `[lon, lat]` in degrees. The first ring of a polygon
/// is its outer boundary, the others are holes; rings are closed (RFC 7946).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MultiPolygon {
    /// Always "MultiPolygon".
    #[serde(rename = "type")]
    pub kind: String,
    /// `[polygon][ring][vertex][lon, lat]`.
    pub coordinates: Vec<Vec<Vec<[f64; 2]>>>,
}

impl MultiPolygon {
    /// True where the polygons hold a position (even–odd rule over all rings, in the plane of lon and lat).
    pub fn holds(&self, position: Position) -> bool {
        let point = [position.longitude_deg, position.latitude_deg];
        self.coordinates.iter().flatten().filter(|ring| encloses(ring, point)).count() % 2 == 1
    }
}

/// The smallest region that holds the stated probability (highest posterior density).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// 0.5, 0.68 or 0.95.
    pub probability: f64,
    /// Its area.
    pub area_km2: f64,
    /// Its outline.
    pub geometry: MultiPolygon,
}

/// An ellipse that holds 95 %: of the posterior, with the middle and shape of its body, or of a Gaussian.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ellipse {
    /// Centre.
    pub center: Position,
    /// Semi-major axis.
    pub semi_major_m: f64,
    /// Semi-minor axis.
    pub semi_minor_m: f64,
    /// Direction of the major axis, degrees clockwise from north, 0…180.
    pub azimuth_deg: f64,
    /// Semi-axes in standard deviations; 2.448 for a Gaussian (√(−2 ln 0.05)), more where tails are heavier.
    pub k: f64,
}

/// One separate peak of the posterior.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mode {
    /// Where the density is highest.
    pub position: Position,
    /// Probability of the 95 % region's part around it.
    pub probability: f64,
}

/// What the posterior says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// How far the evidence goes.
    pub verdict: Verdict,
    /// One plain sentence for the user.
    pub sentence: String,
    /// Why the verdict is not better, a sentence each; empty for a good fix.
    pub reasons: Vec<String>,
    /// Things to know (coincident receivers, one disagreeing, …), a sentence each.
    pub warnings: Vec<String>,
    /// Highest posterior density. Absent where there was no evidence at all.
    pub mode: Option<Position>,
    /// Posterior mean.
    pub mean: Option<Position>,
    /// 50, 68 and 95 % regions.
    pub regions: Vec<Region>,
    /// Ellipse that holds 95 % of the posterior.
    pub ellipse_95: Option<Ellipse>,
    /// Separate peaks, most probable first.
    pub modes: Vec<Mode>,
    /// The best 95 % ellipse that the geometry and these measurements allow (Cramér–Rao bound at the mean).
    pub bound_95: Option<Ellipse>,
    /// Experts that took part.
    pub experts: Vec<String>,
    /// Radius of the area searched, around `searched_center`.
    pub searched_radius_m: f64,
    /// Centre of the area searched.
    pub searched_center: Option<Position>,
}
