//! The cross-spectra of two channels: coherence, weights, and the noise that a weight lets through.

use std::f64::consts::PI;

use num_complex::Complex32;

use crate::channel::KERNEL;
use crate::fft::Transform;
use crate::lag::{LagWindows, WIDEST_SPACING};
use crate::{CorrelationSettings, Weighting};

/// Bins over which coherence is smoothed.
const SMOOTH: usize = 17;
/// Largest trusted γ²/(1−γ²) of a bin: above, front ends differ more than noise does.
const MAX_BIN_SNR: f64 = 2000.0;

/// Cross-spectra of the segments that two channels share.
pub(crate) struct Cross<'a> {
    settings: CorrelationSettings,
    pub(crate) pairs: Vec<(&'a [Complex32], &'a [Complex32])>,
    mask: &'a [bool],
    /// Mean power per bin, smoothed over neighbouring bins.
    power_a: Vec<f64>,
    power_b: Vec<f64>,
    transform_len: usize,
}

/// What a weighting makes of the spectra.
pub(crate) struct Moments {
    /// Variance of dC/dτ from noise in one segment's correlation over the number of segments that count.
    pub(crate) slope_variance: f64,
    /// The same of d²C/dτ².
    pub(crate) curvature_variance: f64,
    /// Length of a segment, seconds.
    pub(crate) segment_s: f64,
    /// E[R] without any common signal.
    pub(crate) noise_floor: f64,
    /// Σ W √(PᵢPⱼ): |C| of two identical channels.
    pub(crate) normalisation: f64,
}

impl<'a> Cross<'a> {
    pub(crate) fn new(
        a: &'a [Vec<Complex32>],
        b: &'a [Vec<Complex32>],
        mask: &'a [bool],
        settings: CorrelationSettings,
    ) -> Option<Self> {
        let pairs: Vec<_> = a
            .iter()
            .zip(b)
            .filter(|(a, b)| !a.is_empty() && !b.is_empty())
            .map(|(a, b)| (a.as_slice(), b.as_slice()))
            .collect();
        if pairs.is_empty() {
            return None;
        }
        let mean_power = |second: bool| {
            let mut power = vec![0.0f64; settings.segment_len];
            for (a, b) in &pairs {
                for (sum, value) in power.iter_mut().zip(if second { *b } else { *a }) {
                    *sum += f64::from(value.norm_sqr());
                }
            }
            power.iter_mut().for_each(|value| *value /= pairs.len() as f64);
            let mut smooth = moving_sum(&power);
            smooth.iter_mut().for_each(|value| *value /= SMOOTH as f64);
            smooth
        };
        let power_a = mean_power(false);
        let power_b = mean_power(true);
        Some(Self { settings, pairs, mask, power_a, power_b, transform_len: settings.segment_len })
    }

    /// γ² per bin, corrected for the few bins it is averaged over. The two channels are already
    /// aligned to a sample; smoothing runs inside each segment, where the unknown phase is constant.
    pub(crate) fn coherence(&self) -> Vec<f64> {
        let len = self.transform_len;
        let mut cross_power = vec![0.0f64; len];
        // Normalised by the powers of the same bins: with the mean powers a strong signal's own
        // fluctuation would lift γ² above 1.
        let mut both_powers = vec![0.0f64; len];
        let smooth = |value: &dyn Fn(&Complex32, &Complex32) -> f32, a: &[Complex32], b: &[Complex32]| {
            moving_sum(&a.iter().zip(b).map(|(a, b)| f64::from(value(a, b))).collect::<Vec<_>>())
        };
        for (a, b) in &self.pairs {
            let re = smooth(&|a, b| (a * b.conj()).re, a, b);
            let im = smooth(&|a, b| (a * b.conj()).im, a, b);
            let power_a = smooth(&|a, _| a.norm_sqr(), a, b);
            let power_b = smooth(&|_, b| b.norm_sqr(), a, b);
            for k in 0..len {
                cross_power[k] += re[k] * re[k] + im[k] * im[k];
                both_powers[k] += power_a[k] * power_b[k];
            }
        }
        // Neighbouring bins of a Hann taper correlate: SMOOTH bins count as about SMOOTH / 1.94.
        let bias = 1.94 / SMOOTH as f64;
        // What a bin without any common signal reaches one time in twenty.
        let chance = 1.6 * bias / (self.pairs.len() as f64).sqrt();
        cross_power
            .iter()
            .zip(&both_powers)
            .map(|(cross, both)| {
                let raw = cross / both.max(f64::MIN_POSITIVE);
                let unbiased = (raw - bias) / (1.0 - bias);
                if unbiased < chance { 0.0 } else { unbiased.min(MAX_BIN_SNR / (1.0 + MAX_BIN_SNR)) }
            })
            .collect()
    }

    pub(crate) fn weights(&self, weighting: Weighting, coherence: &[f64]) -> Vec<f64> {
        let bin = |k: usize| {
            if !self.mask.get(k).copied().unwrap_or(false) {
                return 0.0;
            }
            let power = (self.power_a[k] * self.power_b[k]).sqrt().max(f64::MIN_POSITIVE);
            match weighting {
                Weighting::Plain => 1.0,
                Weighting::HalfWhitened => power.powf(-0.5),
                Weighting::MaximumLikelihood => {
                    let g2 = coherence.get(k).copied().unwrap_or(0.0);
                    g2.sqrt() / (power * (1.0 - g2))
                }
            }
        };
        let mut weights: Vec<f64> = (0..self.transform_len).map(bin).collect();
        // Scale does not matter; single precision does.
        let largest = weights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        weights.iter_mut().for_each(|w| *w /= largest);
        weights
    }

    pub(crate) fn moments(&self, weights: &[f64], coherence: &[f64]) -> Moments {
        let bins = || {
            weights.iter().enumerate().filter(|(_, w)| **w > 0.0).map(|(k, w)| {
                let g2 = coherence[k];
                let power = self.power_a[k] * self.power_b[k];
                (2.0 * PI * self.settings.frequency_hz(k), *w, power, g2)
            })
        };
        let noise = || bins().map(|(omega, w, p, g2)| (omega, w * w * p * (1.0 - g2)));
        let all_noise: f64 = noise().map(|(_, n)| n).sum();
        // About the noise's own mean frequency: the phase of each segment is free.
        let mean = noise().map(|(omega, n)| omega * n).sum::<f64>() / all_noise.max(f64::MIN_POSITIVE);
        let central = |order: i32| -> f64 { noise().map(|(omega, n)| (omega - mean).powi(order) * n).sum() };
        let bin_hz = self.settings.rate_hz / self.settings.segment_len as f64;
        let freedom = 2.0 * self.effective_time_s() * bin_hz;
        Moments {
            slope_variance: central(2) / freedom,
            segment_s: bin_hz.recip(),
            curvature_variance: central(4) / freedom,
            // Adjacent bins of a Hann taper correlate, so their noise adds up 1.94 times.
            noise_floor: 1.94 * all_noise * self.pairs.len() as f64,
            normalisation: bins().map(|(_, w, p, _)| w * p.sqrt()).sum(),
        }
    }

    /// Time that counts: (∫g)²/∫g² of the sum g of the segments' squared tapers.
    fn effective_time_s(&self) -> f64 {
        let len = self.settings.segment_len as f64;
        let hop = self.settings.hop() as f64;
        // Half-overlapping Hann²: 0.947 of the inner time; a lone segment: (3/8)²/(35/128) of its length.
        let count = self.pairs.len() as f64;
        let lone = 0.514_285_7 * len;
        let covered = 0.947_368 * hop * (count - 1.0);
        (lone + covered) / self.settings.rate_hz
    }

    /// Cₖ(n) for |n| ≤ `reach` and a margin for kernel and curvature, every segment.
    pub(crate) fn lag_windows(&self, transform: &Transform, weights: &[f64], reach: usize) -> LagWindows {
        let len = self.transform_len;
        let mut transform = transform.clone();
        let half = (reach + KERNEL / 2 + WIDEST_SPACING as usize + 1).min(len / 2 - 1);
        let weights: Vec<f32> = weights.iter().map(|w| *w as f32).collect();
        let mut buffer = vec![Complex32::default(); len];
        let segments = self
            .pairs
            .iter()
            .map(|(a, b)| {
                for (((out, a), b), w) in buffer.iter_mut().zip(*a).zip(*b).zip(&weights) {
                    *out = a * b.conj() * w;
                }
                transform.inverse(&mut buffer);
                (0..=2 * half).map(|n| buffer[(n + len - half) % len]).collect()
            })
            .collect();
        LagWindows::new(segments, half)
    }
}

/// Centred circular moving sum over [`SMOOTH`] bins.
fn moving_sum(values: &[f64]) -> Vec<f64> {
    let half = SMOOTH / 2;
    let before = values.iter().rev().cycle().take(half);
    let mut around: Vec<f64> = before.copied().collect();
    around.reverse();
    around.extend(values);
    around.extend(values.iter().cycle().take(half + 1));
    let mut sum: f64 = around.iter().take(SMOOTH).sum();
    let next = around.iter().zip(around.iter().skip(SMOOTH));
    next.map(|(leaves, enters)| {
        let current = sum;
        sum += enters - leaves;
        current
    })
    .collect()
}
