//! The delay between channels of unknown clocks, to within a sample or so.
//!
//! Oscillators of receivers differ by kilohertz, so the channels themselves correlate only where the frequency is
//! right. The products x[n]·x*[n−1] of neighbouring samples do not know the oscillator but for a constant phase: their
//! correlation finds the delay in one search. At a signal-to-noise ratio s its peak is γ⁴ of the full one,
//! γ² = (s/(1+s))², which thousands of samples outweigh.

use std::ops::Range;

use num_complex::Complex32;

use crate::fft::Transform;

/// Peaks lower than this over the correlation's root mean square may be chance: of n values of noise one exceeds it
/// with probability n·exp(−25).
const LEAST_STRENGTH: f64 = 5.0;
/// Another peak as high as this share of the highest could be it.
const AMBIGUOUS: f32 = 0.85;
/// Peaks that are looked at.
const MOST_PEAKS: usize = 8;

/// Differential products of a channel, zero outside what was recorded.
pub(super) struct Products {
    values: Vec<Complex32>,
}

impl Products {
    pub(super) fn new(samples: &[Complex32], present: &[Range<usize>]) -> Self {
        let mut values = vec![Complex32::default(); samples.len()];
        for range in present {
            let Some(part) = samples.get(range.clone()) else { continue };
            let products: Vec<Complex32> = part.windows(2).map(|pair| pair[1] * pair[0].conj()).collect();
            // The mean is what a carrier or the noise's colour gives, at every delay.
            let mean = products.iter().sum::<Complex32>() / products.len().max(1) as f32;
            for (out, product) in values.iter_mut().skip(range.start + 1).zip(products) {
                *out = product - mean;
            }
        }
        Self { values }
    }
}

/// Where a block of one channel appears in another.
#[derive(Clone, Copy, Debug)]
pub(super) struct CoarseDelay {
    /// Block of the first channel.
    pub(super) start: usize,
    pub(super) len: usize,
    /// Its index in the second channel less that in the first.
    pub(super) delay: f64,
    /// Peak over root mean square of the correlation.
    pub(super) strength: f64,
    /// False where another peak could as well be it.
    pub(super) clear: bool,
}

/// Where to look, in samples.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// From `expected − reach` to `expected + reach` later.
    pub(super) expected: i64,
    pub(super) reach: usize,
    /// True where `expected` is from stamps, which are rarely wrong by much: of peaks as high as each other the nearest
    /// is taken, if the others are more than three times as far.
    pub(super) stamped: bool,
}

/// Searches `block` of `first` in `second`.
pub(super) fn search(first: &Products, block: Range<usize>, second: &Products, within: Reach) -> Option<CoarseDelay> {
    let Reach { expected, reach, stamped } = within;
    let wanted = first.values.get(block.clone())?;
    let lags = 2 * reach + 1;
    let size = (block.len() + lags).next_power_of_two();
    let mut transform = Transform::new(size);
    let from = block.start as i64 + expected - reach as i64;
    let mut window: Vec<Complex32> = (from..from + (block.len() + lags) as i64)
        .map(|at| usize::try_from(at).ok().and_then(|at| second.values.get(at)).copied().unwrap_or_default())
        .collect();
    window.resize(size, Complex32::default());
    let mut pattern = wanted.to_vec();
    pattern.resize(size, Complex32::default());
    transform.forward(&mut window);
    transform.forward(&mut pattern);
    window.iter_mut().zip(&pattern).for_each(|(value, pattern)| *value *= pattern.conj());
    transform.inverse(&mut window);
    let heights: Vec<f32> = window.iter().take(lags).map(|value| value.norm()).collect();
    let mut peaks = Peaks::of(&heights);
    let highest = peaks.next()?;
    let peaks: Vec<Peak> = std::iter::once(highest.clone())
        .chain(peaks.take_while(|peak| peak.height >= AMBIGUOUS * highest.height))
        .collect();
    let away = |peak: &Peak| (peak.at as f64 - reach as f64).abs();
    let chosen = match stamped {
        true => peaks.iter().min_by(|a, b| away(a).total_cmp(&away(b))).cloned().unwrap_or(highest),
        false => highest,
    };
    let rivals = peaks.iter().filter(|peak| peak.at != chosen.at);
    let clear = rivals.into_iter().all(|peak| stamped && away(peak) > 3.0 * away(&chosen));
    let square: f64 = heights
        .iter()
        .enumerate()
        .filter(|(lag, _)| !chosen.near.contains(lag))
        .map(|(_, height)| f64::from(*height).powi(2))
        .sum::<f64>()
        / lags as f64;
    let strength = f64::from(chosen.height) / square.sqrt().max(f64::MIN_POSITIVE);
    // Parabola through the peak's neighbours.
    let height = |lag: usize| f64::from(heights.get(lag).copied().unwrap_or(0.0));
    let (before, top, after) = (height(chosen.at.wrapping_sub(1)), height(chosen.at), height(chosen.at + 1));
    let bend = before - 2.0 * top + after;
    let offset = if bend < 0.0 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 };
    let delay = expected as f64 - reach as f64 + chosen.at as f64 + offset;
    let found = CoarseDelay { start: block.start, len: block.len(), delay, strength, clear };
    (chosen.height > 0.0 && strength > LEAST_STRENGTH).then_some(found)
}

/// A maximum and the lags that it covers.
#[derive(Clone, Debug)]
struct Peak {
    at: usize,
    height: f32,
    near: Range<usize>,
}

/// Maxima apart from each other, highest first.
struct Peaks<'a> {
    heights: &'a [f32],
    taken: Vec<Range<usize>>,
}

impl<'a> Peaks<'a> {
    fn of(heights: &'a [f32]) -> Self {
        Self { heights, taken: Vec::new() }
    }
}

impl Iterator for Peaks<'_> {
    type Item = Peak;

    fn next(&mut self) -> Option<Peak> {
        if self.taken.len() > MOST_PEAKS {
            return None;
        }
        let free = |lag: &usize| !self.taken.iter().any(|range| range.contains(lag));
        let lags = self.heights.iter().enumerate().filter(|(lag, _)| free(lag));
        let (at, height) = lags.max_by(|a, b| a.1.total_cmp(b.1)).map(|(at, height)| (at, *height))?;
        // It reaches as far as the correlation stays above half of it, and as far again.
        let above = |height_there: &&f32| **height_there > 0.5 * height;
        let right = self.heights.iter().skip(at).take_while(above).count();
        let left = self.heights.iter().take(at + 1).rev().take_while(above).count();
        let near = at.saturating_sub(2 * left + 3)..at + 2 * right + 4;
        self.taken.push(near.clone());
        Some(Peak { at, height, near })
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn a_delay_is_found_whatever_the_oscillators_do_and_noise_gives_none() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut uniform = || rng.random_range(-0.5f32..0.5);
        let signal: Vec<Complex32> = (0..30_000).map(|_| Complex32::new(uniform(), uniform())).collect();
        let mut noisy = |shift: usize, turns: f64| -> Vec<Complex32> {
            (0..24_000)
                .map(|n| {
                    let turn = Complex32::from_polar(1.0, (std::f64::consts::TAU * (turns * n as f64).fract()) as f32);
                    signal[n + shift] * turn + Complex32::new(uniform(), uniform())
                })
                .collect()
        };
        let whole = std::slice::from_ref(&(0..24_000));
        let (a, b) = (noisy(2000, 0.0), noisy(417, 0.23));
        let (a, b) = (Products::new(&a, whole), Products::new(&b, whole));
        let within = Reach { expected: 0, reach: 4000, stamped: false };
        let found = search(&a, 8000..16_000, &b, within).expect("a peak");
        assert!((found.delay - 1583.0).abs() < 0.5 && found.clear, "{found:?}");
        let other: Vec<Complex32> = (0..24_000).map(|_| Complex32::new(uniform(), uniform())).collect();
        assert!(search(&a, 8000..16_000, &Products::new(&other, whole), within).is_none());
    }
}
