//! Outlines of ellipses for the map.

use heimdall_localize::Ellipse;
use heimdall_recording::Position;

/// Mean radius of the Earth, metres: an ellipse is drawn on the sphere, which is off by at most 0.3 % of its size.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Closed ring of `[lon, lat]`; longitudes are continuous, so that a ring over the date line stays in one piece.
pub fn ellipse(ellipse: &Ellipse) -> Vec<[f64; 2]> {
    const VERTICES: u32 = 96;
    let (lat, lon) = (ellipse.center.latitude_deg.to_radians(), ellipse.center.longitude_deg.to_radians());
    let vertex = |index: u32| {
        let angle = f64::from(index % VERTICES) / f64::from(VERTICES) * std::f64::consts::TAU;
        let (along, across) = (ellipse.semi_major_m * angle.cos(), ellipse.semi_minor_m * angle.sin());
        let bearing = ellipse.azimuth_deg.to_radians() + across.atan2(along);
        let arc = along.hypot(across) / EARTH_RADIUS_M;
        let sin_lat = lat.sin() * arc.cos() + lat.cos() * arc.sin() * bearing.cos();
        let east = (bearing.sin() * arc.sin() * lat.cos()).atan2(arc.cos() - lat.sin() * sin_lat);
        [(lon + east).to_degrees(), sin_lat.clamp(-1.0, 1.0).asin().to_degrees()]
    };
    (0..=VERTICES).map(vertex).collect()
}

/// An arrow from one place to another as lines of `[lon, lat]`: the shaft, and a head of a sixth of its length.
pub fn arrow(from: Position, to: Position) -> Vec<Vec<[f64; 2]>> {
    let squeeze = to.latitude_deg.to_radians().cos().max(0.01);
    let east = (to.longitude_deg - from.longitude_deg + 180.0).rem_euclid(360.0) - 180.0;
    let (east, north) = (east * squeeze, to.latitude_deg - from.latitude_deg);
    let end = [from.longitude_deg + east / squeeze, to.latitude_deg];
    let barb = |turn: f64| {
        let (sin, cos) = turn.to_radians().sin_cos();
        let (back_east, back_north) = (-(east * cos - north * sin) / 6.0, -(east * sin + north * cos) / 6.0);
        [end[0] + back_east / squeeze, end[1] + back_north]
    };
    vec![vec![[from.longitude_deg, from.latitude_deg], end], vec![barb(25.0), end, barb(-25.0)]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_ends_where_it_points_also_over_the_date_line() {
        let at = |latitude_deg, longitude_deg| Position { latitude_deg, longitude_deg };
        let [shaft, head] = <[_; 2]>::try_from(arrow(at(0.0, 179.0), at(0.0, -179.0))).unwrap();
        assert_eq!(shaft, [[179.0, 0.0], [181.0, 0.0]]);
        assert_eq!(head[1], [181.0, 0.0]);
        assert!(head[0][0] < 181.0 && head[2][0] < 181.0, "barbs point back: {head:?}");
        assert!((head[0][1] + head[2][1]).abs() < 1e-12 && head[0][1] != head[2][1], "and to both sides");
    }

    #[test]
    fn a_ring_reaches_its_semi_axes_and_closes() {
        let center = Position { latitude_deg: 50.0, longitude_deg: 9.0 };
        let ring =
            ellipse(&Ellipse { center, semi_major_m: 20_000.0, semi_minor_m: 5_000.0, azimuth_deg: 0.0, k: 2.448 });
        let degree_m = EARTH_RADIUS_M.to_radians();
        assert_eq!(ring.first(), ring.last());
        assert!(((ring[0][1] - 50.0) * degree_m - 20_000.0).abs() < 1.0, "major axis points north");
        let east_m = (ring[24][0] - 9.0) * degree_m * 50_f64.to_radians().cos();
        assert!((east_m - 5_000.0).abs() < 5.0);
    }
}
