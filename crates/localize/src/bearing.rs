//! Bearings from direction-finding receivers or beam antennas.

use crate::expert::{Expert, Likelihood, Place};

/// Probability that a bearing is simply wrong (a reflection, the back lobe).
const OUTLIER_PROBABILITY: f64 = 0.005;

/// A bearing taken at a receiver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BearingObservation {
    /// Index of the receiver.
    pub receiver: usize,
    /// Degrees clockwise from true north.
    pub bearing_deg: f64,
    /// 1 σ, degrees.
    pub sigma_deg: f64,
}

/// The expert: von Mises in the angle with a uniform floor.
pub struct BearingExpert {
    observations: Vec<BearingObservation>,
}

impl BearingExpert {
    /// An expert for `observations`.
    pub fn new(observations: Vec<BearingObservation>) -> Self {
        Self { observations }
    }

    /// Log density of one bearing (per radian) at an angle `off_deg` from it, as the mean over a place that is
    /// seen under ±`spread_deg`.
    fn log_density(observation: &BearingObservation, off_deg: f64, spread_deg: f64) -> f64 {
        let sigma = observation.sigma_deg.max(0.05).to_radians();
        // A square of half side h seen under ±√2·h: its own variance is h²/3.
        let variance = sigma * sigma + spread_deg.to_radians().powi(2) / 6.0;
        let concentration = 1.0 / variance;
        // I₀(κ) ≈ eᵏ/√(2πκ) for the κ of any usable bearing.
        let log_peak = 0.5 * (concentration / (2.0 * std::f64::consts::PI)).ln();
        let density = (log_peak + concentration * (off_deg.to_radians().cos() - 1.0)).exp();
        let floor = OUTLIER_PROBABILITY / (2.0 * std::f64::consts::PI);
        ((1.0 - OUTLIER_PROBABILITY) * density + floor).ln()
    }

    /// What one bearing says of a place.
    fn likelihood(observation: &BearingObservation, place: &Place) -> Likelihood {
        let distance = place.distances_m.get(observation.receiver).copied().unwrap_or(0.0);
        let spread_deg =
            if distance > place.radius_m { (place.radius_m / distance).asin().to_degrees() } else { 180.0 };
        let off_deg = Self::off_deg(observation, place);
        let highest = Self::log_density(observation, (off_deg - spread_deg).max(0.0), 0.0);
        let log_mean = Self::log_density(observation, off_deg, spread_deg).min(highest);
        Likelihood { log_mean, rise: highest - log_mean }
    }

    fn off_deg(observation: &BearingObservation, place: &Place) -> f64 {
        let [east, north] = place.directions.get(observation.receiver).copied().unwrap_or_default();
        ((east.atan2(north).to_degrees() - observation.bearing_deg + 540.0).rem_euclid(360.0) - 180.0).abs()
    }
}

impl Expert for BearingExpert {
    fn name(&self) -> &'static str {
        "bearing"
    }

    fn judge(&self, place: &Place) -> Likelihood {
        self.observations.iter().map(|observation| Self::likelihood(observation, place)).sum()
    }
}
