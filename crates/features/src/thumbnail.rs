//! Spectrograms of fixed size for pictures, made while a recording streams by.

use num_complex::Complex32;
use serde::{Deserialize, Serialize};

use crate::spectrogram::{SpectrogramError, Stft, StftSettings, power_dbfs};

/// How the bins and frames that fall on one pixel are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pool {
    /// The strongest: short bursts and narrow carriers stay visible.
    Max,
    /// Mean power: the noise floor stays at its level.
    Mean,
}

/// A picture of level over time and frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct Thumbnail {
    /// Columns, first sample at the left.
    pub width: usize,
    /// Rows, lowest frequency first.
    pub height: usize,
    /// Level at column `x`, row `y` at index `x * height + y`, decibels relative to full scale.
    pub power_dbfs: Vec<f32>,
}

/// Pools a stream of samples into a [`Thumbnail`]; memory is one frame and the picture.
pub struct ThumbnailBuilder {
    stft: Stft,
    pool: Pool,
    width: usize,
    height: usize,
    fft_size: usize,
    frame_count: u64,
    frames_seen: u64,
    /// Pooled power per pixel, and how many values a mean is of.
    power: Vec<f32>,
    count: Vec<u32>,
}

impl ThumbnailBuilder {
    /// A picture of `width` columns by `height` rows of a recording of `sample_count` samples.
    /// It becomes narrower or lower where there are fewer frames or bins than pixels: levels are
    /// never interpolated.
    ///
    /// # Errors
    /// As [`Stft::new`].
    pub fn new(
        sample_count: u64,
        settings: StftSettings,
        width: usize,
        height: usize,
        pool: Pool,
    ) -> Result<Self, SpectrogramError> {
        let stft = Stft::new(settings)?;
        let frame_count = settings.frame_count(sample_count);
        let width = width.min(usize::try_from(frame_count).unwrap_or(usize::MAX));
        let height = height.min(settings.fft_size);
        Ok(Self {
            stft,
            pool,
            width,
            height,
            fft_size: settings.fft_size,
            frame_count,
            frames_seen: 0,
            power: vec![0.0; width * height],
            count: vec![0; width * height],
        })
    }

    /// Takes the next samples; those past the stated number are not seen.
    pub fn feed(&mut self, block: &[Complex32]) {
        let Self { stft, pool, width, height, fft_size, frame_count, .. } = self;
        let (power, count, seen) = (&mut self.power, &mut self.count, &mut self.frames_seen);
        stft.feed(block, |frame| {
            if *seen >= *frame_count {
                return;
            }
            let column = (u128::from(*seen) * *width as u128 / u128::from(*frame_count)) as usize;
            for (bin, value) in frame.iter().enumerate() {
                let pixel = column * *height + bin * *height / *fft_size;
                if let (Some(pooled), Some(count)) = (power.get_mut(pixel), count.get_mut(pixel)) {
                    *count += 1;
                    match pool {
                        Pool::Max => *pooled = pooled.max(*value),
                        Pool::Mean => *pooled += (value - *pooled) / *count as f32,
                    }
                }
            }
            *seen += 1;
        });
    }

    /// The picture of what was fed; columns not reached read the floor.
    pub fn finish(self) -> Thumbnail {
        Thumbnail {
            width: self.width,
            height: self.height,
            power_dbfs: self.power.into_iter().map(power_dbfs).collect(),
        }
    }
}

/// The thumbnail of samples that are in memory.
///
/// # Errors
/// As [`Stft::new`].
pub fn thumbnail(
    iq: &[Complex32],
    settings: StftSettings,
    width: usize,
    height: usize,
    pool: Pool,
) -> Result<Thumbnail, SpectrogramError> {
    let mut builder = ThumbnailBuilder::new(iq.len() as u64, settings, width, height, pool)?;
    builder.feed(iq);
    Ok(builder.finish())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Window;
    use crate::spectrogram::FLOOR_DBFS;

    const SETTINGS: StftSettings = StftSettings { fft_size: 64, hop: 16, window: Window::Hann };

    /// Silence with a carrier at a quarter of the rate from sample 2000 to 2500.
    fn burst() -> Vec<Complex32> {
        let turn = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)];
        (0..4000)
            .map(|n| if (2000..2500).contains(&n) { turn[n % 4] } else { (0.0, 0.0) })
            .map(|(re, im)| Complex32::new(re, im))
            .collect()
    }

    #[test]
    fn a_burst_keeps_its_level_under_max_and_its_share_under_mean() {
        let max = thumbnail(&burst(), SETTINGS, 8, 16, Pool::Max).unwrap();
        assert_eq!((max.width, max.height), (8, 16));
        // Bin +16 of 64 is index 48, row 12; the burst lies in column 4 of 8.
        assert!(max.power_dbfs[4 * 16 + 12].abs() < 1e-4);
        assert_eq!(max.power_dbfs[16 + 12], FLOOR_DBFS);
        // The Hann lobe holds 1.5 in the row's four bins: bins 47, 48, 49 carry ¼, 1, ¼, of which
        // 48 and 49 lie in row 12; the full column would read (1 + ¼)/4.
        let mean = thumbnail(&burst(), SETTINGS, 8, 16, Pool::Mean).unwrap();
        let full = 10.0 * (1.25_f32 / 4.0).log10();
        assert!(mean.power_dbfs[4 * 16 + 12] <= full + 1e-3);
        assert!(mean.power_dbfs[4 * 16 + 12] > full - 1.0);
    }

    #[test]
    fn blocks_give_the_picture_of_the_whole() {
        let iq = burst();
        let whole = thumbnail(&iq, SETTINGS, 8, 16, Pool::Mean).unwrap();
        let mut builder = ThumbnailBuilder::new(4000, SETTINGS, 8, 16, Pool::Mean).unwrap();
        iq.chunks(77).for_each(|block| builder.feed(block));
        assert_eq!(builder.finish(), whole);
    }

    #[test]
    fn short_recordings_give_small_pictures() {
        let empty = thumbnail(&[], SETTINGS, 8, 16, Pool::Max).unwrap();
        assert_eq!((empty.width, empty.power_dbfs.len()), (0, 0));
        let iq = burst();
        let one_frame = thumbnail(&iq[..64], SETTINGS, 8, 100, Pool::Max).unwrap();
        assert_eq!((one_frame.width, one_frame.height), (1, 64));
    }
}
