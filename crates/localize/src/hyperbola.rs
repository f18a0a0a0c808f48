//! Lines of constant lag.

use heimdall_recording::Position;

use crate::geodesy::{Geodesy, SPEED_OF_LIGHT_M_PER_S};

/// A vertex is drawn once its range difference is right to this.
const TOLERANCE_M: f64 = 0.5;
const MOST_STEPS: usize = 20;

/// The line on which the arrival at `first` minus the arrival at `second` is `lag_s`, as `[lon, lat]`
/// vertices out to `reach_m` from the receiver that it bends around. Empty where no place has that lag.
pub fn hyperbola(geodesy: &Geodesy, first: Position, second: Position, lag_s: f64, reach_m: f64) -> Vec<[f64; 2]> {
    // Rays leave the nearer receiver; along each the range difference falls or rises monotonically.
    let difference_m = lag_s * SPEED_OF_LIGHT_M_PER_S;
    let (near, far, difference_m) =
        if difference_m <= 0.0 { (first, second, -difference_m) } else { (second, first, difference_m) };
    let (baseline_m, azimuth) = geodesy.distance_and_azimuth(near, far);
    if difference_m >= baseline_m {
        return Vec::new();
    }
    let mut line = Vec::new();
    for step in -179..=179 {
        let bearing = azimuth + f64::from(step);
        let cosine = f64::from(step).to_radians().cos();
        let denominator = 2.0 * (difference_m + baseline_m * cosine);
        if denominator <= 0.0 {
            continue;
        }
        // Plane hyperbola around its focus, then Newton on the ellipsoid with the plane's derivative.
        let mut radius = (baseline_m * baseline_m - difference_m * difference_m) / denominator;
        for _ in 0..MOST_STEPS {
            if !(0.0..=reach_m).contains(&radius) {
                break;
            }
            let place = geodesy.direct(near, bearing, radius);
            let far_m = geodesy.distance_m(place, far);
            let error_m = far_m - radius - difference_m;
            if error_m.abs() < TOLERANCE_M {
                line.push([place.longitude_deg, place.latitude_deg]);
                break;
            }
            radius += 2.0 * error_m * far_m / denominator;
        }
    }
    line
}
