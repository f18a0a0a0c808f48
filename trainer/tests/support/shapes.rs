//! Geometry written here a second time, so that the program's own is checked and not repeated.

use serde_json::Value;

/// Mean radius of the Earth (IUGG), metres.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

type Point = [f64; 2];

/// `[lon, lat]` vertices of a JSON ring.
fn ring(value: &Value) -> Vec<Point> {
    let vertex = |vertex: &Value| [vertex[0].as_f64().unwrap(), vertex[1].as_f64().unwrap()];
    value.as_array().unwrap().iter().map(vertex).collect()
}

/// Polygons of rings of a GeoJSON MultiPolygon.
pub fn polygons(geometry: &Value) -> Vec<Vec<Vec<Point>>> {
    assert_eq!(geometry["type"], "MultiPolygon");
    let polygons = geometry["coordinates"].as_array().unwrap();
    polygons.iter().map(|polygon| polygon.as_array().unwrap().iter().map(ring).collect()).collect()
}

/// Even-odd rule over all rings; holes are outside by it.
pub fn contains(geometry: &Value, [lat, lon]: Point) -> bool {
    let crosses = |edge: &[Point]| {
        let ([x1, y1], [x2, y2]) = (edge[0], edge[1]);
        (y1 > lat) != (y2 > lat) && lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1)
    };
    let rings = polygons(geometry);
    let edges = rings.iter().flatten().flat_map(|ring| ring.windows(2));
    edges.filter(|edge| crosses(edge)).count() % 2 == 1
}

/// Area on the sphere's tangent plane, positive where the ring goes counter-clockwise.
fn signed_area_km2(ring: &[Point]) -> f64 {
    let latitude = ring.iter().map(|vertex| vertex[1]).sum::<f64>() / ring.len() as f64;
    let degree_km = EARTH_RADIUS_M.to_radians() / 1000.0;
    let twice: f64 = ring.windows(2).map(|edge| edge[0][0] * edge[1][1] - edge[1][0] * edge[0][1]).sum();
    twice / 2.0 * degree_km * degree_km * latitude.to_radians().cos()
}

/// Outer rings minus holes.
pub fn area_km2(geometry: &Value) -> f64 {
    polygons(geometry).iter().flatten().map(|ring| signed_area_km2(ring)).sum()
}

/// RFC 7946, section 3.1.6: closed, at least four positions, outer rings counter-clockwise and holes clockwise;
/// section 4: longitude before latitude, in degrees.
pub fn check_polygons(geometry: &Value) {
    for polygon in polygons(geometry) {
        for (index, ring) in polygon.iter().enumerate() {
            assert!(ring.len() >= 4, "{} positions", ring.len());
            assert_eq!(ring.first(), ring.last(), "a ring is open");
            let counter_clockwise = signed_area_km2(ring) > 0.0;
            assert_eq!(counter_clockwise, index == 0, "ring {index} turns the wrong way");
            assert!(ring.iter().all(|[lon, lat]| (-180.0..=180.0).contains(lon) && (-90.0..=90.0).contains(lat)));
        }
    }
}

/// Great-circle distance of two `[lat, lon]`, metres; within 0.5 % of the geodesic.
pub fn distance_m(from: Point, to: Point) -> f64 {
    let [from, to] = [from, to].map(|place| place.map(f64::to_radians));
    let half = |a: f64, b: f64| ((a - b) / 2.0).sin().powi(2);
    let h = half(from[0], to[0]) + from[0].cos() * to[0].cos() * half(from[1], to[1]);
    2.0 * EARTH_RADIUS_M * h.sqrt().asin()
}

/// Initial bearing along the great circle, degrees clockwise from north; within 0.2° of the geodesic's.
pub fn bearing_deg(from: Point, to: Point) -> f64 {
    let [from, to] = [from, to].map(|place| place.map(f64::to_radians));
    let east = to[1] - from[1];
    let y = east.sin() * to[0].cos();
    let x = from[0].cos() * to[0].sin() - from[0].sin() * to[0].cos() * east.cos();
    y.atan2(x).to_degrees().rem_euclid(360.0)
}
