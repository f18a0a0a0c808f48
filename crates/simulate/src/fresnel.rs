//! Fresnel integrals and the diffraction loss of a knife edge.

use std::f64::consts::{FRAC_PI_2, PI};

use num_complex::Complex64;

/// The power series is used up to here, the continued fraction beyond.
const SERIES_LIMIT: f64 = 1.6;

/// `C(ν) = ∫₀^ν cos(πt²/2) dt` and `S(ν) = ∫₀^ν sin(πt²/2) dt` (Abramowitz & Stegun 7.3.1–2).
pub fn fresnel_integrals(v: f64) -> (f64, f64) {
    let from_zero = Complex64::new(0.5, 0.5) - tail(v);
    (from_zero.re, from_zero.im)
}

/// Loss behind a knife edge, `−20 log₁₀(√[(1 − C − S)² + (C − S)²] / 2)` (ITU-R P.526, eq. 30);
/// negative where the edge leaves more than the free field.
pub fn knife_edge_loss_db(v: f64) -> f64 {
    // The root equals √2 times the length of the tail, without its cancellation at large ν.
    -20.0 * (tail(v).norm() / 2.0_f64.sqrt()).log10()
}

/// `∫_ν^∞ exp(jπt²/2) dt`.
fn tail(v: f64) -> Complex64 {
    if v < -SERIES_LIMIT {
        Complex64::new(1.0, 1.0) - tail(-v)
    } else if v > SERIES_LIMIT {
        tail_fraction(v)
    } else {
        Complex64::new(0.5, 0.5) - integral_series(v)
    }
}

/// `Σ (jπ/2)ⁿ ν²ⁿ⁺¹ / (n! (2n + 1))`, the integral of the exponential's own series.
fn integral_series(v: f64) -> Complex64 {
    let step = Complex64::new(0.0, FRAC_PI_2 * v * v);
    let mut power = Complex64::from(v);
    let mut sum = power;
    for n in 1..40 {
        power *= step / f64::from(n);
        sum += power / f64::from(2 * n + 1);
    }
    sum
}

/// By the continued fraction of erfc(z) with z² = −jπν²/2 (A & S 7.1.14 in its even form),
/// evaluated from its far end:
/// `tail = ν e^(−z²) / (2z² + 1 − 1·2/(2z² + 5 − 3·4/(2z² + 9 − …)))`.
fn tail_fraction(v: f64) -> Complex64 {
    const TERMS: i32 = 80;
    let twice = Complex64::new(0.0, -PI * v * v);
    let mut denominator = twice + f64::from(1 + 4 * TERMS);
    for k in (1..=TERMS).rev() {
        let partial = f64::from((2 * k - 1) * (2 * k));
        denominator = twice + f64::from(4 * k - 3) - partial / denominator;
    }
    Complex64::cis(FRAC_PI_2 * v * v) * v / denominator
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrals_are_the_tabulated_ones() {
        // scipy.special.fresnel, SciPy 1.17.1.
        for (v, c, s) in FRESNEL_TABLE {
            let (is_c, is_s) = fresnel_integrals(v);
            assert!((is_c - c).abs() < 1e-12 && (is_s - s).abs() < 1e-12, "{v}: {is_c} {is_s}");
        }
    }

    const FRESNEL_TABLE: [(f64, f64, f64); 7] = [
        (-2.3, -0.6265617097919522, -0.553151641560702),
        (-0.7, -0.6596523519045103, -0.17213645786347742),
        (0.5, 0.4923442258714464, 0.06473243285999929),
        (1.5, 0.44526117603982157, 0.697504960082093),
        (1.7, 0.32382687600390025, 0.5491959403215686),
        (3.0, 0.6057207892976857, 0.496312998967375),
        (12.25, 0.4975079586076668, 0.52586441125404),
    ];

    #[test]
    fn grazing_incidence_costs_six_decibels() {
        // Half of the wave front is covered: a quarter of the power is left.
        assert!((knife_edge_loss_db(0.0) - 20.0 * 2.0_f64.log10()).abs() < 1e-9);
    }

    #[test]
    fn deep_shadow_follows_its_asymptote() {
        // |tail| tends to 1/(πν).
        let expected_db = 20.0 * (PI * 50.0 * 2.0_f64.sqrt()).log10();
        assert!((knife_edge_loss_db(50.0) - expected_db).abs() < 1e-3);
        assert!(knife_edge_loss_db(-50.0).abs() < 0.1);
    }
}
