//! By how much one channel's oscillator is off another's.

use std::f64::consts::PI;

use num_complex::{Complex32, Complex64};

use crate::fft::{Transform, bin_frequency_hz};

/// A line has to stand out of the product's spectrum by this, as amplitude over the root mean square.
const LEAST_STRENGTH: f64 = 6.0;

/// Frequency of `a` above that of `b`, which hold the same signal aligned to about a sample; `None` where their product
/// holds no line. The product's carrier, interpolated by the phases of its halves.
pub(super) fn frequency_offset_hz(a: &[Complex32], b: &[Complex32], rate_hz: f64) -> Option<f64> {
    let product: Vec<Complex32> = a.iter().zip(b).map(|(a, b)| a * b.conj()).collect();
    let size = (2 * product.len()).next_power_of_two().max(16);
    let mut spectrum = product.clone();
    spectrum.resize(size, Complex32::default());
    Transform::new(size).forward(&mut spectrum);
    let (bin, peak) = spectrum.iter().enumerate().max_by(|a, b| a.1.norm_sqr().total_cmp(&b.1.norm_sqr()))?;
    let energy: f64 = product.iter().map(|value| f64::from(value.norm_sqr())).sum();
    let strength = f64::from(peak.norm()) / energy.sqrt().max(f64::MIN_POSITIVE);
    if strength.is_nan() || strength < LEAST_STRENGTH {
        return None;
    }
    let mut frequency_hz = bin_frequency_hz(bin, size, rate_hz);
    let (first, second) = product.split_at(product.len() / 2);
    for _ in 0..2 {
        let sum = |part: &[Complex32], start: usize| -> Complex64 {
            let turned = part.iter().enumerate().map(|(n, value)| {
                let turn = Complex64::cis(-2.0 * PI * (frequency_hz * (start + n) as f64 / rate_hz).fract());
                turn * Complex64::new(f64::from(value.re), f64::from(value.im))
            });
            turned.sum()
        };
        let between = sum(second, first.len()) * sum(first, 0).conj();
        // The halves' middles lie half the length apart.
        frequency_hz += between.arg() * rate_hz / (PI * product.len() as f64);
    }
    Some(frequency_hz)
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn the_difference_of_two_oscillators_is_found_between_bins() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut uniform = || rng.random_range(-0.5f32..0.5);
        let b: Vec<Complex32> = (0..5000).map(|_| Complex32::new(uniform(), uniform())).collect();
        let a: Vec<Complex32> = b
            .iter()
            .enumerate()
            .map(|(n, b)| b * Complex32::from_polar(2.0, (2.0 * PI * (-123.456 * n as f64 / 1e4).fract()) as f32))
            .collect();
        let found = frequency_offset_hz(&a, &b, 1e4).expect("a line");
        assert!((found + 123.456).abs() < 1e-3, "{found}");
        let other: Vec<Complex32> = (0..5000).map(|_| Complex32::new(uniform(), uniform())).collect();
        assert_eq!(frequency_offset_hz(&a, &other, 1e4), None);
    }
}
