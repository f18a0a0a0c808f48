//! Power spectrum, level and signal-to-noise ratio of a band.

use num_complex::Complex32;

use crate::fft::{Transform, bin_frequency_hz};

/// Level of a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandLevel {
    /// Power in the band including noise; a full-scale tone has 1.
    pub power: f64,
    /// Noise power in the band, from the quiet bins; same unit.
    pub noise: f64,
}

impl BandLevel {
    /// Signal power over noise power; 0 where nothing stands out.
    pub fn snr(&self) -> f64 {
        ((self.power - self.noise) / self.noise.max(f64::MIN_POSITIVE)).max(0.0)
    }
}

/// Welch's mean power per bin (Hann, half overlapping), lowest frequency first, `size` bins over
/// `rate_hz` around 0; the bins' sum is the mean power of the samples (Parseval).
pub fn power_spectrum(samples: &[Complex32], size: usize) -> Vec<f64> {
    let mut transform = Transform::new(size);
    let window = crate::correlate::hann(size);
    let energy: f64 = window.iter().map(|w| f64::from(w * w)).sum();
    let mut sum = vec![0.0; size];
    let mut buffer = vec![Complex32::default(); size];
    let mut frames = 0usize;
    for frame in samples.windows(size).step_by((size / 2).max(1)) {
        for ((out, sample), weight) in buffer.iter_mut().zip(frame).zip(&window) {
            *out = sample * weight;
        }
        transform.forward(&mut buffer);
        for (k, value) in buffer.iter().enumerate() {
            sum[(k + size / 2) % size] += f64::from(value.norm_sqr());
        }
        frames += 1;
    }
    let scale = 1.0 / (energy * size as f64 * frames.max(1) as f64);
    sum.iter_mut().for_each(|power| *power *= scale);
    sum
}

/// Level of the band `bandwidth_hz` around 0 of samples at `rate_hz`.
///
/// Noise is the lower tenth of the bins inside the band, scaled to its whole width: right for a signal
/// that leaves a tenth of the band empty, an upper limit of the noise for one that fills it.
pub fn band_level(samples: &[Complex32], rate_hz: f64, bandwidth_hz: f64) -> BandLevel {
    let size = 512.min(samples.len().next_power_of_two() / 2).max(16);
    let spectrum = power_spectrum(samples, size);
    const SMOOTH: usize = 8;
    let mut inside: Vec<f64> = spectrum
        .iter()
        .enumerate()
        .filter(|(k, _)| bin_frequency_hz((k + size / 2) % size, size, rate_hz).abs() <= bandwidth_hz / 2.0)
        .map(|(_, power)| *power)
        .collect();
    let power: f64 = inside.iter().sum();
    let width = inside.len();
    // Neighbours averaged first: the lowest of many noisy bins lie below the noise.
    if inside.len() > 2 * SMOOTH {
        inside = inside.windows(SMOOTH).map(|bins| bins.iter().sum::<f64>() / SMOOTH as f64).collect();
    }
    let bins = inside.len();
    inside.sort_by(f64::total_cmp);
    let quiet = &inside[..(bins / 10).max(1).min(bins)];
    let noise = quiet.iter().sum::<f64>() / quiet.len().max(1) as f64 * width as f64;
    BandLevel { power, noise }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spectrum_sums_to_the_mean_power() {
        let samples: Vec<Complex32> = (0..4096).map(|n| Complex32::from_polar(0.5, 0.3 * n as f32)).collect();
        let total: f64 = power_spectrum(&samples, 256).iter().sum();
        assert!((total - 0.25).abs() < 1e-4, "{total}");
    }

    #[test]
    fn snr_of_a_tone_in_white_noise() {
        let mut state = 1u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
        };
        // Noise power 2·(1/12)·0.01, tone power 0.01: 20.8 dB over half of the bandwidth less 3 dB of noise.
        let samples: Vec<Complex32> = (0..65_536)
            .map(|n| Complex32::new(uniform(), uniform()) * 0.1 + Complex32::from_polar(0.1, 0.5 * n as f32))
            .collect();
        let level = band_level(&samples, 1000.0, 500.0);
        let expected = 0.01 / (0.01 / 6.0 / 2.0);
        assert!((10.0 * (level.snr() / expected).log10()).abs() < 0.5, "{} is not {expected}", level.snr());
    }
}
