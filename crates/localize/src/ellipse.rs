//! Ellipses of 2×2 covariances.

use heimdall_recording::Position;

use crate::Ellipse;

/// Covariance of a position: east², east·north, north², m².
pub type Covariance = [f64; 3];

/// k of the ellipse of a Gaussian that holds `probability`: √(−2 ln(1−p)), 2.448 for 95 %.
pub fn gaussian_k(probability: f64) -> f64 {
    (-2.0 * (1.0 - probability).ln()).sqrt()
}

/// The ellipse of `k` standard deviations. `None` where the covariance is not finite or not positive.
pub fn ellipse(center: Position, covariance_m2: Covariance, k: f64) -> Option<Ellipse> {
    let [ee, en, nn] = covariance_m2;
    let mean = (ee + nn) / 2.0;
    let spread = ((ee - nn) / 2.0).hypot(en);
    let (large, small) = (mean + spread, mean - spread);
    if !(large.is_finite() && small > 0.0) {
        return None;
    }
    // Angle of the major axis from east, anticlockwise; azimuth runs from north, clockwise.
    let from_east_deg = (0.5 * (2.0 * en).atan2(ee - nn)).to_degrees();
    Some(Ellipse {
        center,
        semi_major_m: k * large.sqrt(),
        semi_minor_m: k * small.sqrt(),
        azimuth_deg: (90.0 - from_east_deg).rem_euclid(180.0),
        k,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k_and_axes_are_those_of_the_closed_form() {
        let center = Position { latitude_deg: 45.0, longitude_deg: 8.0 };
        let e = ellipse(center, [4.0, 0.0, 1.0], gaussian_k(0.95)).unwrap();
        assert!((e.k - 2.447_746_8).abs() < 1e-6);
        assert!((e.semi_major_m - 2.0 * e.k).abs() < 1e-12 && (e.semi_minor_m - e.k).abs() < 1e-12);
        assert!((e.azimuth_deg - 90.0).abs() < 1e-9);
        // Major axis along north-east: azimuth 45°.
        let tilted = ellipse(center, [2.5, 1.5, 2.5], gaussian_k(0.6827)).unwrap();
        assert!((tilted.azimuth_deg - 45.0).abs() < 1e-9);
        assert!((tilted.k - 1.5152).abs() < 1e-3);
        assert!(ellipse(center, [1.0, 2.0, 1.0], gaussian_k(0.95)).is_none());
    }
}
