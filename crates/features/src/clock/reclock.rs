//! The same samples on another clock.

use std::f64::consts::TAU;
use std::sync::OnceLock;

use num_complex::{Complex32, Complex64};

use crate::channel::{KERNEL, kernel};

/// Tabulated sub-sample phases; linear interpolation between them errs below −110 dB.
const PHASES: usize = 512;

/// Values of `samples` (band-limited to 0.8 of their rate) at the positions `position(0)`, `position(1)` …, `len` of
/// them, turned back by `turns(n)` cycles; zero where the kernel reaches beyond the samples.
pub fn reclock(
    samples: &[Complex32],
    len: usize,
    position: impl Fn(usize) -> f64,
    turns: impl Fn(usize) -> f64,
) -> Vec<Complex32> {
    static TABLE: OnceLock<Vec<[f32; KERNEL]>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        (0..=PHASES).map(|phase| kernel(phase as f64 / PHASES as f64).map(|weight| weight as f32)).collect()
    });
    let at = |n: usize| {
        let position = position(n);
        let whole = position.floor();
        let exact = (position - whole) * PHASES as f64;
        let row = (exact as usize).min(PHASES - 1);
        let blend = (exact - row as f64) as f32;
        let start = usize::try_from(whole as i64 - (KERNEL as i64 / 2 - 1)).ok()?;
        let (window, low, high) = (samples.get(start..start + KERNEL)?, table.get(row)?, table.get(row + 1)?);
        let sum: Complex32 =
            window.iter().zip(low).zip(high).map(|((sample, low), high)| sample * (low + blend * (high - low))).sum();
        let turn = Complex64::cis(-TAU * turns(n).fract());
        Some(sum * Complex32::new(turn.re as f32, turn.im as f32))
    };
    (0..len).map(|n| at(n).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_read_at_the_wanted_times_and_turned_back() {
        let tone = |position: f64| {
            let value = Complex64::cis(TAU * 0.21 * position);
            Complex32::new(value.re as f32, value.im as f32)
        };
        let samples: Vec<Complex32> = (0..2000).map(|n| tone(f64::from(n))).collect();
        let position = |n: usize| 100.3 + 1.000_04 * n as f64 + 1e-7 * (n * n) as f64;
        let turned = reclock(&samples, 1500, position, |n| 0.21 * position(n));
        assert!(turned.iter().all(|sample| (sample - Complex32::new(1.0, 0.0)).norm() < 1e-4));
        assert_eq!(reclock(&samples, 1, |_| 1995.0, |_| 0.0), [Complex32::default()]);
    }
}
