//! Normalised correlation of two receivers over lag bins, one time segment at a time.
//!
//! `ρ(τ) = |Σ a(t + τ)·b*(t)| / √(Σ|a|²·Σ|b|²)` over the segment's samples, zero outside it, so that
//! 0 ≤ ρ ≤ 1 (Cauchy–Schwarz) and a lag τ costs the share τ/length of the peak. A bin is the largest value
//! within its interval: at wide bandwidths the lobe is narrower than a bin and a sample would miss it.

use num_complex::Complex32;

use crate::channel::{KERNEL, kernel};
use crate::fft::Transform;

/// Points per sample at which ρ is evaluated. A lobe of full bandwidth between two points reads up to
/// 1 − sinc(1/16) = 0.64 % low.
const OVERSAMPLING: usize = 8;
/// Share of a segment that may lie outside the recording.
const MOST_MISSING: f64 = 0.125;

/// One receiver's samples of one segment, transformed.
pub struct SegmentSpectrum {
    /// Scaled so that the inverse transform of a product of two is ρ.
    bins: Vec<Complex32>,
    /// How far the middle sample lies after the segment's middle, seconds; below one sample.
    late_s: f64,
}

/// Correlates segments of one length at one nominal rate. Plans and tables are made once.
pub struct Correlogram {
    rate_hz: f64,
    segment_len: usize,
    /// Largest lag in whole samples.
    half: usize,
    transform: Transform,
    kernels: Vec<[f32; KERNEL]>,
    product: Vec<Complex32>,
    lags: Vec<Complex32>,
    row: Vec<Complex32>,
    /// ρ² at every point, lag −`half` first.
    power: Vec<f32>,
    transform_len: usize,
}

impl Correlogram {
    /// A correlator for segments of `segment_s` and |lag| ≤ `longest_lag_s`, which is cut to the segment's length.
    pub fn new(rate_hz: f64, segment_s: f64, longest_lag_s: f64) -> Self {
        let segment_len = (segment_s * rate_hz).round().max(1.0) as usize;
        // One sample more for the segments' fractions, one for the interpolation at the edge.
        let half = ((longest_lag_s * rate_hz).ceil().max(0.0) as usize).min(segment_len) + 2;
        let transform_len = smooth_len(segment_len + half + KERNEL);
        let phases = (0..OVERSAMPLING).map(|phase| kernel(phase as f64 / OVERSAMPLING as f64).map(|w| w as f32));
        Self {
            rate_hz,
            segment_len,
            half,
            transform: Transform::new(transform_len),
            kernels: phases.collect(),
            product: vec![Complex32::default(); transform_len],
            lags: vec![Complex32::default(); 2 * half + KERNEL],
            row: vec![Complex32::default(); 2 * half + 1],
            power: vec![0.0; (2 * half + 1) * OVERSAMPLING],
            transform_len,
        }
    }

    /// The segment around `middle_s` of a recording whose first sample is taken at `start_s`; `None` where more
    /// than an eighth of it was not recorded or where it is silent. `rate_hz` is the recording's true rate.
    pub fn spectrum(
        &mut self,
        samples: &[Complex32],
        rate_hz: f64,
        start_s: f64,
        middle_s: f64,
    ) -> Option<SegmentSpectrum> {
        let half_len = self.segment_len as f64 / 2.0;
        let exact = (middle_s - start_s) * rate_hz - half_len;
        let first = exact.round();
        let (from, to) = (first.max(0.0), (first + self.segment_len as f64).min(samples.len() as f64));
        if to - from < self.segment_len as f64 * (1.0 - MOST_MISSING) {
            return None;
        }
        let recorded = samples.get(from as usize..to as usize)?;
        let energy: f64 = recorded.iter().map(|sample| f64::from(sample.norm_sqr())).sum();
        if energy.is_nan() || energy <= 0.0 {
            return None;
        }
        // Neither transform divides by its length: both factors share it.
        let scale = (energy * self.transform_len as f64).sqrt().recip() as f32;
        let mut bins = vec![Complex32::default(); self.transform_len];
        let skipped = (from - first) as usize;
        bins.iter_mut().skip(skipped).zip(recorded).for_each(|(bin, sample)| *bin = sample * scale);
        self.transform.forward(&mut bins);
        Some(SegmentSpectrum { bins, late_s: (first - exact) / rate_hz })
    }

    /// Largest ρ in each of `maxima.len()` equal bins over |lag| ≤ `span_s`; the lag is arrival at `a` minus
    /// arrival at `b`. Beyond the longest lag of the correlator a bin reads 0.
    pub fn lag_maxima(&mut self, a: &SegmentSpectrum, b: &SegmentSpectrum, span_s: f64, maxima: &mut [f32]) {
        self.correlate(a, b);
        let points_per_s = self.rate_hz * OVERSAMPLING as f64;
        let zero = (self.half * OVERSAMPLING) as f64 - (a.late_s - b.late_s) * points_per_s;
        let width = 2.0 * span_s / maxima.len() as f64;
        let edge = |index: usize| zero + (index as f64 * width - span_s) * points_per_s;
        for (index, maximum) in maxima.iter_mut().enumerate() {
            let (low, high) = (edge(index), edge(index + 1));
            let inside = low.ceil().max(0.0) as usize..(high.floor() + 1.0).max(0.0) as usize;
            let highest = self.power.get(inside).unwrap_or_default().iter().copied().fold(0.0, f32::max);
            // Between points, so that a bin narrower than their spacing has a value too.
            *maximum = highest.sqrt().max(self.between(low)).max(self.between(high)).min(1.0);
        }
    }

    /// ρ² at every point.
    fn correlate(&mut self, a: &SegmentSpectrum, b: &SegmentSpectrum) {
        let Self { transform, product, lags, row, power, kernels, half, .. } = self;
        for ((out, a), b) in product.iter_mut().zip(&a.bins).zip(&b.bins) {
            *out = a * b.conj();
        }
        transform.inverse(product);
        // Negative lags stand at the transform's end.
        let before = *half + KERNEL / 2 - 1;
        let (later, earlier) = (lags.len() - before, product.len().saturating_sub(before));
        let ordered = product.iter().skip(earlier).chain(product.iter().take(later));
        lags.iter_mut().zip(ordered).for_each(|(lag, value)| *lag = *value);
        for (phase, kernel) in kernels.iter().enumerate() {
            row.fill(Complex32::default());
            for (tap, weight) in kernel.iter().enumerate() {
                row.iter_mut().zip(lags.iter().skip(tap)).for_each(|(sum, lag)| *sum += lag * weight);
            }
            let points = power.iter_mut().skip(phase).step_by(OVERSAMPLING);
            points.zip(&*row).for_each(|(point, value)| *point = value.norm_sqr());
        }
    }

    /// ρ between two points, in a straight line.
    fn between(&self, point: f64) -> f32 {
        let whole = point.floor();
        if whole < 0.0 {
            return 0.0;
        }
        match self.power.get(whole as usize..whole as usize + 2) {
            Some([left, right]) => {
                let (left, right) = (left.sqrt(), right.sqrt());
                left + (right - left) * (point - whole) as f32
            }
            _ => 0.0,
        }
    }
}

/// The shortest length of 2ᵃ·3ᵇ, b ≤ 2, that holds `least` samples: fast in every transform.
fn smooth_len(least: usize) -> usize {
    let candidates = [1, 3, 9].map(|odd| odd * least.div_ceil(odd).next_power_of_two());
    candidates.into_iter().min().unwrap_or(least)
}
