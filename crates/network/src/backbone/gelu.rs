//! GELU(x) = x Φ(x), Φ the distribution function of the standard normal (Hendrycks and Gimpel 2016).

use super::lanes::vectors;

/// In place; where `slope` has the same length it is set to the derivative, Φ(x) + x φ(x).
pub(super) fn forward(x: &mut [f32], slope: &mut [f32]) {
    if slope.is_empty() {
        vectors(
            #[inline(always)]
            || x.iter_mut().for_each(|x| *x *= normal(*x).0),
        );
    }
    vectors(
        #[inline(always)]
        || {
            for (x, slope) in x.iter_mut().zip(slope) {
                let (below, density) = normal(*x);
                *slope = below + *x * density;
                *x *= below;
            }
        },
    );
}

/// Φ within 1e-7, by Abramowitz and Stegun 7.1.26, and φ.
#[inline(always)]
fn normal(x: f32) -> (f32, f32) {
    const TERMS: [f32; 5] = [0.254_829_6, -0.284_496_74, 1.421_413_7, -1.453_152, 1.061_405_4];
    let bell = exp(-0.5 * x * x);
    let t = 1.0 / (1.0 + 0.327_591_1 * std::f32::consts::FRAC_1_SQRT_2 * x.abs());
    let tail = 0.5 * bell * t * TERMS.iter().rev().fold(0.0, |sum, term| sum * t + term);
    let below = if x < 0.0 { tail } else { 1.0 - tail };
    (below, bell * (std::f32::consts::FRAC_2_SQRT_PI * 0.5 * std::f32::consts::FRAC_1_SQRT_2))
}

/// Of x ≤ 0, within 3e-7 of it; without a call, so that a loop of it becomes vectors.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Added to a number it leaves the nearest integer in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts, the first with so few digits that its multiples are exact.
    const LN_2: [f32; 2] = [0.693_359_4, -0.000_212_194_44];
    /// Reciprocal factorials.
    const TERMS: [f32; 7] = [1.0, 1.0, 0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0];
    // Above what single precision holds without denormal numbers.
    let x = if x < -87.0 { -87.0 } else { x };
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let power = rounded - ROUND;
    let rest = x - power * LN_2[0] - power * LN_2[1];
    let value = TERMS.iter().rev().fold(0.0, |sum, term| sum * rest + term);
    // Raises the exponent by `power`.
    f32::from_bits(value.to_bits().wrapping_add(rounded.to_bits() << 23))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the textbook series of Φ in double precision: ½ + φ(x) (x + x³/3 + x⁵/(3·5) + …).
    #[test]
    fn values_and_slopes_are_those_of_the_series() {
        let places: Vec<f32> = (-800..=800).map(|i| i as f32 / 100.0).collect();
        let (mut values, mut slopes) = (places.clone(), vec![0.0; places.len()]);
        forward(&mut values, &mut slopes);
        for ((x, value), slope) in places.iter().map(|x| f64::from(*x)).zip(values).zip(slopes) {
            let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
            let term = |(term, odd): (f64, f64)| Some((term * x * x / (odd + 2.0), odd + 2.0));
            let series = std::iter::successors(Some((x, 1.0)), |last| term(*last)).take(200);
            let below = 0.5 + density * series.map(|(term, _)| term).sum::<f64>();
            assert!((f64::from(value) - x * below).abs() < 3e-7 * (1.0 + x.abs()), "{x}: {value}");
            assert!((f64::from(slope) - below - x * density).abs() < 5e-7, "{x}: {slope}");
        }
    }

    #[test]
    fn what_is_not_finite_is_not_hidden() {
        let (mut values, mut slopes) = ([f32::NAN, f32::INFINITY, -1e30, 1e30], [0.0; 4]);
        forward(&mut values, &mut slopes);
        assert!(values[0].is_nan() && values[1] == f32::INFINITY && values[2].abs() < 1e-5 && values[3] == 1e30);
    }
}
