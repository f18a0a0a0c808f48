//! The offline base map: outlines out of a TopoJSON file (quantised, delta-coded arcs).
//!
//! Borders are drawn arc by arc, so that a border between two countries is drawn once; land is filled by country.

use serde::Deserialize;

/// `[lon, lat]` in degrees.
pub type Vertex = [f64; 2];

/// Land and borders, ready to draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlines {
    /// Polygons of rings.
    pub land: Vec<Vec<Vec<Vertex>>>,
    /// Lines between two countries.
    pub borders: Vec<Vec<Vertex>>,
}

#[derive(Deserialize)]
struct Topology {
    transform: Transform,
    arcs: Vec<Vec<[i64; 2]>>,
    objects: Objects,
}

#[derive(Deserialize)]
struct Transform {
    scale: [f64; 2],
    translate: [f64; 2],
}

#[derive(Deserialize)]
struct Objects {
    countries: Collection,
    land: Collection,
}

#[derive(Deserialize)]
struct Collection {
    geometries: Vec<Geometry>,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "arcs")]
enum Geometry {
    Polygon(Vec<Vec<i64>>),
    MultiPolygon(Vec<Vec<Vec<i64>>>),
    #[serde(other)]
    Other,
}

impl Geometry {
    fn polygons(&self) -> &[Vec<Vec<i64>>] {
        match self {
            Self::MultiPolygon(polygons) => polygons,
            Self::Polygon(rings) => std::slice::from_ref(rings),
            Self::Other => &[],
        }
    }
}

/// Decodes a TopoJSON text with the objects `countries` and `land`.
///
/// # Errors
/// A sentence where the text is not such a file.
pub fn decode(text: &str) -> Result<Outlines, String> {
    let topology: Topology = serde_json::from_str(text).map_err(|error| format!("the base map is damaged: {error}"))?;
    let arcs: Vec<Vec<Vertex>> = topology.arcs.iter().map(|arc| decode_arc(arc, &topology.transform)).collect();
    let polygons = topology.objects.land.geometries.iter().flat_map(Geometry::polygons);
    let joined = polygons.map(|rings| rings.iter().map(|ring| unwrap(join(ring, &arcs))).collect());
    let land = joined.flat_map(copies).collect();
    Ok(Outlines { land, borders: borders(&topology.objects.countries, &arcs) })
}

fn decode_arc(deltas: &[[i64; 2]], transform: &Transform) -> Vec<Vertex> {
    let mut position = [0_i64; 2];
    let step = |delta: &[i64; 2]| {
        let [dx, dy] = *delta;
        let [x, y] = position;
        position = [x.saturating_add(dx), y.saturating_add(dy)];
        let [x, y] = position;
        let ([sx, sy], [tx, ty]) = (transform.scale, transform.translate);
        [x as f64 * sx + tx, y as f64 * sy + ty]
    };
    deltas.iter().map(step).collect()
}

/// Arc number of a reference; a negative reference means the arc backwards.
fn arc_index(reference: i64) -> usize {
    let index = if reference < 0 { !reference } else { reference };
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// A ring out of arcs; neighbouring arcs share their end vertex.
fn join(references: &[i64], arcs: &[Vec<Vertex>]) -> Vec<Vertex> {
    let mut ring: Vec<Vertex> = Vec::new();
    for &reference in references {
        let Some(arc) = arcs.get(arc_index(reference)) else { continue };
        ring.pop();
        if reference < 0 {
            ring.extend(arc.iter().rev());
        } else {
            ring.extend(arc.iter());
        }
    }
    ring
}

/// A ring whose longitudes run on over the date line; one that goes around a pole is closed along it.
fn unwrap(mut ring: Vec<Vertex>) -> Vec<Vertex> {
    let mut previous: Option<f64> = None;
    for [lon, _] in &mut ring {
        if let Some(previous) = previous {
            *lon -= 360.0 * ((*lon - previous) / 360.0).round();
        }
        previous = Some(*lon);
    }
    if let (Some([start, _]), Some([end, lat])) = (ring.first().copied(), ring.last().copied())
        && (start - end).abs() > 180.0
    {
        let pole = 89.9_f64.copysign(lat);
        ring.extend([[end, pole], [start, pole]]);
    }
    ring
}

/// The polygon, and its part beyond the date line at the other edge of the map.
fn copies(polygon: Vec<Vec<Vertex>>) -> Vec<Vec<Vec<Vertex>>> {
    let longitudes = || polygon.iter().flatten().map(|[lon, _]| *lon);
    let (east, west) = (longitudes().fold(0.0, f64::max), longitudes().fold(0.0, f64::min));
    let moved = |degrees: f64| {
        let ring = |ring: &Vec<Vertex>| ring.iter().map(|[lon, lat]| [lon + degrees, *lat]).collect();
        polygon.iter().map(ring).collect::<Vec<Vec<Vertex>>>()
    };
    let beyond_east = (east > 180.01).then(|| moved(-360.0));
    let beyond_west = (west < -180.01).then(|| moved(360.0));
    let copies: Vec<_> = beyond_east.into_iter().chain(beyond_west).collect();
    std::iter::once(polygon).chain(copies).collect()
}

/// Arcs that two countries have in common.
fn borders(countries: &Collection, arcs: &[Vec<Vertex>]) -> Vec<Vec<Vertex>> {
    let mut uses = vec![0_u8; arcs.len()];
    let rings = countries.geometries.iter().flat_map(Geometry::polygons).flatten();
    for &reference in rings.flatten() {
        if let Some(count) = uses.get_mut(arc_index(reference)) {
            *count = count.saturating_add(1);
        }
    }
    arcs.iter().zip(uses).filter(|(_, count)| *count > 1).map(|(arc, _)| arc.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two squares side by side; arc 0 is their common border.
    const SQUARES: &str = r#"{"type":"Topology","transform":{"scale":[2,1],"translate":[10,20]},
        "arcs":[[[1,0],[0,1]],[[1,1],[-1,0],[0,-1],[1,0]],[[1,0],[1,0],[0,1],[-1,0]]],
        "objects":{"countries":{"type":"GeometryCollection","geometries":[
            {"type":"Polygon","arcs":[[0,1]],"id":"1","properties":{"name":"West"}},
            {"type":"MultiPolygon","arcs":[[[-1,2]]]},{"type":"Point","coordinates":[0,0]}]},
          "land":{"type":"GeometryCollection","geometries":[{"type":"MultiPolygon","arcs":[[[1,2]]]}]}}}"#;

    #[test]
    fn arcs_are_summed_scaled_and_joined() {
        let outlines = decode(SQUARES).unwrap();
        let ring = &outlines.land[0][0];
        assert_eq!(ring[0], [12.0, 21.0]);
        assert_eq!(ring.len(), 4 + 4 - 1, "the shared vertex is not doubled");
    }

    #[test]
    fn only_arcs_of_two_countries_are_borders() {
        assert_eq!(decode(SQUARES).unwrap().borders, vec![vec![[12.0, 20.0], [12.0, 21.0]]]);
    }

    #[test]
    fn the_vendored_map_decodes_to_plausible_land() {
        let outlines = decode(include_str!("../assets/vendor/world-atlas/countries-50m.json")).unwrap();
        assert!(outlines.land.len() > 1000 && outlines.borders.len() > 300);
        let in_range = |[lon, lat]: &Vertex| (-540.1..=540.1).contains(lon) && (-90.1..=90.1).contains(lat);
        assert!(outlines.land.iter().flatten().flatten().all(in_range));
        let near = |pair: &[Vertex]| (pair[0][0] - pair[1][0]).abs() < 180.0 || pair[0][1].abs() > 89.0;
        let whole = outlines.land.iter().flatten().all(|ring| ring.windows(2).all(near));
        assert!(whole, "no edge crosses the map, except along a pole");
    }

    #[test]
    fn damage_is_a_sentence() {
        assert!(decode("{}").unwrap_err().contains("base map"));
    }
}
