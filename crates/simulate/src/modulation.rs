//! Waveforms of emissions, as harmonics of a long period.
//!
//! Every waveform is limited strictly to its stated bandwidth and scaled to a mean power of 1, so
//! that levels, signal-to-noise ratios and delays have exact definitions.

use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;
use rustfft::FftPlanner;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::bandlimited::{grid_points, highest_harmonic};
use crate::scene::{positive, within};
use crate::waveform::{
    Grid, KEYED_BANDWIDTH_HZ, VOICE_HIGH_HZ, frequency_modulated, fsk, gaussian, keyed, limited, voice,
};

/// What is emitted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modulation {
    /// Gaussian noise of constant density: what delay bounds are derived for.
    FlatNoise {
        /// Width of the band.
        bandwidth_hz: f64,
    },
    /// Random bits, two frequencies, continuous phase.
    Fsk {
        /// Bits per second.
        symbol_rate_hz: f64,
        /// From the middle to either frequency.
        deviation_hz: f64,
    },
    /// A voice transmitter's narrow-band FM: noise of 0.3–3 kHz with the pauses of syllables.
    NbfmVoiceLike {
        /// Peak deviation.
        deviation_hz: f64,
    },
    /// A carrier keyed with random dots and dashes.
    CwKeyed {
        /// Words (PARIS) per minute.
        words_per_minute: f64,
    },
    /// A carrier and two side bands of 0.3–3 kHz.
    Am {
        /// Modulation depth at peaks, 0…1.
        depth: f64,
    },
}

/// Points of the longest waveform.
const MAX_POINTS: f64 = 67_108_864.0;

impl Modulation {
    /// The band that the emission is limited to, centred on its middle frequency. Carson's rule
    /// for the frequency-modulated ones.
    pub fn bandwidth_hz(&self) -> f64 {
        match *self {
            Self::FlatNoise { bandwidth_hz } => bandwidth_hz,
            Self::Fsk { symbol_rate_hz, deviation_hz } => 2.0 * (deviation_hz + symbol_rate_hz),
            Self::NbfmVoiceLike { deviation_hz } => 2.0 * (deviation_hz + VOICE_HIGH_HZ),
            Self::CwKeyed { .. } => KEYED_BANDWIDTH_HZ,
            Self::Am { .. } => 2.0 * VOICE_HIGH_HZ,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        let place = "the modulation";
        match *self {
            Self::FlatNoise { bandwidth_hz } => positive(place, "bandwidth_hz", bandwidth_hz),
            Self::Fsk { symbol_rate_hz, deviation_hz } => {
                positive(place, "symbol_rate_hz", symbol_rate_hz)?;
                positive(place, "deviation_hz", deviation_hz)
            }
            Self::NbfmVoiceLike { deviation_hz } => positive(place, "deviation_hz", deviation_hz),
            Self::CwKeyed { words_per_minute } => {
                let usable = (1.0..=60.0).contains(&words_per_minute);
                within(place, "words_per_minute", words_per_minute, usable, "between 1 and 60")
            }
            Self::Am { depth } => within(place, "depth", depth, (0.0..=1.0).contains(&depth), "between 0 and 1"),
        }
    }

    /// Harmonics −K…K of the waveform over `period_s`, `Σ|Xₖ|² = 1`.
    pub(crate) fn harmonics(
        &self,
        period_s: f64,
        rng: &mut ChaCha8Rng,
        planner: &mut FftPlanner<f64>,
    ) -> Result<Vec<Complex64>, Error> {
        let samples = 2.0 * self.bandwidth_hz() * period_s;
        if samples > MAX_POINTS {
            return Err(Error::TooLong { samples, limit: MAX_POINTS });
        }
        let order = highest_harmonic(self.bandwidth_hz(), period_s);
        let points = grid_points(order);
        let grid = Grid { points, step_s: period_s / points as f64 };
        let mut harmonics = match *self {
            Self::FlatNoise { .. } => (0..=2 * order).map(|_| gaussian(rng)).collect(),
            Self::Fsk { symbol_rate_hz, deviation_hz } => {
                limited(fsk(&grid, symbol_rate_hz, deviation_hz, rng), order, planner)
            }
            Self::NbfmVoiceLike { deviation_hz } => {
                let audio = voice(&grid, rng, planner);
                limited(frequency_modulated(&grid, deviation_hz, &audio), order, planner)
            }
            Self::CwKeyed { words_per_minute } => limited(keyed(&grid, words_per_minute, rng), order, planner),
            Self::Am { depth } => {
                let audio = voice(&grid, rng, planner);
                limited(audio.iter().map(|a| Complex64::from(1.0 + depth * a)).collect(), order, planner)
            }
        };
        let power: f64 = harmonics.iter().map(|x| x.norm_sqr()).sum();
        let scale = if power > 0.0 { 1.0 / power.sqrt() } else { 0.0 };
        harmonics.iter_mut().for_each(|x| *x *= scale);
        Ok(harmonics)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn every_waveform_carries_unit_power() {
        for modulation in [
            Modulation::FlatNoise { bandwidth_hz: 5e3 },
            Modulation::Fsk { symbol_rate_hz: 1200.0, deviation_hz: 2500.0 },
            Modulation::NbfmVoiceLike { deviation_hz: 2500.0 },
            Modulation::CwKeyed { words_per_minute: 18.0 },
            Modulation::Am { depth: 0.8 },
        ] {
            let mut rng = ChaCha8Rng::seed_from_u64(5);
            let harmonics = modulation.harmonics(1.1, &mut rng, &mut FftPlanner::new()).unwrap();
            let order = highest_harmonic(modulation.bandwidth_hz(), 1.1);
            assert_eq!(harmonics.len(), 2 * order + 1, "{modulation:?}");
            let power: f64 = harmonics.iter().map(|x| x.norm_sqr()).sum();
            assert!((power - 1.0).abs() < 1e-12, "{modulation:?}");
        }
    }

    #[test]
    fn slow_shifts_put_the_power_on_two_frequencies() {
        let modulation = Modulation::Fsk { symbol_rate_hz: 50.0, deviation_hz: 2000.0 };
        let harmonics = modulation.harmonics(1.0, &mut ChaCha8Rng::seed_from_u64(2), &mut FftPlanner::new()).unwrap();
        let order = harmonics.len() / 2;
        let near = |frequency_hz: i64| -> f64 {
            let middle = (order as i64 + frequency_hz) as usize;
            harmonics[middle - 50..=middle + 50].iter().map(|x| x.norm_sqr()).sum()
        };
        assert!(near(2000) + near(-2000) > 0.9);
        assert!(near(2000) > 0.2 && near(-2000) > 0.2);
    }

    #[test]
    fn amplitude_modulation_keeps_most_power_in_its_carrier() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let harmonics = Modulation::Am { depth: 0.5 }.harmonics(1.0, &mut rng, &mut FftPlanner::new()).unwrap();
        assert!(harmonics[harmonics.len() / 2].norm_sqr() > 0.9);
    }
}
