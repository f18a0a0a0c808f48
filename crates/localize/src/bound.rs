//! Cramér–Rao bounds of position: the best that geometry and measurements allow.

use heimdall_recording::Position;

use crate::ellipse::Covariance;
use crate::geodesy::Geodesy;

/// Unit vector (east, north) at `place` pointing from the receiver to the place, and the distance.
fn direction(geodesy: &Geodesy, place: Position, receiver: Position) -> ([f64; 2], f64) {
    let (distance, azimuth) = geodesy.distance_and_azimuth(place, receiver);
    let (sine, cosine) = azimuth.to_radians().sin_cos();
    ([-sine, -cosine], distance)
}

/// Σ w·g·gᵀ about the weighted mean gradient: the Fisher information of measurements with gradients g and
/// weights w (inverse variances) that share one unknown offset (emission time, power).
fn information(rows: &[([f64; 2], f64)]) -> [f64; 3] {
    let total: f64 = rows.iter().map(|(_, w)| w).sum();
    let [me, mn] = [0, 1].map(|axis| rows.iter().map(|(g, w)| g[axis] * w).sum::<f64>() / total);
    let mut sums = [0.0; 3];
    for ([ge, gn], w) in rows {
        let (e, n) = (ge - me, gn - mn);
        sums[0] += w * e * e;
        sums[1] += w * e * n;
        sums[2] += w * n * n;
    }
    sums
}

fn invert(information: [f64; 3]) -> Option<Covariance> {
    let [a, b, d] = information;
    let det = a * d - b * b;
    (det.is_finite() && det > 1e-12 * (a * d).abs()).then(|| [d / det, -b / det, a / det])
}

/// Bound from time differences (Chan & Ho 1994): (GᵀQ⁻¹G)⁻¹ with the emission time unknown.
/// `range_variances_m2` are the receivers' arrival-time variances times c². `None` without 2-D information.
pub fn tdoa_bound(
    geodesy: &Geodesy,
    place: Position,
    receivers: &[Position],
    range_variances_m2: &[f64],
) -> Option<Covariance> {
    let rows: Vec<([f64; 2], f64)> = receivers
        .iter()
        .zip(range_variances_m2)
        .map(|(receiver, variance)| (direction(geodesy, place, *receiver).0, 1.0 / variance))
        .collect();
    invert(information(&rows))
}

/// Bound from levels (Patwari et al. 2003) with unknown power: Fisher information of
/// P − 10·n·log₁₀ d with the power's row eliminated. `sigmas_db` are per receiver, shadowing included.
pub fn level_bound(
    geodesy: &Geodesy,
    place: Position,
    receivers: &[Position],
    sigmas_db: &[f64],
    exponent: f64,
) -> Option<Covariance> {
    let scale = 10.0 * exponent / std::f64::consts::LN_10;
    let rows: Vec<([f64; 2], f64)> = receivers
        .iter()
        .zip(sigmas_db)
        .map(|(receiver, sigma)| {
            let (u, distance) = direction(geodesy, place, *receiver);
            let slope = scale / distance.max(1.0);
            ([u[0] * slope, u[1] * slope], sigma.powi(-2))
        })
        .collect();
    invert(information(&rows))
}
