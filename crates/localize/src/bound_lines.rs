//! Where receivers could locate such a transmission, and how well.

use heimdall_recording::Position;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::contour::rings;
use crate::geodesy::{Geodesy, LocalFrame};
use crate::locate::{Evidence, area_of};

/// Steps along each side of the square that is looked at.
const STEPS: i32 = 96;
/// Drawn are 1 and 3 in each decade, metres.
const DRAWN: [f64; 2] = [1.0, 3.0];
const DECADES: std::ops::RangeInclusive<i32> = 0..=6;
/// Where the receivers cannot tell the place at all, as the logarithm of metres.
const UNKNOWN: f64 = 9.0;

/// Where the 95 % ellipse of the Cramér–Rao bound has this semi-major axis; it is smaller inside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoundLine {
    /// Semi-major axis of the ellipse.
    pub semi_major_m: f64,
    /// Closed rings of `[longitude, latitude]`, degrees.
    pub rings: Vec<Vec<[f64; 2]>>,
}

impl BoundLine {
    /// Where a ring's name stands: its northernmost vertex.
    pub fn name_at(ring: &[[f64; 2]]) -> Option<Position> {
        let [longitude_deg, latitude_deg] = *ring.iter().max_by(|one, other| one[1].total_cmp(&other[1]))?;
        Position::new(latitude_deg, longitude_deg)
    }
}

/// Lines of equal bound over the square around the searched area, the smallest first: what time differences of this
/// evidence's errors allow, without them what its levels do, for a transmitter that is heard elsewhere as this one is
/// here. Empty where they never tell a place.
pub fn bound_lines(geodesy: &Geodesy, evidence: &Evidence) -> Vec<BoundLine> {
    let Some(area) = area_of(geodesy, evidence) else { return Vec::new() };
    let frame = LocalFrame { origin: area.center };
    let step_m = 2.0 * area.radius_m / f64::from(STEPS);
    let east_north_m = |x: f64, y: f64| [x, y].map(|steps| (steps - f64::from(STEPS) / 2.0) * step_m);
    let mut tightness = FxHashMap::default();
    for (i, j) in (0..=STEPS).flat_map(|i| (0..=STEPS).map(move |j| (i, j))) {
        let place = frame.position(geodesy, east_north_m(f64::from(i), f64::from(j)));
        let semi_major_m = evidence.bound(geodesy, place).map(|ellipse| ellipse.semi_major_m);
        if let Some(logarithm) = semi_major_m.map(f64::log10).filter(|logarithm| logarithm.is_finite()) {
            tightness.insert((i, j), -logarithm.min(UNKNOWN));
        }
    }
    let drawn = DECADES.flat_map(|decade| DRAWN.map(|step| step * 10f64.powi(decade)));
    let line = |semi_major_m: f64| {
        let rings = rings(&tightness, -UNKNOWN, -semi_major_m.log10());
        let vertex = |[x, y]: &[f64; 2]| {
            let place = frame.position(geodesy, east_north_m(*x, *y));
            [place.longitude_deg, place.latitude_deg]
        };
        let rings: Vec<Vec<[f64; 2]>> = rings.iter().map(|ring| ring.iter().map(vertex).collect()).collect();
        (!rings.is_empty()).then_some(BoundLine { semi_major_m, rings })
    };
    drawn.filter_map(line).collect()
}
