//! The correlation of two receivers: where over lag it peaks, how sharply noise lets it, and how much the
//! segments scatter.
//!
//! The statistic is R(τ) = Σₖ |Cₖ(τ)|², Cₖ(τ) = Σ_f W(f)·Xᵢₖ(f)·Xⱼₖ*(f)·exp(2πifτ): the phase of each
//! segment is unknown (local oscillators wander), its lag is common. No single weight W suits all
//! signals, so several are tried and each answers with its own peaks and its own variance:
//! the variance of the maximum for any W is
//! σ² = ∫ω²W²PᵢPⱼ(1−γ²)df / [2T(∫ω²W|S|df)²] (Knapp & Carter 1976, eq. 35, with ω taken about its
//! mean because the phase is estimated too; the denominator is measured on the peak);
//! for W = γ²/(|S|(1−γ²)) it is the Cramér–Rao bound.

use std::ops::Range;

use num_complex::Complex32;

use crate::Segments;
use crate::cross::Cross;

/// One channel of a pair.
#[derive(Clone)]
pub struct PairChannel<'a> {
    /// Samples on the common grid.
    pub samples: &'a [Complex32],
    /// Which of them were recorded.
    pub present: Range<usize>,
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
    /// Signal power over noise power after integration, at the peak; below about 30 there may be no common signal.
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
    let transform = &a.segments.transform;
    let mask: Vec<bool> = a.segments.mask.iter().zip(&b.segments.mask).map(|(a, b)| *a && *b).collect();
    if !mask.iter().any(|kept| *kept) {
        return None;
    }
    let reach = (max_lag_s * settings.rate_hz).ceil().min(settings.segment_len as f64 / 2.0 - 20.0).max(1.0);
    // First the lag to within a sample, then twice more, cutting both channels where they match.
    let coarse = Cross::new(&a.segments.spectra, &b.segments.spectra, &mask, settings)?;
    let weights = coarse.weights(Weighting::HalfWhitened, &[]);
    let mut shift = coarse.lag_windows(transform, &weights, reach as usize).best(reach, 0.0);
    for _ in 0..2 {
        let moved = b.segments.spectra_moved(b.samples, &b.present, -shift);
        // The shift may leave no common segment: a recording barely longer than the lag.
        let cross = Cross::new(&a.segments.spectra, &moved, &mask, settings)?;
        let weights = cross.weights(Weighting::HalfWhitened, &[]);
        let whole = shift.round();
        shift = whole + cross.lag_windows(transform, &weights, 4).best(2.0, 0.0);
    }
    let moved = b.segments.spectra_moved(b.samples, &b.present, -shift);
    let cross = Cross::new(&a.segments.spectra, &moved, &mask, settings)?;
    let shift = shift.round();
    let coherence = cross.coherence();
    let span = (reach + shift.abs()).min(settings.segment_len as f64 / 2.0 - 20.0);
    let mut curve = None;
    let weighted = [Weighting::Plain, Weighting::HalfWhitened, Weighting::MaximumLikelihood]
        .into_iter()
        .map(|weighting| {
            let weights = cross.weights(weighting, &coherence);
            let moments = cross.moments(&weights, &coherence);
            let windows = cross.lag_windows(transform, &weights, span as usize);
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
