//! Mel bands pooled over time segments: what a fixed number of columns says of a scene of any rate.
//!
//! Powers are averaged, not decibels. The mean power of a segment is the emission's own power whatever its
//! modulation, whereas the mean of decibels of noise lies 10·γ/ln 10 = 2.5 dB too low in a band of one bin
//! and nearly right in a band of a hundred (γ: Euler's constant), so that the same transmitter would read
//! differently at another place of the band.

use num_complex::Complex32;

use crate::mel::{MelBank, MelSettings, Sides};
use crate::spectrogram::{SpectrogramError, Stft};

/// Columns of equal length that begin at time 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeSegments {
    /// How many.
    pub count: usize,
    /// Length of each, seconds.
    pub length_s: f64,
}

impl TimeSegments {
    /// The segment that holds a time, `None` before the first and after the last.
    pub fn holding(&self, time_s: f64) -> Option<usize> {
        let index = (time_s / self.length_s).floor();
        (index >= 0.0 && index < self.count as f64).then_some(index as usize)
    }

    /// Middle of a segment, seconds.
    pub fn middle_s(&self, index: usize) -> f64 {
        (index as f64 + 0.5) * self.length_s
    }
}

/// Mean power in each two-sided mel band and time segment, relative to full scale, band after band
/// (`bands × segments.count` values); 0 where no frame has its middle.
///
/// `start_s` is the time of the first sample. Frames are not padded.
///
/// # Errors
/// Where the settings make no bands or are made for another rate.
pub fn pooled_band_powers(
    iq: &[Complex32],
    sample_rate_hz: f64,
    start_s: f64,
    settings: &MelSettings,
    segments: TimeSegments,
) -> Result<Vec<f32>, SpectrogramError> {
    let bank = MelBank::new(settings, sample_rate_hz, Sides::Two)?;
    let mut stft = Stft::new(settings.stft)?;
    let size = settings.stft.fft_size;
    // Bands are linear in power, so frames are summed before the bands are formed: a tenth of the work.
    let mut sums = vec![0.0f32; size * segments.count];
    let mut counts = vec![0u32; segments.count];
    let mut frame = 0usize;
    stft.feed(iq, |power| {
        let middle = (frame * settings.stft.hop) as f64 + size as f64 / 2.0;
        frame += 1;
        let Some(index) = segments.holding(start_s + middle / sample_rate_hz) else { return };
        let sum = sums.chunks_exact_mut(size).nth(index);
        sum.into_iter().flatten().zip(power).for_each(|(sum, power)| *sum += power);
        counts.iter_mut().skip(index).take(1).for_each(|count| *count += 1);
    });
    let mut pooled = vec![0.0; settings.band_count * segments.count];
    for (index, (sum, count)) in sums.chunks_exact(size).zip(&counts).enumerate().filter(|(_, (_, count))| **count > 0)
    {
        let column = pooled.iter_mut().skip(index).step_by(segments.count);
        column.zip(bank.band_powers(sum)).for_each(|(out, power)| *out = power / *count as f32);
    }
    Ok(pooled)
}
