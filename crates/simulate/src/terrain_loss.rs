//! Loss over terrain: free space and diffraction.

use heimdall_recording::Position;

use crate::propagation::{SPEED_OF_LIGHT_M_PER_S, distance_m, free_space_loss_db};
use crate::terrain::Terrain;

/// Radius of the Earth times 4/3: rays in the median atmosphere are straight above it
/// (ITU-R P.526-15, §2; P.310).
pub const EFFECTIVE_EARTH_RADIUS_M: f64 = 8_494_667.0;
/// Profiles need no more points than this; the steps of long paths grow.
const MAX_POINTS: f64 = 2048.0;

/// Loss of a knife edge by its usual approximation, dB (ITU-R P.526-15, §4.1): 0 below
/// ν = −0.78, within 0.15 dB of [`knife_edge_loss_db`](crate::knife_edge_loss_db) above −0.7.
pub fn knife_edge_approximation_db(v: f64) -> f64 {
    if v <= -0.78 {
        return 0.0;
    }
    let shifted = v - 0.1;
    6.9 + 20.0 * (shifted.hypot(1.0) + shifted).log10()
}

/// Diffraction loss of a profile by the Bullington method, dB (ITU-R P.526-15, §4.5.1): the knife
/// edge where the horizons of both ends meet, and the correction of the recommendation.
///
/// `profile_m` holds heights above sea level at equal steps of `distance_m` from transmitter to
/// receiver; the antennas stand `heights_m` above its first and last point.
pub fn bullington_loss_db(profile_m: &[f64], distance_m: f64, wavelength_m: f64, heights_m: [f64; 2]) -> f64 {
    let (Some(first), Some(last), true) = (profile_m.first(), profile_m.last(), distance_m > 0.0) else { return 0.0 };
    let (from_m, to_m) = (first + heights_m[0], last + heights_m[1]);
    let step_m = distance_m / (profile_m.len().max(2) - 1) as f64;
    let slope = (to_m - from_m) / distance_m;
    let parameter =
        |above_m: f64, d_m: f64| above_m * (2.0 * distance_m / (wavelength_m * d_m * (distance_m - d_m))).sqrt();
    let (mut from_slope, mut to_slope, mut clearest) = (f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
    for (n, ground_m) in profile_m.iter().enumerate().take(profile_m.len() - 1).skip(1) {
        let d_m = n as f64 * step_m;
        let height_m = ground_m + d_m * (distance_m - d_m) / (2.0 * EFFECTIVE_EARTH_RADIUS_M);
        from_slope = from_slope.max((height_m - from_m) / d_m);
        to_slope = to_slope.max((height_m - to_m) / (distance_m - d_m));
        clearest = clearest.max(parameter(height_m - from_m - slope * d_m, d_m));
    }
    let v = if from_slope < slope {
        clearest
    } else {
        let d_m = (to_m - from_m + to_slope * distance_m) / (from_slope + to_slope);
        parameter(from_m + from_slope * d_m - (from_m + slope * d_m), d_m)
    };
    let edge_db = knife_edge_approximation_db(v);
    edge_db + (1.0 - (-edge_db / 6.0).exp()) * (10.0 + 0.02 * distance_m / 1000.0)
}

/// Basic transmission loss between isotropic antennas over terrain, dB: free space (ITU-R P.525)
/// and Bullington's diffraction. `heights_m` are those of transmitter and receiver above ground.
pub fn terrain_loss_db(
    terrain: &Terrain,
    transmitter: Position,
    receiver: Position,
    frequency_hz: f64,
    heights_m: [f64; 2],
) -> f64 {
    let distance_m = distance_m(transmitter, receiver).max(1.0);
    let count = (distance_m / terrain.resolution_m()).ceil().clamp(2.0, MAX_POINTS) as usize + 1;
    let profile_m = terrain.profile_m(transmitter, receiver, count);
    let wavelength_m = SPEED_OF_LIGHT_M_PER_S / frequency_hz;
    free_space_loss_db(distance_m, frequency_hz) + bullington_loss_db(&profile_m, distance_m, wavelength_m, heights_m)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knife_edge_loss_db;

    #[test]
    fn the_approximation_follows_the_fresnel_integral() {
        for step in -70..500 {
            let v = f64::from(step) / 100.0;
            let off_db = knife_edge_approximation_db(v) - knife_edge_loss_db(v);
            assert!(off_db.abs() < 0.15, "{v}: {off_db}");
        }
    }

    /// A flat effective Earth: the bulge is taken away beforehand.
    fn profile(distance_m: f64, edges: &[(usize, f64)]) -> Vec<f64> {
        let bulge = |n: usize| {
            let d_m = distance_m * n as f64 / 100.0;
            d_m * (distance_m - d_m) / (2.0 * EFFECTIVE_EARTH_RADIUS_M)
        };
        let edge = |n: usize| edges.iter().find(|(at, _)| *at == n).map_or(0.0, |(_, height)| *height);
        (0..=100).map(|n| edge(n) - bulge(n)).collect()
    }

    fn with_correction(edge_db: f64, distance_km: f64) -> f64 {
        edge_db + (1.0 - (-edge_db / 6.0).exp()) * (10.0 + 0.02 * distance_km)
    }

    #[test]
    fn a_lone_edge_is_itself() {
        // ν = h √(2d / λd₁d₂): 100 m above the ray, 5 and 15 km, λ = 2 m.
        let v = 100.0 * (2.0 * 20e3 / (2.0 * 5e3 * 15e3_f64)).sqrt();
        let expected_db = with_correction(knife_edge_loss_db(v), 20.0);
        let loss_db = bullington_loss_db(&profile(20e3, &[(25, 110.0)]), 20e3, 2.0, [10.0, 10.0]);
        assert!((loss_db - expected_db).abs() < 0.15, "{loss_db} {expected_db}");
    }

    #[test]
    fn two_equal_edges_become_one_where_the_horizons_meet() {
        // At a quarter and three quarters, 50 m above the ray: horizons meet in the middle at 100 m.
        let v = 100.0 * (2.0 * 20e3 / (2.0 * 10e3 * 10e3_f64)).sqrt();
        let expected_db = with_correction(knife_edge_loss_db(v), 20.0);
        let loss_db = bullington_loss_db(&profile(20e3, &[(25, 60.0), (75, 60.0)]), 20e3, 2.0, [10.0, 10.0]);
        assert!((loss_db - expected_db).abs() < 0.15, "{loss_db} {expected_db}");
    }

    #[test]
    fn a_clear_path_loses_nothing() {
        assert_eq!(bullington_loss_db(&profile(5e3, &[]), 5e3, 0.03, [300.0, 300.0]), 0.0);
    }
}
