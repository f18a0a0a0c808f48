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
    Grid, KEYED_BANDWIDTH_HZ, VOICE_HIGH_HZ, frequency_modulated, fsk, gaussian, keyed, limited, ofdm, voice,
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
    /// Sub-carriers with random QPSK, orthogonal over a symbol, and a cyclic prefix.
    Ofdm {
        /// How many, 2 to 256.
        subcarriers: u16,
        /// From one to the next; its inverse is the useful length of a symbol.
        spacing_hz: f64,
        /// Length of the prefix over the useful length, 0…1.
        prefix: f64,
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
            // One spacing more on either side holds most of the outermost sub-carriers' skirts.
            Self::Ofdm { subcarriers, spacing_hz, .. } => (f64::from(subcarriers) + 2.0) * spacing_hz,
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
            Self::Ofdm { subcarriers, spacing_hz, prefix } => {
                let usable = (2..=256).contains(&subcarriers);
                within(place, "subcarriers", f64::from(subcarriers), usable, "between 2 and 256")?;
                positive(place, "spacing_hz", spacing_hz)?;
                within(place, "prefix", prefix, (0.0..=1.0).contains(&prefix), "between 0 and 1")
            }
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
            Self::Ofdm { subcarriers, spacing_hz, prefix } => {
                limited(ofdm(&grid, usize::from(subcarriers), spacing_hz, prefix, rng), order, planner)
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
            Modulation::Ofdm { subcarriers: 52, spacing_hz: 250.0, prefix: 0.125 },
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

    /// Share of the power within ± half of `width_hz`, of a waveform of one second.
    fn share_within(modulation: Modulation, width_hz: f64) -> f64 {
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let harmonics = modulation.harmonics(1.0, &mut rng, &mut FftPlanner::new()).unwrap();
        let (order, reach) = (harmonics.len() / 2, (width_hz / 2.0) as usize);
        harmonics[order.saturating_sub(reach)..=(order + reach).min(2 * order)].iter().map(|x| x.norm_sqr()).sum()
    }

    #[test]
    fn minimum_shift_keying_holds_99_per_cent_in_1_18_bit_rates() {
        // Integral of its density (cos 2πfT / (1 − 16f²T²))² up to ±0.59/T: 0.990.
        let msk = Modulation::Fsk { symbol_rate_hz: 4000.0, deviation_hz: 1000.0 };
        let share = share_within(msk, 1.18 * 4000.0);
        assert!((share - 0.99).abs() < 0.003, "{share}");
    }

    #[test]
    fn voice_is_spread_as_far_as_its_deviation_and_within_carsons_band() {
        // Slow modulation puts the power where the instantaneous frequency is (Woodward's theorem):
        // within the peak deviation. Fast modulation adds the highest audio frequency: Carson's rule.
        let voice = Modulation::NbfmVoiceLike { deviation_hz: 15e3 };
        assert!(share_within(voice, 2.0 * 15e3) > 0.98);
        assert!(share_within(voice, 2.0 * 1.5e3) < 0.9);
        let narrow = Modulation::NbfmVoiceLike { deviation_hz: 2500.0 };
        assert!(share_within(narrow, 2.0 * 3000.0) > 0.9);
        assert!((narrow.bandwidth_hz() - 11e3).abs() < 1e-9);
    }

    #[test]
    fn keying_stays_within_the_necessary_bandwidth() {
        // ITU-R SM.1138, A1A: 0.8 · words a minute · 5 with fading: 100 Hz at 25.
        assert!(share_within(Modulation::CwKeyed { words_per_minute: 25.0 }, 100.0) > 0.99);
    }

    #[test]
    fn subcarriers_are_equally_strong_and_the_prefix_repeats_the_symbol() {
        let ofdm = Modulation::Ofdm { subcarriers: 40, spacing_hz: 250.0, prefix: 0.25 };
        let inner = share_within(ofdm, 20.0 * 250.0);
        // Half of equal sub-carriers.
        assert!((inner - 0.5).abs() < 0.02, "{inner}");
        assert!(share_within(ofdm, 41.0 * 250.0) > 0.97);
        // Correlation with itself one useful length later is the prefix's share of a symbol, 0.2;
        // that is Σ|Xₖ|² exp(j2πk·T) over harmonics of 1 Hz.
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let harmonics = ofdm.harmonics(1.0, &mut rng, &mut FftPlanner::new()).unwrap();
        let order = harmonics.len() as f64 / 2.0 - 0.5;
        let turns = |k: usize| (k as f64 - order) / 250.0;
        let sum: Complex64 = harmonics
            .iter()
            .enumerate()
            .map(|(k, x)| Complex64::cis(std::f64::consts::TAU * (turns(k) + 0.5)) * x.norm_sqr())
            .sum();
        // Sub-carriers of an even number lie half a spacing off: half a turn, undone above.
        assert!((sum.re - 0.2).abs() < 0.03, "{sum}");
    }
}
