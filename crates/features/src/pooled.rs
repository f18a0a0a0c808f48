//! Mel bands pooled over time segments: what a fixed number of columns says of a scene of any rate.
//!
//! Powers are averaged, not decibels. The mean power of a segment is the emission's own power whatever its
//! modulation, whereas the mean of decibels of noise lies 10·γ/ln 10 = 2.5 dB too low in a band of one bin
//! and nearly right in a band of a hundred (γ: Euler's constant), so that the same transmitter would read
//! differently at another place of the band.

use num_complex::Complex32;

use crate::mel::{MelBank, MelSettings, Sides};
use crate::spectrogram::{SpectrogramError, Stft, lowest_first};

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

/// Pools recordings of one nominal rate, one after the other. Plan and buffers are made once.
pub struct BandPooler {
    settings: MelSettings,
    segments: TimeSegments,
    stft: Stft,
    /// Powers of the frames of one segment, 0 Hz first. Bands are linear in power, so frames are summed before the
    /// bands are formed: a tenth of the work.
    sum: Vec<f32>,
    /// The same, lowest frequency first.
    ordered: Vec<f32>,
}

impl BandPooler {
    /// A pooler for two-sided bands of `settings` in `segments`.
    ///
    /// # Errors
    /// Where the settings make no frames.
    pub fn new(settings: MelSettings, segments: TimeSegments) -> Result<Self, SpectrogramError> {
        let (stft, size) = (Stft::new(settings.stft)?, settings.stft.fft_size);
        Ok(Self { settings, segments, stft, sum: vec![0.0; size], ordered: vec![0.0; size] })
    }

    /// Mean power in each band and segment, relative to full scale, band after band (`bands × segments.count`
    /// values); 0 where no frame has its middle. `start_s` is the time of the first sample. Frames are not padded.
    ///
    /// # Errors
    /// Where the settings make no bands or are made for another rate.
    pub fn powers(
        &mut self,
        iq: &[Complex32],
        sample_rate_hz: f64,
        start_s: f64,
    ) -> Result<Vec<f32>, SpectrogramError> {
        let Self { settings, segments, stft, sum, ordered } = self;
        let bank = MelBank::new(settings, sample_rate_hz, Sides::Two)?;
        let mut pooled = vec![0.0; settings.band_count * segments.count];
        // Called when a segment's last frame has been added; frames come in the order of time.
        let mut finish = |index: usize, count: u32, sum: &mut [f32]| {
            ordered.iter_mut().zip(lowest_first(sum)).for_each(|(out, power)| *out = power / count as f32);
            sum.fill(0.0);
            let column = pooled.iter_mut().skip(index).step_by(segments.count);
            column.zip(bank.band_powers(ordered)).for_each(|(out, power)| *out = power);
        };
        let (mut frame, mut current, mut count) = (0usize, None, 0u32);
        stft.restart();
        stft.feed_spectra(iq, |spectrum| {
            let middle = (frame * settings.stft.hop) as f64 + settings.stft.fft_size as f64 / 2.0;
            frame += 1;
            let segment = segments.holding(start_s + middle / sample_rate_hz);
            if segment != current {
                current.into_iter().for_each(|index| finish(index, count, sum));
                (current, count) = (segment, 0);
            }
            if segment.is_some() {
                count += 1;
                sum.iter_mut().zip(spectrum).for_each(|(sum, bin)| *sum += bin.norm_sqr());
            }
        });
        current.into_iter().for_each(|index| finish(index, count, sum));
        Ok(pooled)
    }
}
