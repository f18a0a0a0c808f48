//! The posterior: prior times experts, on a grid that is fine only where that matters.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

use heimdall_recording::Position;

use crate::ellipse::{Covariance, ellipse};
use crate::geodesy::{Geodesy, LocalFrame};
use crate::range::RangeOrigin;
use crate::{Ellipse, Expert, Likelihood, Place};

/// Cells across the search area to begin with.
const FIRST_CELLS: usize = 16;

/// How finely a posterior is searched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// A cell is split while the probability that it may misplace exceeds this.
    pub(crate) tolerance: f64,
    /// Evaluations of the experts that the search may spend.
    pub(crate) most_evaluations: usize,
}

/// Where the transmitter is looked for: a disc, every place in it as probable as any other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchArea {
    /// Middle.
    pub center: Position,
    /// Radius, metres.
    pub radius_m: f64,
}

/// A square of the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Middle, metres east and north of the search area's centre.
    pub east_north_m: [f64; 2],
    /// Half its side, metres.
    pub half_m: f64,
    /// Probability that the transmitter is in it.
    pub probability: f64,
}

impl Cell {
    /// Area, m².
    pub fn area_m2(&self) -> f64 {
        4.0 * self.half_m * self.half_m
    }

    /// Probability per m².
    pub fn density(&self) -> f64 {
        self.probability / self.area_m2()
    }
}

/// A probability distribution over position.
pub struct Posterior {
    /// Where was searched.
    pub area: SearchArea,
    /// Plane that the cells lie in.
    pub frame: LocalFrame,
    /// Cells, densest first; probabilities sum to 1.
    pub cells: Vec<Cell>,
    /// False where the search ended at its limit, before the grid was fine enough everywhere.
    pub complete: bool,
    log_total: f64,
}

/// Evaluates experts at places of the plane.
pub(crate) struct Judge<'a> {
    pub(crate) geodesy: &'a Geodesy,
    pub(crate) frame: LocalFrame,
    /// The plane's origin.
    pub(crate) center: RangeOrigin,
    pub(crate) receivers: &'a [RangeOrigin],
    pub(crate) experts: &'a [Box<dyn Expert>],
    ranges: RefCell<Ranges>,
}

/// Distances and directions from every receiver, room for which is kept.
#[derive(Default)]
struct Ranges {
    distances_m: Vec<f64>,
    directions: Vec<[f64; 2]>,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(
        geodesy: &'a Geodesy,
        area: SearchArea,
        receivers: &'a [RangeOrigin],
        experts: &'a [Box<dyn Expert>],
    ) -> Self {
        let (frame, center) = (LocalFrame { origin: area.center }, RangeOrigin::new(area.center));
        Self { geodesy, frame, center, receivers, experts, ranges: RefCell::default() }
    }

    /// (log-likelihood, rise) of the square around a point.
    pub(crate) fn judge(&self, east_north_m: [f64; 2], half_m: f64) -> (f64, f64) {
        let place_m = self.center.place_m(east_north_m);
        let mut ranges = self.ranges.borrow_mut();
        let Ranges { distances_m, directions } = &mut *ranges;
        distances_m.clear();
        directions.clear();
        for (distance_m, direction) in self.receivers.iter().map(|receiver| receiver.range(place_m)) {
            distances_m.push(distance_m);
            directions.push(direction);
        }
        let place = Place { distances_m, directions, radius_m: half_m * std::f64::consts::SQRT_2 };
        let Likelihood { log_mean, rise } = self.experts.iter().map(|expert| expert.judge(&place)).sum();
        (log_mean, rise.max(0.0))
    }
}

/// A cell that may yet be split, ordered by the probability that it may misplace.
struct Open {
    cell: Cell,
    log_mass: f64,
    log_doubt: f64,
}

impl Open {
    fn new(judge: &Judge, east_north_m: [f64; 2], half_m: f64) -> Self {
        let (value, rise) = judge.judge(east_north_m, half_m);
        let cell = Cell { east_north_m, half_m, probability: 0.0 };
        let log_mass = value + cell.area_m2().ln();
        Self { cell, log_mass, log_doubt: log_mass + rise.min(700.0).exp_m1().max(1e-300).ln() }
    }
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Open {}
impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        self.log_doubt.total_cmp(&other.log_doubt)
    }
}

impl Posterior {
    /// Searches `area`, splitting first the cell that may hide most, until no cell may misplace more than
    /// [`Effort::tolerance`] or all evaluations are spent. `None` where every place is impossible.
    pub(crate) fn search(judge: &Judge, area: SearchArea, effort: Effort) -> Option<Self> {
        let Effort { tolerance, most_evaluations } = effort;
        let mut heap = BinaryHeap::new();
        let half_m = area.radius_m / FIRST_CELLS as f64;
        let inside = |east_north_m: [f64; 2]| east_north_m[0].hypot(east_north_m[1]) <= area.radius_m;
        for row in 0..FIRST_CELLS {
            for column in 0..FIRST_CELLS {
                let at = |n: usize| (2 * n + 1) as f64 * half_m - area.radius_m;
                let middle = [at(column), at(row)];
                if middle[0].hypot(middle[1]) <= area.radius_m + half_m {
                    heap.push(Open::new(judge, middle, half_m));
                }
            }
        }
        let mut evaluations = heap.len();
        let mut reference = heap.iter().map(|open| open.log_mass).fold(f64::NEG_INFINITY, f64::max);
        let mut total: f64 = heap.iter().map(|open| (open.log_mass - reference).exp()).sum();
        let mut done = Vec::new();
        let mut complete = false;
        while let Some(open) = heap.pop() {
            if open.log_doubt < reference + total.ln() + tolerance.ln() {
                done.push(open);
                complete = true;
                break;
            }
            if evaluations >= most_evaluations || open.cell.half_m < 1e-4 {
                done.push(open);
                if evaluations >= most_evaluations {
                    break;
                }
                continue;
            }
            total -= (open.log_mass - reference).exp();
            let quarter = open.cell.half_m / 2.0;
            let [east, north] = open.cell.east_north_m;
            for (de, dn) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
                let child = Open::new(judge, [east + de * quarter, north + dn * quarter], quarter);
                if child.log_mass > reference + 50.0 {
                    total *= (reference - child.log_mass).exp();
                    reference = child.log_mass;
                }
                total += (child.log_mass - reference).exp();
                heap.push(child);
            }
            evaluations += 4;
            total = total.max(f64::MIN_POSITIVE);
        }
        done.extend(heap);
        done.retain(|open| inside(open.cell.east_north_m));
        let highest = done.iter().map(|open| open.log_mass).fold(f64::NEG_INFINITY, f64::max);
        if !highest.is_finite() {
            return None;
        }
        let sum: f64 = done.iter().map(|open| (open.log_mass - highest).exp()).sum();
        let log_total = highest + sum.ln();
        let mut cells: Vec<Cell> =
            done.iter().map(|open| Cell { probability: (open.log_mass - log_total).exp(), ..open.cell }).collect();
        cells.sort_by(|a, b| b.density().total_cmp(&a.density()));
        Some(Self { area, frame: judge.frame, cells, complete, log_total })
    }

    /// Log density per m² at a judged value.
    pub(crate) fn log_density(&self, log_likelihood: f64) -> f64 {
        log_likelihood - self.log_total
    }

    /// Mean, metres east and north of the search area's centre.
    pub fn mean_m(&self) -> [f64; 2] {
        mean_m(&self.cells)
    }

    /// Covariance matrix (east², east·north, north²) of the main body, m², and the mean that it is about.
    ///
    /// The sparse tails that outliers leave all over the area searched would blow up the second moment
    /// of the whole, so it is taken over the densest 90 % and divided by what that keeps of a Gaussian's:
    /// 1 + (1−p)·ln(1−p)/p.
    pub fn body(&self) -> ([f64; 2], [f64; 3]) {
        const SHARE: f64 = 0.9;
        let kept = 1.0 + (1.0 - SHARE) * (1.0 - SHARE).ln() / SHARE;
        let (cells, _) = self.densest(SHARE);
        let [east, north] = mean_m(cells);
        let held: f64 = cells.iter().map(|cell| cell.probability).sum();
        let mut sums = [0.0; 3];
        for cell in cells {
            let (de, dn) = (cell.east_north_m[0] - east, cell.east_north_m[1] - north);
            let within = cell.half_m * cell.half_m / 3.0;
            sums[0] += cell.probability * (de * de + within);
            sums[1] += cell.probability * de * dn;
            sums[2] += cell.probability * (dn * dn + within);
        }
        ([east, north], sums.map(|sum| sum / (held * kept)))
    }

    /// Ellipse with the middle and shape of the main body, scaled until it holds `probability` of the posterior.
    ///
    /// It is drawn in the plane that is true to distance and direction from its own middle, and fitted there: far
    /// from the middle of the area searched north points elsewhere, which a long thin ellipse would feel.
    pub(crate) fn ellipse(&self, geodesy: &Geodesy, probability: f64) -> Option<Ellipse> {
        const SHARE: f64 = 0.995;
        let center = self.frame.position(geodesy, self.body().0);
        let own = LocalFrame { origin: center };
        let (from, to) = (RangeOrigin::new(self.frame.origin), RangeOrigin::new(center));
        // As the cells were judged: by the circle that osculates the ellipsoid.
        let place = |cell: &Cell| {
            let (distance_m, direction) = to.range(from.place_m(cell.east_north_m));
            direction.map(|share| distance_m * share)
        };
        let cells = self.densest(SHARE).0.iter().map(|cell| Cell { east_north_m: place(cell), ..*cell }).collect();
        let moved = Self { frame: own, cells, ..*self };
        let (middle, covariance) = moved.body();
        ellipse(own.position(geodesy, middle), covariance, moved.k(middle, covariance, probability))
    }

    /// Semi-axes, in standard deviations of `covariance_m2`, of the ellipse about `middle_m` that holds
    /// `probability` of the posterior.
    fn k(&self, middle_m: [f64; 2], covariance_m2: Covariance, probability: f64) -> f64 {
        let [ee, en, nn] = covariance_m2;
        let determinant = (ee * nn - en * en).max(f64::MIN_POSITIVE);
        // A cell counts at its own mean of k², so that few large cells do not shrink the ellipse.
        let within = |cell: &Cell| cell.half_m * cell.half_m / 3.0 * (ee + nn) / determinant;
        let mut cells: Vec<(f64, f64)> = self
            .cells
            .iter()
            .map(|cell| {
                let (e, n) = (cell.east_north_m[0] - middle_m[0], cell.east_north_m[1] - middle_m[1]);
                let k2 = (nn * e * e - 2.0 * en * e * n + ee * n * n) / determinant;
                (k2 + within(cell), cell.probability)
            })
            .collect();
        cells.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut held = 0.0;
        let reached = |(_, share): &&(f64, f64)| {
            held += share;
            held >= probability
        };
        cells.iter().find(reached).or(cells.last()).map_or(0.0, |(k2, _)| k2.sqrt())
    }

    /// Log density, per m², above which the smallest region that holds `probability` lies.
    pub(crate) fn threshold(&self, probability: f64) -> f64 {
        self.densest(probability).0.last().map_or(f64::NEG_INFINITY, |cell| cell.density().ln())
    }

    /// Cells of the smallest region that holds `probability`, and its area in m².
    pub fn densest(&self, probability: f64) -> (&[Cell], f64) {
        let (mut held, mut area, mut count) = (0.0, 0.0, 0);
        for cell in &self.cells {
            held += cell.probability;
            area += cell.area_m2();
            count += 1;
            if held >= probability {
                break;
            }
        }
        (self.cells.get(..count).unwrap_or(&self.cells), area)
    }

    /// Highest point: the densest cell's middle, then a pattern search.
    pub(crate) fn mode_m(&self, judge: &Judge) -> [f64; 2] {
        let Some(cell) = self.cells.first() else { return [0.0, 0.0] };
        let mut best = cell.east_north_m;
        let mut value = judge.judge(best, 0.0).0;
        let mut step = cell.half_m;
        while step > cell.half_m / 64.0 {
            let moved = [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)]
                .map(|(de, dn)| [best[0] + de, best[1] + dn])
                .map(|place| (judge.judge(place, 0.0).0, place))
                .into_iter()
                .max_by(|a, b| a.0.total_cmp(&b.0));
            match moved {
                Some((better, place)) if better > value => (value, best) = (better, place),
                _ => step /= 2.0,
            }
        }
        best
    }
}

fn mean_m(cells: &[Cell]) -> [f64; 2] {
    let held: f64 = cells.iter().map(|cell| cell.probability).sum();
    [0, 1].map(|axis| cells.iter().map(|cell| cell.probability * cell.east_north_m[axis]).sum::<f64>() / held)
}
