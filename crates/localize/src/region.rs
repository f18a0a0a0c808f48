//! Regions of highest posterior density as polygons.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::contour::{Ring, encloses, rings, signed_area};
use crate::posterior::Judge;
use crate::{Cell, Mode, MultiPolygon, Posterior, Region};

/// Lattice cells that a region is drawn with, about.
const LATTICE_CELLS: f64 = 6000.0;
/// Parts of the 95 % region with less are too improbable to be named as places of their own.
const LEAST_MODE: f64 = 0.03;
/// Limit of the lattice, whatever the region's shape.
const MOST_LATTICE_CELLS: usize = 40_000;

/// Of the lattice for the 95 % region, a smaller one's cells must be this many to be drawn on it.
const FEWEST_CELLS: f64 = 300.0;
/// A lattice spans the densest places up to this multiple of its region's area.
const MARGIN: f64 = 3.0;

/// The regions of 50, 68 and 95 % and the separate peaks.
pub(crate) fn regions_and_modes(posterior: &Posterior, judge: &Judge) -> (Vec<Region>, Vec<Mode>) {
    let lattice = Lattice::new(posterior, judge, 0.95);
    let region = |probability: f64| {
        // A core much smaller than the tails around it would fall between the nodes.
        let cells = posterior.densest(probability).1 / (lattice.spacing_m * lattice.spacing_m);
        let own = (cells < FEWEST_CELLS).then(|| Lattice::new(posterior, judge, probability));
        own.as_ref().unwrap_or(&lattice).region(posterior, judge, probability)
    };
    ([0.5, 0.68, 0.95].map(region).to_vec(), lattice.modes(posterior, judge))
}

/// The posterior on an even lattice fine enough for one region.
struct Lattice {
    spacing_m: f64,
    log_density: FxHashMap<(i32, i32), f64>,
}

impl Lattice {
    fn new(posterior: &Posterior, judge: &Judge, probability: f64) -> Self {
        let (_, area_m2) = posterior.densest(probability);
        let mut spacing_m = (area_m2 / LATTICE_CELLS).sqrt();
        let (most, _) = posterior.densest(0.99);
        let mut spanned_m2 = 0.0;
        let near = |cell: &&Cell| {
            spanned_m2 += cell.area_m2();
            spanned_m2 <= MARGIN * area_m2
        };
        let wide: Vec<Cell> = most.iter().take_while(near).copied().collect();
        let mut nodes = touched(&wide, spacing_m);
        while nodes.len() > MOST_LATTICE_CELLS {
            spacing_m *= 1.5;
            nodes = touched(&wide, spacing_m);
        }
        let radius_m = posterior.area.radius_m;
        let log_density = nodes
            .into_iter()
            .map(|(i, j)| ((i, j), [f64::from(i) * spacing_m, f64::from(j) * spacing_m]))
            .filter(|(_, [east, north])| east.hypot(*north) <= radius_m)
            .map(|(node, place)| (node, posterior.log_density(judge.judge(place, spacing_m / 4.0).0)))
            .collect();
        Self { spacing_m, log_density }
    }

    /// The region that holds `probability`.
    fn region(&self, posterior: &Posterior, judge: &Judge, probability: f64) -> Region {
        let threshold = posterior.threshold(probability);
        let outside = threshold - 4.0;
        let rings = rings(&self.log_density, outside, threshold);
        let polygons = nest(rings);
        let area_cells: f64 = polygons.iter().flatten().map(|ring| signed_area(ring)).sum();
        let to_degrees = |ring: &Ring| -> Vec<[f64; 2]> {
            ring.iter()
                .map(|[i, j]| {
                    let place = [i * self.spacing_m, j * self.spacing_m];
                    let position = posterior.frame.position(judge.geodesy, place);
                    [position.longitude_deg, position.latitude_deg]
                })
                .collect()
        };
        Region {
            probability,
            area_km2: area_cells * self.spacing_m * self.spacing_m / 1e6,
            geometry: MultiPolygon {
                kind: "MultiPolygon".into(),
                coordinates: polygons.iter().map(|polygon| polygon.iter().map(to_degrees).collect()).collect(),
            },
        }
    }

    /// Separate peaks: connected parts of the 95 % region with their probability, most probable first.
    fn modes(&self, posterior: &Posterior, judge: &Judge) -> Vec<Mode> {
        let threshold = posterior.threshold(0.95);
        let mut left: FxHashSet<(i32, i32)> =
            self.log_density.iter().filter(|(_, d)| **d >= threshold).map(|(node, _)| *node).collect();
        // In order, so that equal evidence gives equal sums to the last bit.
        let mut seeds: Vec<(i32, i32)> = left.iter().copied().collect();
        seeds.sort_unstable();
        let cell_log_area = 2.0 * self.spacing_m.ln();
        let mut modes = Vec::new();
        for seed in seeds {
            if !left.remove(&seed) {
                continue;
            }
            let mut stack = vec![seed];
            let (mut best, mut highest, mut probability) = (seed, f64::NEG_INFINITY, 0.0);
            while let Some((i, j)) = stack.pop() {
                let density = self.log_density.get(&(i, j)).copied().unwrap_or(f64::NEG_INFINITY);
                probability += (density + cell_log_area).exp();
                if density > highest {
                    (highest, best) = (density, (i, j));
                }
                for near in neighbours(i, j) {
                    if left.remove(&near) {
                        stack.push(near);
                    }
                }
            }
            let place = [f64::from(best.0) * self.spacing_m, f64::from(best.1) * self.spacing_m];
            modes.push(Mode { position: posterior.frame.position(judge.geodesy, place), probability });
        }
        modes.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        modes.retain(|mode| mode.probability > LEAST_MODE);
        modes.truncate(8);
        modes
    }
}

fn neighbours(i: i32, j: i32) -> impl Iterator<Item = (i32, i32)> {
    (-1..=1).flat_map(move |di| (-1..=1).map(move |dj| (i + di, j + dj)))
}

/// Lattice nodes that the cells cover, and a rim of one node.
fn touched(cells: &[Cell], spacing_m: f64) -> FxHashSet<(i32, i32)> {
    let node = |metres: f64| (metres / spacing_m).round().clamp(-1e9, 1e9) as i32;
    let mut nodes = FxHashSet::default();
    for cell in cells {
        let [east, north] = cell.east_north_m;
        for i in node(east - cell.half_m)..=node(east + cell.half_m) {
            for j in node(north - cell.half_m)..=node(north + cell.half_m) {
                nodes.insert((i, j));
            }
        }
        if nodes.len() > 4 * MOST_LATTICE_CELLS {
            break;
        }
    }
    let inner: Vec<(i32, i32)> = nodes.iter().copied().collect();
    nodes.extend(inner.into_iter().flat_map(|(i, j)| neighbours(i, j)));
    nodes
}

/// Outer rings, each with the holes inside it.
fn nest(rings: Vec<Ring>) -> Vec<Vec<Ring>> {
    let (outer, holes): (Vec<Ring>, Vec<Ring>) = rings.into_iter().partition(|ring| signed_area(ring) > 0.0);
    let mut polygons: Vec<Vec<Ring>> = outer.into_iter().map(|ring| vec![ring]).collect();
    for hole in holes {
        let Some(first) = hole.first().copied() else { continue };
        let home = polygons
            .iter_mut()
            .filter(|polygon| polygon.first().is_some_and(|outer| encloses(outer, first)))
            .min_by(|a, b| {
                let area = |polygon: &Vec<Ring>| polygon.first().map_or(0.0, |ring| signed_area(ring));
                area(a).total_cmp(&area(b))
            });
        if let Some(home) = home {
            home.push(hole);
        }
    }
    polygons
}
