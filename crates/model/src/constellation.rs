//! Receivers in a fixed order: what a model is trained for.

use heimdall_localize::{Geodesy, LocalFrame};
use heimdall_recording::Position;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Receivers that a constellation may have.
pub const RECEIVER_COUNTS: std::ops::RangeInclusive<usize> = 2..=8;
/// Receivers closer than this see no difference in arrival and are one.
const LEAST_BASELINE_M: f64 = 10.0;

/// A receiver of a constellation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// Where it stands.
    #[serde(flatten)]
    pub position: Position,
}

/// Receivers in the order of the planes, and the plane that positions are given in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constellation {
    /// Its name.
    pub name: String,
    /// The receivers.
    pub receivers: Vec<Site>,
    /// Where the local tangent plane has 0 m east and 0 m north.
    pub origin: Position,
    /// Length that positions are divided by inside the network, metres.
    pub scale_m: f64,
}

impl Constellation {
    /// A constellation with its origin in the receivers' middle and the farthest receiver's distance from there
    /// as its scale.
    ///
    /// # Errors
    /// As [`Self::validate`].
    pub fn new(name: String, receivers: Vec<Site>) -> Result<Self, Error> {
        let geodesy = Geodesy::default();
        let Some(first) = receivers.first() else { return Err(Error::ReceiverCount(0)) };
        // Averaged in a plane, so that receivers on both sides of 180° have their middle between them.
        let mut frame = LocalFrame { origin: first.position };
        for _ in 0..3 {
            let sum = receivers.iter().fold([0.0, 0.0], |sum, site| {
                let [east, north] = frame.east_north_m(&geodesy, site.position);
                [sum[0] + east, sum[1] + north]
            });
            frame.origin = frame.position(&geodesy, sum.map(|total| total / receivers.len() as f64));
        }
        let distances_m = receivers.iter().map(|site| geodesy.distance_m(frame.origin, site.position));
        let scale_m = distances_m.fold(0.0, f64::max);
        let constellation = Self { name, receivers, origin: frame.origin, scale_m };
        constellation.validate()?;
        Ok(constellation)
    }

    /// Whether planes can be made for it.
    ///
    /// # Errors
    /// Where there are fewer than 2 or more than 8 receivers, where a coordinate is none, where two receivers stand
    /// within 10 m, or where the scale is no positive number.
    pub fn validate(&self) -> Result<(), Error> {
        if !RECEIVER_COUNTS.contains(&self.receivers.len()) {
            return Err(Error::ReceiverCount(self.receivers.len()));
        }
        let known = |position: Position| Position::new(position.latitude_deg, position.longitude_deg).is_some();
        if let Some(site) = self.receivers.iter().find(|site| !known(site.position)) {
            return Err(Error::ReceiverPosition(site.name.clone()));
        }
        if !(known(self.origin) && self.scale_m.is_finite() && self.scale_m > 0.0) {
            return Err(Error::Plane { scale_m: self.scale_m, name: self.name.clone() });
        }
        let together = self.pairs().find(|pair| pair.baseline_m < LEAST_BASELINE_M);
        match together.and_then(|pair| Some((self.receivers.get(pair.first)?, self.receivers.get(pair.second)?))) {
            Some((first, second)) => Err(Error::SamePlace { first: first.name.clone(), second: second.name.clone() }),
            None => Ok(()),
        }
    }

    /// Planes of its input: one per receiver, one per pair.
    pub fn plane_count(&self) -> usize {
        let receivers = self.receivers.len();
        receivers + receivers * receivers.saturating_sub(1) / 2
    }

    /// Its pairs in the order of the planes: 0–1, 0–2, … 1–2, …
    pub fn pairs(&self) -> impl Iterator<Item = Pair> + '_ {
        let geodesy = Geodesy::default();
        let indices = (0..self.receivers.len()).flat_map(|a| (a + 1..self.receivers.len()).map(move |b| (a, b)));
        indices.filter_map(move |(first, second)| {
            let (a, b) = (self.receivers.get(first)?, self.receivers.get(second)?);
            Some(Pair { first, second, baseline_m: geodesy.distance_m(a.position, b.position) })
        })
    }

    /// The plane that positions are given in: metres east and north.
    pub fn frame(&self) -> LocalFrame {
        LocalFrame { origin: self.origin }
    }

    /// Which of `positions` stands at each receiver, the nearest within `tolerance_m`; `None` where fewer than two
    /// receivers are found, or where a position belongs to no receiver: its recording would be left unheard.
    pub fn assign(&self, positions: &[Position], tolerance_m: f64) -> Option<Vec<Option<usize>>> {
        let geodesy = Geodesy::default();
        let nearest = |site: &Site| {
            let distances = positions.iter().map(|position| geodesy.distance_m(site.position, *position));
            let (index, distance_m) = distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1))?;
            (distance_m <= tolerance_m).then_some(index)
        };
        let assigned: Vec<Option<usize>> = self.receivers.iter().map(nearest).collect();
        let mut taken: Vec<usize> = assigned.iter().flatten().copied().collect();
        let found = taken.len();
        taken.sort_unstable();
        taken.dedup();
        (found >= 2 && taken.len() == found && found == positions.len()).then_some(assigned)
    }
}

/// Two receivers of a constellation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Index of the first.
    pub first: usize,
    /// Index of the second, larger.
    pub second: usize,
    /// Geodesic between them, metres.
    pub baseline_m: f64,
}
