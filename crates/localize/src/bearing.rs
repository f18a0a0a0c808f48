//! Bearings from direction-finding receivers or beam antennas.

use crate::expert::{Expert, Place};

/// Probability that a bearing is simply wrong (a reflection, the back lobe).
const OUTLIER_PROBABILITY: f64 = 0.02;

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

    /// Log density of one bearing (per radian) at an angle `off_deg` from it.
    fn log_density(observation: &BearingObservation, off_deg: f64) -> f64 {
        let sigma = observation.sigma_deg.max(0.05).to_radians();
        let concentration = sigma.powi(-2);
        // I₀(κ) ≈ eᵏ/√(2πκ) for the κ of any usable bearing.
        let log_peak = 0.5 * (concentration / (2.0 * std::f64::consts::PI)).ln();
        let density = (log_peak + concentration * (off_deg.to_radians().cos() - 1.0)).exp();
        let floor = OUTLIER_PROBABILITY / (2.0 * std::f64::consts::PI);
        ((1.0 - OUTLIER_PROBABILITY) * density + floor).ln()
    }

    fn off_deg(observation: &BearingObservation, place: &Place) -> f64 {
        let azimuth = place.azimuths_deg.get(observation.receiver).copied().unwrap_or(0.0);
        ((azimuth - observation.bearing_deg + 540.0).rem_euclid(360.0) - 180.0).abs()
    }
}

impl Expert for BearingExpert {
    fn name(&self) -> &'static str {
        "bearing"
    }

    fn log_likelihood(&self, place: &Place) -> f64 {
        self.observations.iter().map(|o| Self::log_density(o, Self::off_deg(o, place))).sum()
    }

    fn rise(&self, place: &Place) -> f64 {
        self.observations
            .iter()
            .map(|o| {
                let distance = place.distances_m.get(o.receiver).copied().unwrap_or(0.0);
                let seen_under_deg =
                    if distance > place.radius_m { (place.radius_m / distance).asin().to_degrees() } else { 180.0 };
                let off = Self::off_deg(o, place);
                Self::log_density(o, (off - seen_under_deg).max(0.0)) - Self::log_density(o, off)
            })
            .sum()
    }
}
