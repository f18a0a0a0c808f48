//! Complex Gaussian noise, fast.
//!
//! Box and Muller (1958): `√(−ln u) · cis φ`. The functions are plain series without branches, so
//! that compilers turn the loop into vector instructions, and use nothing but IEEE additions,
//! multiplications, divisions and roots, so that every target draws the same bits.

use num_complex::Complex32;
use rand::RngCore;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Samples drawn at a time.
pub(crate) const BLOCK: usize = 256;

/// Fills `block` with independent noise of mean power 1; 31 bits of radius reach |z| = 4.7, which a
/// true normal law exceeds once in 2³² samples.
pub(crate) fn fill(rng: &mut Xoshiro256PlusPlus, block: &mut [Complex32; BLOCK]) {
    let mut bits = [(0_i32, 0_i32); BLOCK];
    for pair in &mut bits {
        let word = rng.next_u64();
        *pair = ((word >> 32) as i32, word as i32);
    }
    for (value, (radius_bits, angle_bits)) in block.iter_mut().zip(&bits) {
        *value = gaussian(*radius_bits, *angle_bits);
    }
}

#[inline(always)]
fn gaussian(radius_bits: i32, angle_bits: i32) -> Complex32 {
    // 31 bits, the middle of each step: never 0, and 1 only by rounding.
    let uniform = ((radius_bits & i32::MAX) as f32 + 0.5) * (1.0 / 2_147_483_648.0);
    let radius = minus_ln(uniform).max(0.0).sqrt();
    // Half a circle from 31 bits, the other half by the sign that the last bit gives.
    let quarter_turns = (angle_bits >> 1) as f32 * (1.0 / 1_073_741_824.0);
    let (sin, cos) = sin_cos(quarter_turns * std::f32::consts::FRAC_PI_2);
    let sign = (angle_bits as u32) << 31;
    let signed_radius = f32::from_bits(radius.to_bits() | sign);
    Complex32::new(signed_radius * cos, signed_radius * sin)
}

/// −ln x for normal positive x, by `ln m = 2 artanh((m − 1)/(m + 1))` with m in [√½, √2).
#[inline(always)]
fn minus_ln(x: f32) -> f32 {
    const ROOT_HALF: i32 = 0x3f35_04f3;
    let bits = x.to_bits() as i32;
    let exponent = (bits - ROOT_HALF) >> 23;
    let mantissa = f32::from_bits((bits - (exponent << 23)) as u32);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let q = s * s;
    let series = 2.0 + q * (2.0 / 3.0 + q * (2.0 / 5.0 + q * (2.0 / 7.0)));
    -(exponent as f32 * std::f32::consts::LN_2 + s * series)
}

/// Sine and cosine of |x| ≤ π/2 by their power series: 1e-6 at most from the truth.
#[inline(always)]
fn sin_cos(x: f32) -> (f32, f32) {
    let q = x * x;
    let sin = 1.0 - q / 6.0 * (1.0 - q / 20.0 * (1.0 - q / 42.0 * (1.0 - q / 72.0 * (1.0 - q / 110.0))));
    let cos = 1.0 - q / 2.0 * (1.0 - q / 12.0 * (1.0 - q / 30.0 * (1.0 - q / 56.0 * (1.0 - q / 90.0))));
    (x * sin, cos)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn draw(count: usize) -> Vec<Complex32> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
        let mut block = [Complex32::default(); BLOCK];
        let mut drawn = Vec::new();
        while drawn.len() < count {
            fill(&mut rng, &mut block);
            drawn.extend_from_slice(&block);
        }
        drawn
    }

    #[test]
    fn functions_agree_with_the_standard_library() {
        for step in 1..=2000 {
            let x = step as f32 / 2000.0;
            assert!((minus_ln(x) + x.ln()).abs() < 1e-6 * (1.0 + x.ln().abs()), "ln {x}");
            let angle = (2.0 * x - 1.0) * std::f32::consts::FRAC_PI_2;
            let (sin, cos) = sin_cos(angle);
            assert!((sin - angle.sin()).abs() < 1e-6 && (cos - angle.cos()).abs() < 1e-6, "{angle}");
        }
        assert!((minus_ln(2.0_f32.powi(-32)) - 32.0 * std::f32::consts::LN_2).abs() < 1e-5);
    }

    #[test]
    fn both_axes_are_normal_and_independent() {
        let drawn = draw(1 << 20);
        let n = drawn.len() as f64;
        let mean =
            |f: &dyn Fn(f64, f64) -> f64| drawn.iter().map(|z| f(f64::from(z.re), f64::from(z.im))).sum::<f64>() / n;
        // Moments of N(0, ½): variance ½, fourth moment ¾. Bounds are five standard errors.
        let error = 5.0 / n.sqrt();
        assert!(mean(&|re, _| re).abs() < error && mean(&|_, im| im).abs() < error);
        assert!((mean(&|re, _| re * re) - 0.5).abs() < error && (mean(&|_, im| im * im) - 0.5).abs() < error);
        assert!((mean(&|re, _| re.powi(4)) - 0.75).abs() < 3.0 * error);
        assert!(mean(&|re, im| re * im).abs() < error);
        // The Kolmogorov–Smirnov distance of |z|² from 1 − e⁻ˣ; 1.95/√n is exceeded once in a thousand.
        let mut power: Vec<f64> = drawn.iter().map(|z| f64::from(z.norm_sqr())).collect();
        power.sort_by(f64::total_cmp);
        let worst = power.iter().enumerate().map(|(i, x)| (1.0 - (-x).exp() - i as f64 / n).abs()).fold(0.0, f64::max);
        assert!(worst < 1.95 / n.sqrt(), "{worst}");
    }

    #[test]
    fn tails_hold_what_a_normal_law_says() {
        // P(|z|² > 9) = e⁻⁹: 129 of 2²⁰, standard deviation 11.
        let drawn = draw(1 << 20);
        let far = drawn.iter().filter(|z| z.norm_sqr() > 9.0).count();
        assert!((75..=185).contains(&far), "{far}");
    }
}
