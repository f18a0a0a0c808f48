//! Lines of constant lag.

use heimdall_recording::Position;

use crate::geodesy::{Geodesy, SPEED_OF_LIGHT_M_PER_S};

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
        // Plane hyperbola around its focus, then a few secant steps on the ellipsoid.
        let cosine = f64::from(step).to_radians().cos();
        let denominator = 2.0 * (difference_m + baseline_m * cosine);
        if denominator <= 0.0 {
            continue;
        }
        let mut radius = (baseline_m * baseline_m - difference_m * difference_m) / denominator;
        let mut place = near;
        for _ in 0..4 {
            if !(0.0..=reach_m).contains(&radius) {
                break;
            }
            place = geodesy.direct(near, bearing, radius);
            let error = geodesy.distance_m(place, far) - radius - difference_m;
            let slope = (cosine + difference_m / baseline_m).max(0.05);
            radius += error / (2.0 * slope).max(0.2);
        }
        if (0.0..=reach_m).contains(&radius) {
            line.push([place.longitude_deg, place.latitude_deg]);
        }
    }
    line
}
