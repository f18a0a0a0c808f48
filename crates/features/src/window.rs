//! Tapers for Fourier transforms.
//!
//! All windows are periodic (DFT-even): `w[n] = w(n / length)`, the form for spectra that are cut
//! into overlapping frames (Harris 1978; `fftbins=True` in SciPy).

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

/// A taper.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Raised cosine; noise bandwidth 1.5 bins, side lobes from −31 dB falling 18 dB per octave.
    Hann,
    /// Raised cosine on a pedestal (0.54, 0.46); first side lobe −43 dB.
    Hamming,
    /// Four-term minimum Blackman–Harris; side lobes −92 dB, noise bandwidth 2.0 bins.
    BlackmanHarris,
    /// Kaiser–Bessel, side lobes set by `beta` (8.6 gives about −90 dB).
    Kaiser {
        /// Shape, 0 (rectangular) upwards.
        beta: f64,
    },
}

impl Window {
    /// The `length` coefficients, largest 1 (or near 1 where `length` is odd).
    ///
    /// ```
    /// use heimdall_features::Window;
    /// let taper = Window::Hann.coefficients(4);
    /// assert!((taper[1] - 0.5).abs() < 1e-12 && taper[2] == 1.0);
    /// ```
    pub fn coefficients(self, length: usize) -> Vec<f64> {
        (0..length).map(|n| self.at(n as f64 / length as f64)).collect()
    }

    /// Value at `position`, the fraction of the window's length from its left end, 0…1.
    fn at(self, position: f64) -> f64 {
        match self {
            Self::Hann => cosine_sum(&[0.5, 0.5], position),
            Self::Hamming => cosine_sum(&[0.54, 0.46], position),
            Self::BlackmanHarris => cosine_sum(&[0.35875, 0.48829, 0.14128, 0.01168], position),
            Self::Kaiser { beta } => {
                let from_middle = 2.0 * position - 1.0;
                let inside = (1.0 - from_middle * from_middle).max(0.0);
                bessel_i0(beta * inside.sqrt()) / bessel_i0(beta)
            }
        }
    }
}

/// `a₀ − a₁ cos(2πx) + a₂ cos(4πx) − …`
fn cosine_sum(terms: &[f64], position: f64) -> f64 {
    let mut sum = 0.0;
    let mut sign = 1.0;
    for (order, term) in terms.iter().enumerate() {
        sum += sign * term * (TAU * order as f64 * position).cos();
        sign = -sign;
    }
    sum
}

/// Modified Bessel function of the first kind and order zero, by its power series
/// (Abramowitz & Stegun 9.6.12): all terms are positive, so nothing cancels.
pub(crate) fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut order = 1.0;
    while term > sum * 1e-17 {
        term *= quarter / (order * order);
        sum += term;
        order += 1.0;
    }
    sum
}

/// 1/(k!)², k = 0…: what the powers of x²/4 have in the series of I₀.
const SERIES: [f64; 28] = {
    let mut terms = [1.0; 28];
    let mut order = 1;
    while order < terms.len() {
        terms[order] = terms[order - 1] / (order * order) as f64;
        order += 1;
    }
    terms
};

/// [`bessel_i0`] of the square roots of many squares, each up to 100: the series cut where it adds less than 1e-13 of
/// the sum, in the order in which processors take several values at once.
pub(crate) fn bessel_i0_of_roots<const N: usize>(squares: [f64; N]) -> [f64; N] {
    let mut sums = [0.0; N];
    for term in SERIES.iter().rev() {
        for (sum, square) in sums.iter_mut().zip(&squares) {
            *sum = *sum * (0.25 * square) + term;
        }
    }
    sums
}

/// Mean of the coefficients: what a tone at a bin centre is multiplied by, relative to no taper.
pub fn coherent_gain(coefficients: &[f64]) -> f64 {
    coefficients.iter().sum::<f64>() / coefficients.len() as f64
}

/// Equivalent noise bandwidth in bins, `N Σw² / (Σw)²` (Harris 1978, eq. 11).
///
/// White noise of power P over the whole rate reads `P · bandwidth / N` in every bin of a
/// spectrum that is normalised to read tones right.
pub fn noise_bandwidth_bins(coefficients: &[f64]) -> f64 {
    let sum: f64 = coefficients.iter().sum();
    let energy: f64 = coefficients.iter().map(|w| w * w).sum();
    coefficients.len() as f64 * energy / (sum * sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_and_noise_bandwidths_are_those_of_harris_1978_table_1() {
        // Cosine sums: gain a₀, bandwidth 1 + ½ Σ(aₖ/a₀)², exact for the periodic form.
        for (window, gain, bandwidth) in
            [(Window::Hann, 0.5, 1.5), (Window::Hamming, 0.54, 1.3628), (Window::BlackmanHarris, 0.35875, 2.0044)]
        {
            let w = window.coefficients(1024);
            assert!((coherent_gain(&w) - gain).abs() < 1e-12, "{window:?}");
            assert!((noise_bandwidth_bins(&w) - bandwidth).abs() < 1e-4, "{window:?}");
        }
        // Kaiser–Bessel with alpha = 3 (beta = 3π): table 1 gives 0.40 and 1.80.
        let w = Window::Kaiser { beta: 3.0 * std::f64::consts::PI }.coefficients(1024);
        assert!((coherent_gain(&w) - 0.40).abs() < 0.005);
        assert!((noise_bandwidth_bins(&w) - 1.80).abs() < 0.005);
    }

    #[test]
    fn many_bessel_values_at_once_are_those_of_one() {
        let squares: [f64; 101] = std::array::from_fn(|n| n as f64);
        for (many, square) in bessel_i0_of_roots(squares).iter().zip(squares) {
            assert!((many / bessel_i0(square.sqrt()) - 1.0).abs() < 1e-12, "I₀(√{square})");
        }
    }

    #[test]
    fn kaiser_without_beta_is_rectangular() {
        assert!(Window::Kaiser { beta: 0.0 }.coefficients(7).iter().all(|w| *w == 1.0));
    }

    #[test]
    fn hann_frames_at_half_overlap_add_to_one() {
        let w = Window::Hann.coefficients(64);
        for n in 0..32 {
            assert!((w[n] + w[n + 32] - 1.0).abs() < 1e-12);
        }
    }
}
