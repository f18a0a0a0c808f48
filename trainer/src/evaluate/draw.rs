//! Random scenes.

use std::f64::consts::TAU;

use heimdall_localize::{Geodesy, LocalFrame, Receiver, SearchArea};
use heimdall_recording::Position;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Middle of all drawn constellations.
pub(crate) const MIDDLE: LocalFrame = LocalFrame { origin: Position { latitude_deg: 45.0, longitude_deg: 8.4 } };

/// Generator of one scene of one study.
pub(crate) fn generator(seed: u64, study: u64, scene: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(study << 40 | scene as u64);
    rng
}

/// A standard normal number.
pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// `count` receivers uniform over a square of `extent_m`, none closer to another than a twelfth of it.
pub(crate) fn receivers(rng: &mut ChaCha8Rng, geodesy: &Geodesy, count: usize, extent_m: f64) -> Vec<Receiver> {
    let mut places: Vec<[f64; 2]> = Vec::new();
    while places.len() < count {
        let place = [(); 2].map(|()| (rng.random::<f64>() - 0.5) * extent_m);
        let apart = |other: &[f64; 2]| (other[0] - place[0]).hypot(other[1] - place[1]) > extent_m / 12.0;
        if places.iter().all(apart) {
            places.push(place);
        }
    }
    let receiver =
        |(index, place)| Receiver { name: format!("R{}", index + 1), position: MIDDLE.position(geodesy, place) };
    places.into_iter().enumerate().map(receiver).collect()
}

/// A place uniform in the disc.
pub(crate) fn in_disc(rng: &mut ChaCha8Rng, geodesy: &Geodesy, area: &SearchArea) -> Position {
    let radius = area.radius_m * rng.random::<f64>().sqrt();
    geodesy.direct(area.center, rng.random::<f64>() * 360.0, radius)
}

/// A place inside the convex hull: a random convex combination of three random receivers.
pub(crate) fn in_hull(rng: &mut ChaCha8Rng, geodesy: &Geodesy, receivers: &[Receiver]) -> Position {
    let places: Vec<[f64; 2]> = receivers.iter().map(|r| MIDDLE.east_north_m(geodesy, r.position)).collect();
    // Rejection: the point must see the receivers on all sides.
    loop {
        let place = [0, 1].map(|axis| {
            let low = places.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min);
            let high = places.iter().map(|p| p[axis]).fold(f64::NEG_INFINITY, f64::max);
            low + (high - low) * rng.random::<f64>()
        });
        let mut angles: Vec<f64> = places.iter().map(|p| (p[1] - place[1]).atan2(p[0] - place[0])).collect();
        angles.sort_by(f64::total_cmp);
        let wrap = angles.first().zip(angles.last()).map_or(TAU, |(first, last)| first + TAU - last);
        let widest = angles.windows(2).map(|w| w[1] - w[0]).fold(wrap, f64::max);
        if widest < TAU / 2.0 {
            return MIDDLE.position(geodesy, place);
        }
    }
}
