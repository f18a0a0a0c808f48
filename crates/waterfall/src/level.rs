//! Levels of picture elements: how they are kept, pooled, and mapped to a range that is shown.

use serde::{Deserialize, Serialize};

/// The element lies outside the recording, or has not been computed.
pub const ABSENT: i16 = i16::MIN;
/// Steps per decibel.
const PER_DB: f32 = 100.0;
/// The lowest level that is kept, dBFS; silence reads this.
const FLOOR_DBFS: f32 = -200.0;

/// Keeps a power relative to full scale as hundredths of a decibel.
pub(crate) fn keep(power: f32) -> i16 {
    let level = 10.0 * power.max(1e-20).log10();
    // A broken sample reads the floor.
    (level.max(FLOOR_DBFS) * PER_DB).round().clamp(f32::from(ABSENT) + 1.0, f32::from(i16::MAX)) as i16
}

/// The level that was kept, dBFS; `None` where there is none.
#[must_use]
pub fn dbfs(kept: i16) -> Option<f32> {
    (kept != ABSENT).then(|| f32::from(kept) / PER_DB)
}

/// Turns sums of the powers of `count` spectra into what their elements show: the mean, unless the strongest stands out
/// of the others by more than noise does. Noise keeps its level at every zoom, and a short burst stays visible at its
/// own.
///
/// The powers of `m` spectra of noise are exponential: the largest exceeds `ln m + x` times their mean with a
/// probability of about `exp(−x)`, 0.1 % for the 7 taken here.
pub(crate) fn pool(sums: &mut [f32], peaks: &[f32], count: usize) {
    if count < 2 {
        return;
    }
    let (each, among_others) = ((count as f32).recip(), (count as f32 - 1.0).recip());
    let threshold = ((count as f32).ln() + 7.0) * among_others;
    for (sum, peak) in sums.iter_mut().zip(peaks) {
        let stands_out = *peak > (*sum - *peak) * threshold;
        *sum = if stands_out { *peak } else { *sum * each };
    }
}

/// What the colours span.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelRange {
    /// Decibels of the darkest colour.
    pub floor_dbfs: f32,
    /// Decibels of the brightest.
    pub ceiling_dbfs: f32,
}

impl LevelRange {
    /// Narrower ranges only show rounding.
    const LEAST_DB: f32 = 3.0;

    /// The range with its ends in order and some distance apart.
    #[must_use]
    pub fn new(floor_dbfs: f32, ceiling_dbfs: f32) -> Self {
        let floor_dbfs = floor_dbfs.clamp(FLOOR_DBFS, 60.0);
        Self { floor_dbfs, ceiling_dbfs: ceiling_dbfs.clamp(floor_dbfs + Self::LEAST_DB, 80.0) }
    }

    /// Place of a kept level among 256 colours.
    #[must_use]
    pub fn place(&self, kept: i16) -> u8 {
        let share = (f32::from(kept) / PER_DB - self.floor_dbfs) / (self.ceiling_dbfs - self.floor_dbfs);
        // The conversion saturates.
        (share * 255.0) as u8
    }
}

/// A range that shows what is in `levels`: from a little above the common noise to the strongest elements, and never
/// less than 20 dB, so that pure noise does not look like signals. `None` where nothing is there.
pub fn automatic(levels: impl Iterator<Item = i16>) -> Option<LevelRange> {
    /// Hundredths of a decibel in a class.
    const CLASS: i32 = 50;
    let mut classes = vec![0_u32; (u16::MAX as usize + 1).div_ceil(CLASS as usize)];
    let mut total = 0_u64;
    for level in levels.filter(|level| *level != ABSENT) {
        let class = (i32::from(level) - i32::from(i16::MIN)) / CLASS;
        if let Some(count) = classes.get_mut(class as usize) {
            *count += 1;
            total += 1;
        }
    }
    let at = |share: f64| {
        let wanted = (share * total as f64).max(1.0) as u64;
        let mut seen = 0;
        let class = classes.iter().position(|count| {
            seen += u64::from(*count);
            seen >= wanted
        });
        class.map(|class| (class as f32 * CLASS as f32 + f32::from(i16::MIN)) / PER_DB)
    };
    if total == 0 {
        return None;
    }
    let (noise, strongest) = (at(0.1)?, at(0.9995)?);
    Some(LevelRange::new(noise - 2.0, (strongest + 1.0).max(noise + 18.0)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_level_comes_back_to_a_hundredth_of_a_decibel() {
        for level in [-199.5_f32, -63.21, 0.0, 12.34] {
            let kept = keep(10_f32.powf(level / 10.0));
            assert!((dbfs(kept).unwrap() - level).abs() < 0.011, "{level}");
        }
        assert_eq!(dbfs(keep(0.0)), Some(FLOOR_DBFS));
        assert_eq!(dbfs(keep(f32::NAN)), Some(FLOOR_DBFS));
        assert_eq!(dbfs(ABSENT), None);
    }

    #[test]
    fn the_automatic_range_holds_noise_and_signal_and_is_never_narrow() {
        let noise = (0..10_000).map(|index| -9000 + (index % 600) as i16);
        let range = automatic(noise.clone().chain(std::iter::repeat_n(-3000, 50))).unwrap();
        assert!(range.floor_dbfs < -88.0 && range.floor_dbfs > -95.0, "{range:?}");
        assert!(range.ceiling_dbfs >= -30.0 && range.ceiling_dbfs < -27.0, "{range:?}");
        let range = automatic(noise).unwrap();
        assert!(range.ceiling_dbfs - range.floor_dbfs >= 20.0 - 1e-3);
        assert_eq!(automatic([ABSENT].into_iter()), None);
    }
}
