//! Outlines on a sparse lattice: marching squares whose segments are joined into rings.

use rustc_hash::FxHashMap;

/// A closed ring of lattice coordinates, counter-clockwise around higher values.
pub(crate) type Ring = Vec<[f64; 2]>;

/// Rings where the values, known at some lattice nodes and `outside` at all others, cross `level`.
pub(crate) fn rings(values: &FxHashMap<(i32, i32), f64>, outside: f64, level: f64) -> Vec<Ring> {
    let at = |i: i32, j: i32| values.get(&(i, j)).copied().unwrap_or(outside);
    let mut squares: Vec<(i32, i32)> =
        values.keys().flat_map(|(i, j)| [(*i, *j), (i - 1, *j), (*i, j - 1), (i - 1, j - 1)]).collect();
    squares.sort_unstable();
    squares.dedup();
    // Directed segments between lattice edges; an edge is named by its lower node and its direction.
    let mut next: FxHashMap<Edge, Vec<Edge>> = FxHashMap::default();
    let mut starts = Vec::new();
    for (i, j) in squares {
        for (from, to) in segments(i, j, [at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)], level) {
            next.entry(from).or_default().push(to);
            starts.push(from);
        }
    }
    let point = |edge: Edge| {
        let (a, b) = (at(edge.i, edge.j), if edge.vertical { at(edge.i, edge.j + 1) } else { at(edge.i + 1, edge.j) });
        let t = ((level - a) / (b - a)).clamp(0.001, 0.999);
        let (x, y) = (f64::from(edge.i), f64::from(edge.j));
        if edge.vertical { [x, y + t] } else { [x + t, y] }
    };
    let mut rings = Vec::new();
    for start in starts {
        let mut ring = Vec::new();
        let mut edge = start;
        while let Some(to) = next.get_mut(&edge).and_then(Vec::pop) {
            ring.push(point(edge));
            edge = to;
            if edge == start {
                break;
            }
        }
        if ring.len() >= 3 {
            if let Some(first) = ring.first().copied() {
                ring.push(first);
            }
            rings.push(ring);
        }
    }
    rings
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Edge {
    i: i32,
    j: i32,
    vertical: bool,
}

/// Segments of one square with corner values anticlockwise from the lower left; higher values on the left.
fn segments(i: i32, j: i32, corners: [f64; 4], level: f64) -> Vec<(Edge, Edge)> {
    let edges = [
        Edge { i, j, vertical: false },
        Edge { i: i + 1, j, vertical: true },
        Edge { i, j: j + 1, vertical: false },
        Edge { i, j, vertical: true },
    ];
    let high = corners.map(|value| value >= level);
    if high.iter().all(|corner| *corner == high[0]) {
        return Vec::new();
    }
    // Walking the square's edges anticlockwise, a contour enters the square where low turns to high … and
    // leaves where high turns to low; each leaving edge pairs with the entering edge that precedes it.
    let crossing = |k: usize| match (high[k], high[(k + 1) % 4]) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    };
    let falling: Vec<usize> = (0..4).filter(|k| crossing(*k) == Some(true)).collect();
    let rising: Vec<usize> = (0..4).filter(|k| crossing(*k) == Some(false)).collect();
    match (falling.as_slice(), rising.as_slice()) {
        ([from], [to]) => vec![(edges[*from], edges[*to])],
        ([a, b], [_, _]) => {
            // A saddle: joined through the middle where its mean is high, else cut apart.
            let joined = corners.iter().sum::<f64>() / 4.0 >= level;
            let turn = if joined { 1 } else { 3 };
            [*a, *b].map(|from| (edges[from], edges[(from + turn) % 4])).to_vec()
        }
        _ => Vec::new(),
    }
}

/// Signed area of a ring: positive where it runs counter-clockwise.
pub(crate) fn signed_area(ring: &[[f64; 2]]) -> f64 {
    ring.windows(2).map(|w| 0.5 * (w[0][0] * w[1][1] - w[1][0] * w[0][1])).sum()
}

/// True where a ring encloses a point (even–odd rule).
pub(crate) fn encloses(ring: &[[f64; 2]], point: [f64; 2]) -> bool {
    let mut inside = false;
    for w in ring.windows(2) {
        let ([x1, y1], [x2, y2]) = (w[0], w[1]);
        if (y1 > point[1]) != (y2 > point[1]) && point[0] < x1 + (point[1] - y1) / (y2 - y1) * (x2 - x1) {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(f: impl Fn(f64, f64) -> f64) -> FxHashMap<(i32, i32), f64> {
        (-40..=40)
            .flat_map(|i| (-40..=40).map(move |j| (i, j)))
            .map(|(i, j)| ((i, j), f(f64::from(i), f64::from(j))))
            .collect()
    }

    #[test]
    fn a_hill_has_one_ring_of_its_area() {
        let rings = rings(&field(|x, y| 100.0 - x * x - y * y), -1e6, 0.0);
        assert_eq!(rings.len(), 1);
        let area = signed_area(&rings[0]);
        assert!((area / (std::f64::consts::PI * 100.0) - 1.0).abs() < 0.01, "{area}");
    }

    #[test]
    fn a_crater_has_an_outer_ring_and_a_hole_that_run_opposite_ways() {
        let rings = rings(
            &field(|x, y| {
                let r = x.hypot(y);
                5.0 - (r - 20.0).abs()
            }),
            -1e6,
            0.0,
        );
        let mut areas: Vec<f64> = rings.iter().map(|ring| signed_area(ring)).collect();
        areas.sort_by(f64::total_cmp);
        assert_eq!(areas.len(), 2);
        assert!((areas[1] / (std::f64::consts::PI * 625.0) - 1.0).abs() < 0.01);
        assert!((areas[0] / (-std::f64::consts::PI * 225.0) - 1.0).abs() < 0.01);
    }

    #[test]
    fn rings_close_at_saddles_and_at_the_edge_of_what_is_known() {
        let rings = rings(&field(|x, y| (x * y / 50.0).sin() + 0.001), -10.0, 0.0);
        assert!(!rings.is_empty());
        assert!(rings.iter().all(|ring| ring.first() == ring.last() && ring.len() > 3));
    }

    #[test]
    fn encloses_follows_the_ring() {
        let square = vec![[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]];
        assert!(encloses(&square, [1.0, 1.0]));
        assert!(!encloses(&square, [3.0, 1.0]));
    }
}
