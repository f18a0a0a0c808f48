//! Correlation over lag: maxima to a millionth of a sample, and how the segments scatter about them.

use num_complex::{Complex32, Complex64};

use crate::channel::{KERNEL, kernel};
use crate::cross::Moments;
use crate::{LagPeak, WeightedCorrelation, Weighting};

/// Peaks whose log-likelihood lies further below the best are not kept.
const DEEPEST_PEAK: f64 = -30.0;
const MAX_PEAKS: usize = 48;
/// Samples over which a peak's curvature is measured at most.
pub(crate) const WIDEST_SPACING: f64 = 8.0;

/// A bare carrier correlates at every lag; what curvature its correlation has measures none. It is the ripple
/// that noise puts there, which reaches this many standard deviations at most …
const SIGNIFICANT_CURVATURE: f64 = 5.0;
/// … and the taper's, which matches where it was laid: 4π²/3 over the square of the segment's length for a
/// line alone, up to 70 with noise around it.
const LINE_CURVATURE: f64 = 200.0;

/// Complex correlation of every segment at whole-sample lags around zero.
pub(crate) struct LagWindows {
    segments: Vec<Vec<Complex32>>,
    half: f64,
}

impl LagWindows {
    /// Windows of 2·`half` + 1 lags, lag 0 in the middle.
    pub(crate) fn new(segments: Vec<Vec<Complex32>>, half: usize) -> Self {
        Self { segments, half: half as f64 }
    }

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
        // Every fourth position lies at the same fraction of a sample, where the kernel is the same.
        const FRACTIONS: usize = 4;
        let mut values = vec![0.0; count];
        for phase in 0..FRACTIONS.min(count) {
            let Some((start, weights)) = self.taps(first + phase as f64 * STEP) else { continue };
            for (whole, value) in values.iter_mut().skip(phase).step_by(FRACTIONS).enumerate() {
                let taps = Some((start + whole, weights));
                *value = self.segments.iter().map(|segment| Self::segment_power(segment, &taps)).sum();
            }
        }
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
    pub(crate) fn best(&self, reach: f64, shift: f64) -> f64 {
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

    /// −R″/2R at a maximum, per sample². Over so wide a spacing that R falls by more than the kernel's ripple.
    fn fall(&self, at: f64, highest: f64) -> f64 {
        const ENOUGH: f64 = 0.03;
        let mut spacing = 0.1;
        loop {
            let sides = self.power(at - spacing) + self.power(at + spacing);
            let fall = 1.0 - sides / (2.0 * highest.max(f64::MIN_POSITIVE));
            if fall > ENOUGH || spacing > WIDEST_SPACING / 2.0 {
                return fall / (spacing * spacing);
            }
            spacing *= 2.0;
        }
    }

    pub(crate) fn curve(&self, reach: f64, shift: f64, normalisation: f64) -> (f64, f64, Vec<f32>) {
        let count = ((2.0 * reach) as usize * 8).clamp(128, 512);
        let step = 2.0 * reach / count as f64;
        let scale = 1.0 / (normalisation * (self.segments.len() as f64).sqrt()).max(f64::MIN_POSITIVE);
        let values =
            (0..=count).map(|n| (self.power(-reach + n as f64 * step - shift).sqrt() * scale) as f32).collect();
        (-reach, step, values)
    }

    pub(crate) fn solve(
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
        let curvature =
            (self.fall(at, highest) * rate_hz * rate_hz * highest / lifted.max(f64::MIN_POSITIVE)).max(1e-12);
        let lag_variance = moments.slope_variance * segments / (lifted * curvature * curvature).max(f64::MIN_POSITIVE);
        let lag_variance = lag_variance * (1.0 + 1.0 / segment_snr.max(1e-3));
        let largest_sigma_s = 2.0 * reach / rate_hz;
        let noise_curvature = (moments.curvature_variance * segments / lifted.max(f64::MIN_POSITIVE)).sqrt();
        let least = SIGNIFICANT_CURVATURE * noise_curvature + LINE_CURVATURE * moments.segment_s.powi(-2);
        let thermal_sigma_s =
            if curvature > least { lag_variance.sqrt().min(largest_sigma_s) } else { largest_sigma_s };
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
