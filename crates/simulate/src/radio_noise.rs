//! Noise densities: thermal, of the receiver, and man-made.

use serde::{Deserialize, Serialize};

/// Thermal noise density kT₀ at 290 K.
pub(crate) const THERMAL_DBM_PER_HZ: f64 = -173.975;

/// Surroundings of a receiver (ITU-R P.372, man-made noise).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surroundings {
    /// Business areas.
    City,
    /// At least five homes a hectare.
    Residential,
    /// Fewer.
    Rural,
    /// Far from people and their machines. Measured up to 30 MHz; beyond, the line is continued.
    QuietRural,
}

impl Surroundings {
    /// Median external noise figure over kT₀, `c − d log₁₀(f / MHz)` (ITU-R P.372-16, Part 6,
    /// its table of c and d; 0.3 to 250 MHz). Not below 0: the antenna sees no colder ground.
    pub fn noise_figure_db(self, frequency_hz: f64) -> f64 {
        let (c, d) = match self {
            Self::City => (76.8, 27.7),
            Self::Residential => (72.5, 27.7),
            Self::Rural => (67.2, 27.7),
            Self::QuietRural => (53.6, 28.6),
        };
        (c - d * (frequency_hz / 1e6).log10()).max(0.0)
    }
}

/// Density at the antenna terminals of external noise and of a receiver with the given figure:
/// `kT₀ (fₐ + f_r − 1)` (ITU-R P.372-16, Part 1, antenna and line without loss), dBm/Hz.
pub fn system_noise_dbm_per_hz(surroundings: Surroundings, frequency_hz: f64, receiver_figure_db: f64) -> f64 {
    let factor = |figure_db: f64| 10_f64.powf(figure_db / 10.0);
    let external = factor(surroundings.noise_figure_db(frequency_hz));
    THERMAL_DBM_PER_HZ + 10.0 * (external + factor(receiver_figure_db) - 1.0).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_recommendations_lines() {
        // c at 1 MHz; d decibels less a decade up.
        for (surroundings, at_1_mhz_db, at_10_mhz_db) in [
            (Surroundings::City, 76.8, 49.1),
            (Surroundings::Residential, 72.5, 44.8),
            (Surroundings::Rural, 67.2, 39.5),
            (Surroundings::QuietRural, 53.6, 25.0),
        ] {
            assert!((surroundings.noise_figure_db(1e6) - at_1_mhz_db).abs() < 1e-9);
            assert!((surroundings.noise_figure_db(10e6) - at_10_mhz_db).abs() < 1e-9);
        }
    }

    #[test]
    fn equal_shares_add_three_decibels() {
        let external_db = Surroundings::City.noise_figure_db(100e6);
        let sum = system_noise_dbm_per_hz(Surroundings::City, 100e6, external_db);
        // 2f − 1 with f = 138: 0.016 dB less than 2f.
        assert!((sum - (-173.975 + external_db + 3.01)).abs() < 0.03);
        let lossless = system_noise_dbm_per_hz(Surroundings::City, 100e6, 0.0);
        assert!((lossless - (-173.975 + external_db)).abs() < 1e-9);
    }
}
