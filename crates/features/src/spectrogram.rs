//! Short-time spectra in decibels relative to full scale.
//!
//! A complex tone of amplitude 1 at a bin centre reads 0 dBFS whatever the window (its coherent
//! gain is divided out). Levels are absolute: nothing is normalised by the recording itself.

use std::sync::Arc;

use num_complex::Complex32;
use rustfft::{Fft, FftPlanner};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Window;

/// The lowest level that a spectrogram states, dBFS; silence reads this.
pub const FLOOR_DBFS: f32 = -200.0;

/// Power relative to full scale in decibels, never below [`FLOOR_DBFS`].
pub fn power_dbfs(power: f32) -> f32 {
    // `max` also turns the NaN of a broken sample into the floor.
    (10.0 * power.log10()).max(FLOOR_DBFS)
}

/// Why short-time spectra cannot be made with the settings given.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SpectrogramError {
    /// A transform of fewer than two points has no spectrum.
    #[error("the transform has {0} points: choose at least 2")]
    TransformTooShort(usize),
    /// Frames would never advance.
    #[error("the hop between frames is 0 samples: choose at least 1")]
    NoHop,
    /// The sample rate is not a positive number.
    #[error("the sample rate is {0} Hz: it must be positive")]
    SampleRate(f64),
    /// Features are made for one rate only; recordings are never resampled up to it.
    #[error(
        "the recording has {recording_hz} samples per second, these features need {settings_hz}: \
         choose settings made for this rate"
    )]
    RateMismatch {
        /// Rate of the recording.
        recording_hz: f64,
        /// Rate that the settings are made for.
        settings_hz: f64,
    },
    /// A band so narrow that no Fourier bin falls into it would always read silence.
    #[error("mel band {band} lies between two bins of the transform: choose fewer bands or a longer transform")]
    EmptyBand {
        /// Index of the first such band.
        band: usize,
    },
    /// Two sides of 0 Hz need the same number of bands each.
    #[error("{0} mel bands cannot be split evenly below and above 0 Hz: choose an even number")]
    OddBandCount(usize),
    /// The lowest frequency is not below the highest, or the highest is above half the rate.
    #[error("mel bands from {low_hz} to {high_hz} Hz do not fit below half the sample rate")]
    BandEdges {
        /// Lower edge of the lowest band.
        low_hz: f64,
        /// Upper edge of the highest band.
        high_hz: f64,
    },
}

/// How samples are cut into frames.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StftSettings {
    /// Points of the transform, and of the frame.
    pub fft_size: usize,
    /// Samples from the start of a frame to the start of the next.
    pub hop: usize,
    /// Taper of the frame.
    pub window: Window,
}

impl StftSettings {
    /// Whole frames in `sample_count` samples; there is no padding, so the rest is not seen.
    pub fn frame_count(&self, sample_count: u64) -> u64 {
        match sample_count.checked_sub(self.fft_size as u64) {
            Some(rest) if self.hop > 0 => rest / self.hop as u64 + 1,
            _ => 0,
        }
    }
}

/// A streaming short-time Fourier transform: blocks in, frames out, memory of one frame.
pub struct Stft {
    fft: Arc<dyn Fft<f32>>,
    settings: StftSettings,
    /// Taper divided by its sum.
    taper: Vec<f32>,
    /// Samples of the frame that is not yet full.
    pending: Vec<Complex32>,
    /// Samples to drop before the next frame, where the hop is longer than the frame.
    to_skip: usize,
    work: Vec<Complex32>,
    scratch: Vec<Complex32>,
    power: Vec<f32>,
}

impl Stft {
    /// A transform that has seen nothing yet.
    ///
    /// # Errors
    /// Where the size is below 2 or the hop is 0.
    pub fn new(settings: StftSettings) -> Result<Self, SpectrogramError> {
        let StftSettings { fft_size, hop, window } = settings;
        if fft_size < 2 {
            return Err(SpectrogramError::TransformTooShort(fft_size));
        }
        if hop == 0 {
            return Err(SpectrogramError::NoHop);
        }
        let taper = window.coefficients(fft_size);
        let sum: f64 = taper.iter().sum();
        let fft = FftPlanner::new().plan_fft_forward(fft_size);
        Ok(Self {
            scratch: vec![Complex32::default(); fft.get_inplace_scratch_len()],
            fft,
            settings,
            taper: taper.iter().map(|w| (w / sum) as f32).collect(),
            pending: Vec::with_capacity(fft_size),
            to_skip: 0,
            work: vec![Complex32::default(); fft_size],
            power: vec![0.0; fft_size],
        })
    }

    /// Takes the next samples and calls `on_frame` with the power of each frame that they
    /// complete: `fft_size` values relative to full scale (not decibels), lowest frequency first,
    /// 0 Hz at index `fft_size / 2`.
    pub fn feed(&mut self, block: &[Complex32], mut on_frame: impl FnMut(&[f32])) {
        let mut power = std::mem::take(&mut self.power);
        self.feed_spectra(block, |spectrum| {
            for (out, bin) in power.iter_mut().zip(lowest_first(spectrum)) {
                *out = bin.norm_sqr();
            }
            on_frame(&power);
        });
        self.power = power;
    }

    /// As [`Self::feed`], with the transform itself: 0 Hz first, as it comes.
    pub(crate) fn feed_spectra(&mut self, block: &[Complex32], mut on_spectrum: impl FnMut(&[Complex32])) {
        let StftSettings { fft_size, hop, .. } = self.settings;
        let skipped = self.to_skip.min(block.len());
        self.to_skip -= skipped;
        // Where in the block the next frame begins, once none begins before it.
        let mut next = skipped;
        while !self.pending.is_empty() {
            let held = self.pending.len();
            let Some(rest) = block.get(..fft_size - held) else {
                self.pending.extend_from_slice(block);
                return;
            };
            self.work.clear();
            self.work.extend(self.pending.iter().chain(rest).zip(&self.taper).map(|(sample, taper)| sample * taper));
            self.fft.process_with_scratch(&mut self.work, &mut self.scratch);
            on_spectrum(&self.work);
            self.pending.drain(..hop.min(held));
            next = hop.saturating_sub(held);
        }
        while let Some(frame) = block.get(next..next + fft_size) {
            // In place of a copy: these samples are all here.
            for ((out, sample), taper) in self.work.iter_mut().zip(frame).zip(&self.taper) {
                *out = sample * taper;
            }
            self.fft.process_with_scratch(&mut self.work, &mut self.scratch);
            on_spectrum(&self.work);
            next += hop;
        }
        match block.get(next..) {
            Some(rest) => self.pending.extend_from_slice(rest),
            None => self.to_skip = next - block.len(),
        }
    }

    /// Forgets the samples of a frame that is not yet full: the next block begins another recording.
    pub(crate) fn restart(&mut self) {
        self.pending.clear();
        self.to_skip = 0;
    }
}

/// A transform's bins in the order of their frequencies.
pub(crate) fn lowest_first<T>(bins: &[T]) -> impl Iterator<Item = &T> {
    let (upper, lower) = bins.split_at(bins.len().div_ceil(2));
    lower.iter().chain(upper)
}

/// Frequencies of the bins of a frame, lowest first.
pub fn bin_frequencies_hz(fft_size: usize, sample_rate_hz: f64) -> Vec<f64> {
    let zero = (fft_size / 2) as f64;
    (0..fft_size).map(|bin| (bin as f64 - zero) * sample_rate_hz / fft_size as f64).collect()
}

/// Level over frequency and time.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrogram {
    /// Bins per frame.
    pub bins: usize,
    /// Frames.
    pub frames: usize,
    /// Level of frame `f` at bin `b` at index `f * bins + b`, decibels relative to full scale.
    pub power_dbfs: Vec<f32>,
    /// Baseband frequency of each bin, lowest first.
    pub frequencies_hz: Vec<f64>,
}

/// The two-sided spectrogram of `iq`: frame `f` covers the samples from `f * hop` on, without
/// padding. Samples after the last whole frame are not seen.
///
/// ```
/// use heimdall_features::{spectrogram, Window};
/// use num_complex::Complex32;
/// let tone = vec![Complex32::new(1.0, 0.0); 256];
/// let levels = spectrogram(&tone, 48_000.0, 64, 32, Window::Hann)?;
/// assert_eq!((levels.bins, levels.frames), (64, 7));
/// assert!(levels.power_dbfs[32].abs() < 1e-4);
/// # Ok::<(), heimdall_features::SpectrogramError>(())
/// ```
///
/// # Errors
/// Where the size, hop or rate make no spectrogram.
pub fn spectrogram(
    iq: &[Complex32],
    sample_rate_hz: f64,
    fft_size: usize,
    hop: usize,
    window: Window,
) -> Result<Spectrogram, SpectrogramError> {
    if sample_rate_hz.is_nan() || sample_rate_hz <= 0.0 {
        return Err(SpectrogramError::SampleRate(sample_rate_hz));
    }
    let mut stft = Stft::new(StftSettings { fft_size, hop, window })?;
    let mut levels = Vec::new();
    stft.feed(iq, |power| levels.extend(power.iter().map(|p| power_dbfs(*p))));
    Ok(Spectrogram {
        bins: fft_size,
        frames: levels.len() / fft_size,
        power_dbfs: levels,
        frequencies_hz: bin_frequencies_hz(fft_size, sample_rate_hz),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn tone(bin: f64, fft_size: usize, amplitude: f32, length: usize) -> Vec<Complex32> {
        (0..length)
            .map(|n| {
                let phase = std::f64::consts::TAU * bin * n as f64 / fft_size as f64;
                Complex32::new(phase.cos() as f32, phase.sin() as f32) * amplitude
            })
            .collect()
    }

    #[test]
    fn a_tone_reads_its_level_at_its_frequency_with_every_window() {
        for window in [Window::Hann, Window::Hamming, Window::BlackmanHarris, Window::Kaiser { beta: 8.6 }] {
            for size in [64, 75] {
                let levels = spectrogram(&tone(-10.0, size, 0.1, 2 * size), 48e3, size, size, window).unwrap();
                let bin = size / 2 - 10;
                assert!((levels.power_dbfs[bin] + 20.0).abs() < 1e-3, "{window:?} {size}");
                assert!((levels.frequencies_hz[bin] + 480e3 / size as f64).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn silence_and_broken_samples_read_the_floor() {
        for value in [0.0, f32::NAN] {
            let iq = vec![Complex32::new(value, 0.0); 32];
            let levels = spectrogram(&iq, 1.0, 16, 16, Window::Hann).unwrap();
            assert!(levels.power_dbfs.iter().all(|level| *level == FLOOR_DBFS));
        }
    }

    #[test]
    fn settings_that_cannot_advance_are_refused() {
        assert_eq!(spectrogram(&[], 1.0, 1, 1, Window::Hann), Err(SpectrogramError::TransformTooShort(1)));
        assert_eq!(spectrogram(&[], 1.0, 8, 0, Window::Hann), Err(SpectrogramError::NoHop));
        assert!(spectrogram(&[], f64::NAN, 8, 8, Window::Hann).is_err());
    }
}
