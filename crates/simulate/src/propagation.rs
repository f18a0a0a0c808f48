//! Log-distance path loss with correlated log-normal shadowing, and excess delay.

use geographiclib_rs::{Geodesic, InverseGeodesic};
use heimdall_recording::Position;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::scene::{finite, not_negative, positive};

/// Speed of light in vacuum.
pub const SPEED_OF_LIGHT_M_PER_S: f64 = 299_792_458.0;

/// Distance at which [`Propagation::reference_loss_db`] is given.
pub const REFERENCE_DISTANCE_M: f64 = 1000.0;

/// Nearer than this nothing becomes stronger.
const NEAREST_M: f64 = 1.0;

/// What happens between the transmitter and the receivers:
/// `level = power − reference loss − 10 n log₁₀(d / 1 km) + shadowing`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Propagation {
    /// Path-loss exponent n; 2 in free space.
    pub exponent: f64,
    /// Loss at [`REFERENCE_DISTANCE_M`]; that of free space where `None`.
    #[serde(default)]
    pub reference_loss_db: Option<f64>,
    /// Standard deviation of the shadowing.
    #[serde(default)]
    pub shadowing_sigma_db: f64,
    /// Correlation of shadowing between receivers Δ apart falls as exp(−Δ / this)
    /// (Gudmundson 1991). Independent where `None`.
    #[serde(default)]
    pub shadowing_correlation_m: Option<f64>,
    /// Standard deviation of each receiver's delay beyond d/c. Drawn with zero mean: the mean
    /// excess is common to all receivers and cancels in time differences.
    #[serde(default)]
    pub excess_delay_sigma_s: f64,
}

impl Propagation {
    /// Free space and nothing else.
    pub fn free_space() -> Self {
        Self {
            exponent: 2.0,
            reference_loss_db: None,
            shadowing_sigma_db: 0.0,
            shadowing_correlation_m: None,
            excess_delay_sigma_s: 0.0,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        let place = "the propagation";
        finite(place, "exponent", self.exponent)?;
        finite(place, "reference_loss_db", self.reference_loss_db.unwrap_or_default())?;
        not_negative(place, "shadowing_sigma_db", self.shadowing_sigma_db)?;
        not_negative(place, "excess_delay_sigma_s", self.excess_delay_sigma_s)?;
        match self.shadowing_correlation_m {
            Some(length_m) => positive(place, "shadowing_correlation_m", length_m),
            None => Ok(()),
        }
    }

    /// Loss over `distance_m` without shadowing.
    pub fn path_loss_db(&self, distance_m: f64, frequency_hz: f64) -> f64 {
        let reference_db =
            self.reference_loss_db.unwrap_or_else(|| free_space_loss_db(REFERENCE_DISTANCE_M, frequency_hz));
        let ratio = distance_m.max(NEAREST_M) / REFERENCE_DISTANCE_M;
        reference_db + 10.0 * self.exponent * ratio.log10()
    }

    /// Shadowing at each of the receivers, jointly Gaussian.
    pub(crate) fn draw_shadowing(&self, receivers: &[Position], rng: &mut ChaCha8Rng) -> Vec<f64> {
        let independent: Vec<f64> = receivers.iter().map(|_| rng.sample(StandardNormal)).collect();
        let correlated = match self.shadowing_correlation_m {
            Some(length_m) => {
                let correlation = |i: &Position, j: &Position| (-distance_m(*i, *j) / length_m).exp();
                let rows: Vec<Vec<f64>> =
                    receivers.iter().map(|i| receivers.iter().map(|j| correlation(i, j)).collect()).collect();
                times_lower(&cholesky(&rows), &independent)
            }
            None => independent,
        };
        correlated.into_iter().map(|value| value * self.shadowing_sigma_db).collect()
    }
}

/// Loss between isotropic antennas in free space, `20 log₁₀(4πdf/c)` (ITU-R P.525).
pub fn free_space_loss_db(distance_m: f64, frequency_hz: f64) -> f64 {
    let turns = distance_m * frequency_hz / SPEED_OF_LIGHT_M_PER_S;
    20.0 * (4.0 * std::f64::consts::PI * turns).log10()
}

/// Length of the geodesic on WGS84 (Karney 2013).
pub fn distance_m(from: Position, to: Position) -> f64 {
    Geodesic::wgs84().inverse(from.latitude_deg, from.longitude_deg, to.latitude_deg, to.longitude_deg)
}

/// Lower triangle L with L·Lᵀ equal to `matrix`, row by row. Receivers at one place make the
/// matrix singular: their pivot is 0 and they share one value.
fn cholesky(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut lower: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
    for (i, given) in matrix.iter().enumerate() {
        let mut row: Vec<f64> = Vec::with_capacity(i + 1);
        for (above, given) in lower.iter().zip(given) {
            let known: f64 = row.iter().zip(above).map(|(a, b)| a * b).sum();
            let pivot = above.last().copied().unwrap_or_default();
            row.push(if pivot > 1e-6 { (given - known) / pivot } else { 0.0 });
        }
        let known: f64 = row.iter().map(|a| a * a).sum();
        let left = given.get(i).copied().unwrap_or_default() - known;
        row.push(left.max(0.0).sqrt());
        lower.push(row);
    }
    lower
}

fn times_lower(lower: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    lower.iter().map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn shadowing_has_gudmundsons_covariance() {
        let receivers: Vec<Position> = [(45.0, 7.0), (45.1, 7.0), (45.0, 7.5), (45.3, 7.9)]
            .iter()
            .map(|(lat, lon)| Position::new(*lat, *lon).unwrap())
            .collect();
        let world =
            Propagation { shadowing_sigma_db: 6.0, shadowing_correlation_m: Some(30e3), ..Propagation::free_space() };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let draws: Vec<Vec<f64>> = (0..20_000).map(|_| world.draw_shadowing(&receivers, &mut rng)).collect();
        for (i, a) in receivers.iter().enumerate() {
            for (j, b) in receivers.iter().enumerate() {
                let measured = draws.iter().map(|draw| draw[i] * draw[j]).sum::<f64>() / draws.len() as f64;
                let expected = 36.0 * (-distance_m(*a, *b) / 30e3).exp();
                // Standard error of a covariance of 20 000 pairs is at most 36 √(2/20 000) = 0.36.
                assert!((measured - expected).abs() < 1.2, "{i} {j} {measured} {expected}");
            }
        }
    }

    #[test]
    fn receivers_at_one_place_share_their_shadowing() {
        let here = Position::new(45.0, 7.0).unwrap();
        let world =
            Propagation { shadowing_sigma_db: 6.0, shadowing_correlation_m: Some(30e3), ..Propagation::free_space() };
        let drawn = world.draw_shadowing(&[here, here], &mut ChaCha8Rng::seed_from_u64(1));
        assert!((drawn[0] - drawn[1]).abs() < 1e-6);
    }

    #[test]
    fn path_loss_is_the_formula() {
        // ITU-R P.525: 32.45 dB + 20 log f/MHz + 20 log d/km (32.45 is 20 log(4π·10⁹/c)).
        let expected = 32.4478 + 20.0 * 145.5_f64.log10();
        let world = Propagation { exponent: 3.5, ..Propagation::free_space() };
        assert!((world.path_loss_db(1e3, 145.5e6) - expected).abs() < 1e-3);
        assert!((world.path_loss_db(1e5, 145.5e6) - expected - 70.0).abs() < 1e-3);
        let stated = Propagation { reference_loss_db: Some(100.0), ..world };
        assert!((stated.path_loss_db(1e4, 145.5e6) - 135.0).abs() < 1e-9);
        assert!(stated.path_loss_db(0.0, 145.5e6).is_finite());
    }
}
