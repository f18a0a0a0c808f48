//! The correlation of two receivers: where over lag it peaks, how sharply noise lets it, and how much the
//! segments scatter.
//!
//! The statistic is R(τ) = Σₖ |Cₖ(τ)|², Cₖ(τ) = Σ_f W(f)·Xᵢₖ(f)·Xⱼₖ*(f)·exp(2πifτ): the phase of each
//! segment is unknown (local oscillators wander), its lag is common. No single weight W suits all
//! signals, so several are tried and each answers with its own peaks and its own variance:
//! the variance of the maximum for any W is
//! σ² = ∫ω²W²PᵢPⱼ(1−γ²)df / [2T(∫ω²W|S|df)²] (Knapp & Carter 1976, eq. 35, with ω taken about its
//! mean because the phase is estimated too; the denominator is measured on the peak); for W = γ²/(|S|(1−γ²)) it is the Cramér–Rao bound.

use std::f64::consts::PI;
use std::ops::Range;

use num_complex::{Complex32, Complex64};

use crate::channel::{KERNEL, kernel};
use crate::fft::Transform;
use crate::{CorrelationSettings, Segments};

/// Bins over which coherence is smoothed.
const SMOOTH: usize = 17;
/// Largest trusted γ²/(1−γ²) of a bin: above, front ends differ more than noise does.
const MAX_BIN_SNR: f64 = 2000.0;
/// Peaks whose log-likelihood lies further below the best are not kept.
const DEEPEST_PEAK: f64 = -30.0;
const MAX_PEAKS: usize = 48;

/// One channel of a pair.
#[derive(Clone)]
pub struct PairChannel<'a> {
    /// Samples on the common grid.
    pub samples: &'a [Complex32],
    /// Which of them were recorded.
    pub present: Range<usize>,
    /// Where the receiver's direct current lies in the channel, Hz.
    pub notch_hz: f64,
    /// Its segments.
    pub segments: &'a Segments,
}

/// A weight of the cross-spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighting {
    /// W = 1: plain correlation.
    Plain,
    /// W = (PᵢPⱼ)^(−1/4): half whitened.
    HalfWhitened,
    /// W = γ²/(|S|(1−γ²)): maximum likelihood for a Gaussian signal (Hannan & Thomson 1971).
    MaximumLikelihood,
}

/// A local maximum of R(τ).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LagPeak {
    /// Arrival at the first receiver minus arrival at the second, seconds.
    pub lag_s: f64,
    /// Log-likelihood against the highest peak, ≤ 0.
    pub log_likelihood: f64,
}

/// What one weighting says.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedCorrelation {
    /// The weight.
    pub weighting: Weighting,
    /// Maxima, highest first.
    pub peaks: Vec<LagPeak>,
    /// 1 σ of a maximum's lag from noise, seconds.
    pub thermal_sigma_s: f64,
    /// 1 σ of the mean of the segments' lags beyond what noise explains, seconds.
    pub scatter_sigma_s: f64,
    /// Signal power over noise power after integration, at the peak; below about 15 there may be no common signal.
    pub detection: f64,
}

/// The correlation of two receivers.
#[derive(Clone, Debug, PartialEq)]
pub struct PairCorrelation {
    /// One entry per weighting.
    pub weighted: Vec<WeightedCorrelation>,
    /// Largest normalised correlation magnitude, 0…1.
    pub peak: f64,
    /// Lag of the first value of `curve`, seconds.
    pub curve_start_s: f64,
    /// Spacing of `curve`, seconds.
    pub curve_step_s: f64,
    /// Normalised correlation magnitude (root mean square over segments, half whitened), peak 1 = `peak`.
    pub curve: Vec<f32>,
    /// Segments that both channels have.
    pub segments: usize,
}

/// Correlates two channels over |lag| ≤ `max_lag_s`; `None` where they have no segment in common or no bin is left.
pub fn correlate_pair(a: &PairChannel, b: &PairChannel, max_lag_s: f64) -> Option<PairCorrelation> {
    let settings = *a.segments.settings();
    let mask: Vec<bool> = a.segments.mask.iter().zip(&b.segments.mask).map(|(a, b)| *a && *b).collect();
    if !mask.iter().any(|kept| *kept) {
        return None;
    }
    let reach = (max_lag_s * settings.rate_hz).ceil().min(settings.segment_len as f64 / 2.0 - 20.0).max(1.0);
    // First the lag to within a sample, then twice more, cutting both channels where they match.
    let coarse = Cross::new(&a.segments.spectra, &b.segments.spectra, &mask, settings)?;
    let weights = coarse.weights(Weighting::HalfWhitened, &[]);
    let mut shift = coarse.lag_windows(&weights, reach as usize).best(reach, 0.0);
    for _ in 0..2 {
        let moved = Segments::new(b.samples, &b.present, -shift, b.notch_hz, settings);
        // The shift may leave no common segment: a recording barely longer than the lag.
        let cross = Cross::new(&a.segments.spectra, &moved.spectra, &mask, settings)?;
        let weights = cross.weights(Weighting::HalfWhitened, &[]);
        let whole = shift.round();
        shift = whole + cross.lag_windows(&weights, 4).best(2.0, 0.0);
    }
    let moved = Segments::new(b.samples, &b.present, -shift, b.notch_hz, settings);
    let cross = Cross::new(&a.segments.spectra, &moved.spectra, &mask, settings)?;
    let shift = shift.round();
    let coherence = cross.coherence();
    let span = (reach + shift.abs()).min(settings.segment_len as f64 / 2.0 - 20.0);
    let mut curve = None;
    let weighted = [Weighting::Plain, Weighting::HalfWhitened, Weighting::MaximumLikelihood]
        .into_iter()
        .map(|weighting| {
            let weights = cross.weights(weighting, &coherence);
            let moments = cross.moments(&weights, &coherence);
            let windows = cross.lag_windows(&weights, span as usize);
            if weighting == Weighting::HalfWhitened {
                curve = Some(windows.curve(reach, shift, moments.normalisation));
            }
            windows.solve(weighting, &moments, reach, shift, settings.rate_hz)
        })
        .collect();
    let (start, step, values) = curve?;
    Some(PairCorrelation {
        weighted,
        peak: f64::from(values.iter().copied().fold(0.0, f32::max)),
        curve_start_s: start / settings.rate_hz,
        curve_step_s: step / settings.rate_hz,
        curve: values,
        segments: cross.pairs.len(),
    })
}

/// Cross-spectra of the segments that two channels share.
struct Cross<'a> {
    settings: CorrelationSettings,
    pairs: Vec<(&'a [Complex32], &'a [Complex32])>,
    mask: &'a [bool],
    /// Mean power per bin, smoothed over neighbouring bins.
    power_a: Vec<f64>,
    power_b: Vec<f64>,
    transform_len: usize,
}

/// What a weighting makes of the spectra.
struct Moments {
    /// Variance of dC/dτ from noise in one segment's correlation over the number of segments that count.
    slope_variance: f64,
    /// E[R] without any common signal.
    noise_floor: f64,
    /// Σ W √(PᵢPⱼ): |C| of two identical channels.
    normalisation: f64,
}

impl<'a> Cross<'a> {
    fn new(
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
        let mean_power = |pick: fn(&(&'a [Complex32], &'a [Complex32])) -> &'a [Complex32]| {
            let mut power = vec![0.0f64; settings.segment_len];
            for pair in &pairs {
                for (sum, value) in power.iter_mut().zip(pick(pair)) {
                    *sum += f64::from(value.norm_sqr());
                }
            }
            power.iter_mut().for_each(|value| *value /= pairs.len() as f64);
            let mut smooth = moving_sum(&power);
            smooth.iter_mut().for_each(|value| *value /= SMOOTH as f64);
            smooth
        };
        let power_a = mean_power(|pair| pair.0);
        let power_b = mean_power(|pair| pair.1);
        Some(Self { settings, pairs, mask, power_a, power_b, transform_len: settings.segment_len })
    }

    /// γ² per bin, corrected for the few bins it is averaged over. The two channels are already
    /// aligned to a sample; smoothing runs inside each segment, where the unknown phase is constant.
    fn coherence(&self) -> Vec<f64> {
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

    fn weights(&self, weighting: Weighting, coherence: &[f64]) -> Vec<f64> {
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

    fn moments(&self, weights: &[f64], coherence: &[f64]) -> Moments {
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
        let second: f64 = noise().map(|(omega, n)| (omega - mean).powi(2) * n).sum();
        let bin_hz = self.settings.rate_hz / self.settings.segment_len as f64;
        Moments {
            slope_variance: second / (2.0 * self.effective_time_s() * bin_hz),
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

    /// Cₖ(n) for |n| ≤ `reach` + 17 samples, every segment.
    fn lag_windows(&self, weights: &[f64], reach: usize) -> LagWindows {
        let len = self.transform_len;
        let mut transform = Transform::new(len);
        let half = (reach + 17).min(len / 2 - 1);
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
        LagWindows { segments, half: half as f64 }
    }
}

/// Complex correlation of every segment at whole-sample lags around zero.
struct LagWindows {
    segments: Vec<Vec<Complex32>>,
    half: f64,
}

impl LagWindows {
    /// Start of the kernel's samples at `position` and the kernel; `None` beyond the window's edge.
    fn taps(&self, position: f64) -> Option<(usize, [f64; KERNEL])> {
        let index = position + self.half;
        let whole = index.floor();
        let start = usize::try_from(whole as i64 - (KERNEL as i64 / 2 - 1)).ok()?;
        Some((start, kernel(index - whole)))
    }

    /// |Cₖ|² of one segment at a fractional lag in samples.
    fn segment_power(segment: &[Complex32], taps: &Option<(usize, [f64; KERNEL])>) -> f64 {
        let Some((start, weights)) = taps else { return 0.0 };
        let Some(samples) = segment.get(*start..start + KERNEL) else { return 0.0 };
        let sum: Complex64 =
            samples.iter().zip(weights).map(|(s, w)| Complex64::new(f64::from(s.re), f64::from(s.im)) * w).sum();
        sum.norm_sqr()
    }

    /// R at a fractional lag in samples.
    fn power(&self, position: f64) -> f64 {
        let taps = self.taps(position);
        self.segments.iter().map(|segment| Self::segment_power(segment, &taps)).sum()
    }

    /// Local maxima of R with |position + shift| ≤ reach, as (position, R), highest first, each to 1e-6 samples.
    fn scan(&self, reach: f64, shift: f64) -> Vec<(f64, f64)> {
        const STEP: f64 = 0.25;
        let first = -reach - shift;
        let count = (2.0 * reach / STEP) as usize + 1;
        let values: Vec<f64> = (0..count).map(|n| self.power(first + n as f64 * STEP)).collect();
        let at = |n: usize| first + n as f64 * STEP;
        let highest = values.iter().copied().fold(0.0, f64::max);
        let mut peaks: Vec<f64> = values
            .windows(3)
            .enumerate()
            .filter(|(_, w)| w[1] >= w[0] && w[1] > w[2] && w[1] > 0.05 * highest)
            .map(|(n, _)| at(n + 1))
            .collect();
        if peaks.is_empty() {
            peaks.extend(values.iter().position(|v| *v == highest).map(at));
        }
        let mut refined: Vec<(f64, f64)> = peaks.into_iter().map(|start| self.refine(start, STEP)).collect();
        refined.sort_by(|a, b| b.1.total_cmp(&a.1));
        refined.truncate(MAX_PEAKS);
        refined
    }

    /// Lag of the highest maximum, 0 where there is none.
    fn best(&self, reach: f64, shift: f64) -> f64 {
        self.scan(reach, shift).first().map_or(0.0, |(position, _)| *position)
    }

    /// Climbs to the maximum near `start`: a parabola whose spacing shrinks, so that it ends unbiased.
    fn refine(&self, start: f64, step: f64) -> (f64, f64) {
        let mut position = start;
        for spacing in [step, 0.1, 0.05, 0.05] {
            let (left, middle, right) =
                (self.power(position - spacing), self.power(position), self.power(position + spacing));
            let curvature = left - 2.0 * middle + right;
            if curvature < 0.0 {
                position += (0.5 * spacing * (left - right) / curvature).clamp(-spacing, spacing);
            }
        }
        (position, self.power(position))
    }

    fn curve(&self, reach: f64, shift: f64, normalisation: f64) -> (f64, f64, Vec<f32>) {
        let count = ((2.0 * reach) as usize * 8).clamp(128, 512);
        let step = 2.0 * reach / count as f64;
        let scale = 1.0 / (normalisation * (self.segments.len() as f64).sqrt()).max(f64::MIN_POSITIVE);
        let values =
            (0..=count).map(|n| (self.power(-reach + n as f64 * step - shift).sqrt() * scale) as f32).collect();
        (-reach, step, values)
    }

    fn solve(
        &self,
        weighting: Weighting,
        moments: &Moments,
        reach: f64,
        shift: f64,
        rate_hz: f64,
    ) -> WeightedCorrelation {
        let maxima = self.scan(reach, shift);
        let highest = maxima.first().map_or(0.0, |peak| peak.1);
        let segments = self.segments.len() as f64;
        // Signal over noise of one segment's maximum: with few decibels the unknown phases cost accuracy.
        let lifted = (highest - moments.noise_floor).max(0.0);
        let segment_snr = lifted / moments.noise_floor.max(f64::MIN_POSITIVE);
        // R/R_max falls as 1 − β²τ²; β² is measured on the peak, so that bins without a common signal,
        // whose coherence is only guessed, do not sharpen it.
        let at = maxima.first().map_or(0.0, |peak| peak.0);
        let second = self.power(at - 0.1) - 2.0 * highest + self.power(at + 0.1);
        let curvature = (-second / 0.01 * rate_hz * rate_hz / (2.0 * lifted.max(f64::MIN_POSITIVE))).max(1e-12);
        let lag_variance = moments.slope_variance * segments / (lifted * curvature * curvature).max(f64::MIN_POSITIVE);
        let lag_variance = lag_variance * (1.0 + 1.0 / segment_snr.max(1e-3));
        let largest_sigma_s = 2.0 * reach / rate_hz;
        let thermal_sigma_s = lag_variance.sqrt().min(largest_sigma_s);
        // This factor turns R/R_max into a log-likelihood of that variance.
        let detection = 1.0 / (2.0 * curvature * thermal_sigma_s.powi(2)).max(1e-12);
        let peaks: Vec<LagPeak> = maxima
            .iter()
            .map(|(position, power)| LagPeak {
                lag_s: (position + shift) / rate_hz,
                log_likelihood: detection * (power - highest) / lifted.max(f64::MIN_POSITIVE),
            })
            .filter(|peak| peak.log_likelihood > DEEPEST_PEAK)
            .collect();
        let scatter_sigma_s = maxima.first().map_or(0.0, |(position, _)| {
            self.scatter(*position, thermal_sigma_s * rate_hz * segments.sqrt()) / rate_hz
        });
        WeightedCorrelation { weighting, peaks, thermal_sigma_s, scatter_sigma_s, detection }
    }

    /// 1 σ, in samples, of the mean over segments that their scatter shows beyond `expected` per segment.
    fn scatter(&self, center: f64, expected: f64) -> f64 {
        let span = (6.0 * expected).clamp(0.5, 40.0);
        let mut lags: Vec<f64> = self
            .segments
            .iter()
            .map(|segment| {
                let steps = (8.0 * span) as i64;
                let at = |n: i64| center + n as f64 / 8.0;
                let power = |position: f64| Self::segment_power(segment, &self.taps(position));
                let best = (-steps..=steps).max_by(|a, b| power(at(*a)).total_cmp(&power(at(*b)))).unwrap_or(0);
                let (left, middle, right) = (power(at(best - 1)), power(at(best)), power(at(best + 1)));
                let curvature = left - 2.0 * middle + right;
                let offset = if curvature < 0.0 { 0.5 * (left - right) / curvature } else { 0.0 };
                at(best) + offset.clamp(-0.5, 0.5) / 8.0 - center
            })
            .collect();
        if lags.len() < 4 {
            return 0.0;
        }
        lags.sort_by(f64::total_cmp);
        let quantile = |q: f64| lags[((lags.len() - 1) as f64 * q).round() as usize];
        // Interquartile range of a Gaussian is 1.349 σ; it shrugs off segments that lost the peak.
        let observed = (quantile(0.75) - quantile(0.25)) / 1.349;
        let excess = (observed * observed - 1.5 * expected * expected).max(0.0);
        (excess / lags.len() as f64).sqrt()
    }
}

/// Centred circular moving sum over [`SMOOTH`] bins.
fn moving_sum(values: &[f64]) -> Vec<f64> {
    let len = values.len();
    let half = SMOOTH / 2;
    let at = |k: usize| values[k % len];
    let mut sum: f64 = (0..SMOOTH).map(|k| at(k + len * 2 - half)).sum();
    (0..len)
        .map(|k| {
            let current = sum;
            sum += at(k + half + 1) - at(k + 2 * len - half);
            current
        })
        .collect()
}
