//! Mel bands of short-time spectra, one- and two-sided, in absolute decibels.
//!
//! Bands are triangles whose corners are equally spaced on a mel scale, as in librosa
//! (`librosa.filters.mel`). For complex baseband the scale is applied to |f|: of `band_count`
//! bands the upper half lies above 0 Hz and the lower half is its mirror image below 0 Hz.
//! Both halves span `low_hz` to `high_hz` (half the sample rate unless set). Bands are ordered by
//! frequency, so band 0 is the one next to −`high_hz`, bands `band_count / 2 − 1` and
//! `band_count / 2` meet at 0 Hz. The bin at 0 Hz and the one at half the rate lie on corners and
//! weigh nothing when `low_hz` is 0 and `high_hz` is unset.

use num_complex::Complex32;
use serde::{Deserialize, Serialize};

use crate::Window;
use crate::spectrogram::{SpectrogramError, Stft, StftSettings, power_dbfs};

/// Which curve is called mel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MelScale {
    /// `2595 log₁₀(1 + f/700)` (O'Shaughnessy 1987, as in HTK).
    Htk,
    /// Linear to 1 kHz, logarithmic above (Slaney, Auditory Toolbox 1998).
    Slaney,
}

/// Below this Slaney's scale is linear.
const SLANEY_BREAK_HZ: f64 = 1000.0;
/// Slope of the linear part.
const SLANEY_HZ_PER_MEL: f64 = 200.0 / 3.0;
/// Mels at the break.
const SLANEY_BREAK_MEL: f64 = SLANEY_BREAK_HZ / SLANEY_HZ_PER_MEL;

/// `ln 6.4 / 27`: the logarithmic part takes 27 steps from 1 to 6.4 kHz.
fn slaney_log_step() -> f64 {
    6.4_f64.ln() / 27.0
}

impl MelScale {
    /// Mels of a frequency, 0 Hz or above.
    pub fn mel(self, frequency_hz: f64) -> f64 {
        match self {
            Self::Htk => 2595.0 * (1.0 + frequency_hz / 700.0).log10(),
            Self::Slaney if frequency_hz < SLANEY_BREAK_HZ => frequency_hz / SLANEY_HZ_PER_MEL,
            Self::Slaney => SLANEY_BREAK_MEL + (frequency_hz / SLANEY_BREAK_HZ).ln() / slaney_log_step(),
        }
    }

    /// Frequency of a number of mels, 0 or above.
    pub fn frequency_hz(self, mel: f64) -> f64 {
        match self {
            Self::Htk => 700.0 * (10_f64.powf(mel / 2595.0) - 1.0),
            Self::Slaney if mel < SLANEY_BREAK_MEL => mel * SLANEY_HZ_PER_MEL,
            Self::Slaney => SLANEY_BREAK_HZ * ((mel - SLANEY_BREAK_MEL) * slaney_log_step()).exp(),
        }
    }
}

/// Settings of mel features; part of what a model's feature hash covers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MelSettings {
    /// The sample rate that these settings are made for.
    pub sample_rate_hz: f64,
    /// Frames.
    pub stft: StftSettings,
    /// Bands in all; for complex input half of them on each side of 0 Hz, so even.
    pub band_count: usize,
    /// Spacing of the bands.
    pub scale: MelScale,
    /// Divide each band by half its width in hertz (`norm="slaney"` in librosa), so that white
    /// noise reads the same in all bands. Without it a band sums the power that falls into it.
    pub area_normalised: bool,
    /// Lower edge of the lowest band (of |f| for complex input).
    pub low_hz: f64,
    /// Upper edge of the highest band; half the sample rate where `None`.
    pub high_hz: Option<f64>,
}

impl Default for MelSettings {
    fn default() -> Self {
        Self {
            sample_rate_hz: 192_000.0,
            stft: StftSettings { fft_size: 2048, hop: 512, window: Window::Hann },
            band_count: 128,
            scale: MelScale::Htk,
            area_normalised: false,
            low_hz: 0.0,
            high_hz: None,
        }
    }
}

/// How far a recording's true rate may be from that of the settings, relative: receivers' clocks
/// deviate by some 100 ppm (12001.07 Hz for 12 kHz), another rate is another setting.
const RATE_TOLERANCE: f64 = 1e-3;

/// Which frequencies the bands cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sides {
    /// 0 Hz and above, for real samples.
    One,
    /// Both sides of 0 Hz, for complex baseband.
    Two,
}

/// One triangle: weights of consecutive bins of a frame.
#[derive(Clone, Debug)]
struct Band {
    center_hz: f64,
    first_bin: usize,
    weights: Vec<f32>,
}

/// The triangles for one rate, applied to the frames of an [`Stft`].
#[derive(Clone, Debug)]
pub struct MelBank {
    bands: Vec<Band>,
}

impl MelBank {
    /// The bands for a recording of `sample_rate_hz`. Corners stay at the settings' frequencies,
    /// bins lie where the recording's true rate puts them.
    ///
    /// # Errors
    /// Where the rate is not that of the settings, where a band holds no bin, where edges do not
    /// fit, or where an odd number of bands is to be split in two.
    pub fn new(settings: &MelSettings, sample_rate_hz: f64, sides: Sides) -> Result<Self, SpectrogramError> {
        let settings_hz = settings.sample_rate_hz;
        if !(settings_hz > 0.0 && settings_hz.is_finite()) {
            return Err(SpectrogramError::SampleRate(settings_hz));
        }
        let deviation = (sample_rate_hz / settings_hz - 1.0).abs();
        if deviation.is_nan() || deviation > RATE_TOLERANCE {
            return Err(SpectrogramError::RateMismatch { recording_hz: sample_rate_hz, settings_hz });
        }
        let count = match sides {
            Sides::One => settings.band_count,
            Sides::Two if settings.band_count % 2 == 1 => {
                return Err(SpectrogramError::OddBandCount(settings.band_count));
            }
            Sides::Two => settings.band_count / 2,
        };
        let fft_size = settings.stft.fft_size;
        let upper = triangles(settings, count, sample_rate_hz)?;
        let mut bands = Vec::with_capacity(settings.band_count);
        if sides == Sides::Two {
            bands.extend(upper.iter().rev().map(|band| mirrored(band, fft_size)));
        }
        bands.extend(upper);
        Ok(Self { bands })
    }

    /// Frequencies of the tips, lowest first.
    pub fn centers_hz(&self) -> impl Iterator<Item = f64> + '_ {
        self.bands.iter().map(|band| band.center_hz)
    }

    /// Power in each band of one frame of an [`Stft`] made with the same settings.
    pub fn band_powers<'a>(&'a self, frame: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        self.bands.iter().map(|band| {
            let bins = frame.get(band.first_bin..).unwrap_or_default();
            weighted_sum(&band.weights, bins)
        })
    }
}

/// Σ weight·power in eight sums side by side, which one sum of floats would forbid the compiler.
fn weighted_sum(weights: &[f32], powers: &[f32]) -> f32 {
    let length = weights.len().min(powers.len());
    let (weights, powers) = (weights.get(..length).unwrap_or_default(), powers.get(..length).unwrap_or_default());
    let ((weights, last_weights), (powers, last_powers)) = (weights.as_chunks::<8>(), powers.as_chunks::<8>());
    let mut sums = [0.0f32; 8];
    for (weights, powers) in weights.iter().zip(powers) {
        for ((sum, weight), power) in sums.iter_mut().zip(weights).zip(powers) {
            *sum += weight * power;
        }
    }
    let rest: f32 = last_weights.iter().zip(last_powers).map(|(weight, power)| weight * power).sum();
    rest + sums.iter().sum::<f32>()
}

/// The `count` triangles above 0 Hz over bins in frame order.
fn triangles(settings: &MelSettings, count: usize, sample_rate_hz: f64) -> Result<Vec<Band>, SpectrogramError> {
    let nyquist_hz = settings.sample_rate_hz / 2.0;
    let low_hz = settings.low_hz;
    let high_hz = settings.high_hz.unwrap_or(nyquist_hz);
    if !(0.0 <= low_hz && low_hz < high_hz && high_hz <= nyquist_hz) {
        return Err(SpectrogramError::BandEdges { low_hz, high_hz });
    }
    let (low, high) = (settings.scale.mel(low_hz), settings.scale.mel(high_hz));
    let step = (high - low) / (count + 1) as f64;
    let corner_hz = |index: usize| settings.scale.frequency_hz(low + step * index as f64);
    let fft_size = settings.stft.fft_size;
    let bin_hz = sample_rate_hz / fft_size as f64;
    let bins_above_zero = fft_size.div_ceil(2);
    let mut bands = Vec::with_capacity(count);
    for index in 0..count {
        let (left, tip, right) = (corner_hz(index), corner_hz(index + 1), corner_hz(index + 2));
        let height = if settings.area_normalised { 2.0 / (right - left) } else { 1.0 };
        let first = (left / bin_hz).floor() as usize + 1;
        let weights: Vec<f32> = (first..bins_above_zero)
            .map(|bin| bin as f64 * bin_hz)
            .take_while(|frequency| *frequency < right)
            .map(|f| (height * ((f - left) / (tip - left)).min((right - f) / (right - tip))) as f32)
            .collect();
        if weights.is_empty() {
            return Err(SpectrogramError::EmptyBand { band: index });
        }
        bands.push(Band { center_hz: tip, first_bin: fft_size / 2 + first, weights });
    }
    Ok(bands)
}

/// The same triangle on the other side of 0 Hz.
fn mirrored(band: &Band, fft_size: usize) -> Band {
    let zero = fft_size / 2;
    // Bin zero + k becomes bin zero − k, so the last weight comes first.
    let last = band.first_bin + band.weights.len() - 1;
    Band {
        center_hz: -band.center_hz,
        first_bin: (2 * zero).saturating_sub(last),
        weights: band.weights.iter().rev().copied().collect(),
    }
}

/// Level over mel bands and time.
#[derive(Clone, Debug, PartialEq)]
pub struct MelSpectrogram {
    /// Bands per frame.
    pub bands: usize,
    /// Frames.
    pub frames: usize,
    /// Level of frame `f` in band `b` at index `f * bands + b`, decibels relative to full scale.
    pub power_dbfs: Vec<f32>,
    /// Frequency of each band's tip, lowest first.
    pub centers_hz: Vec<f64>,
}

/// The two-sided mel-spectrogram of complex baseband. Frames are those of
/// [`spectrogram`](crate::spectrogram()): no padding, so 1 s at 192 kHz gives 372 frames.
///
/// # Errors
/// Where the settings make no bands or are made for another rate.
pub fn iq_to_mel_spectrogram(
    iq: &[Complex32],
    sample_rate_hz: f64,
    settings: &MelSettings,
) -> Result<MelSpectrogram, SpectrogramError> {
    let bank = MelBank::new(settings, sample_rate_hz, Sides::Two)?;
    mel_levels(iq, &bank, settings)
}

/// The one-sided mel-spectrogram of real samples: librosa's `melspectrogram(power=2,
/// center=False)` over the square of the window's sum, in decibels. A sine of amplitude 1
/// therefore reads −6.02 dBFS, being half of two complex tones.
///
/// # Errors
/// As [`iq_to_mel_spectrogram`].
pub fn real_to_mel_spectrogram(
    samples: &[f32],
    sample_rate_hz: f64,
    settings: &MelSettings,
) -> Result<MelSpectrogram, SpectrogramError> {
    let bank = MelBank::new(settings, sample_rate_hz, Sides::One)?;
    let complex: Vec<Complex32> = samples.iter().map(|x| Complex32::new(*x, 0.0)).collect();
    mel_levels(&complex, &bank, settings)
}

fn mel_levels(iq: &[Complex32], bank: &MelBank, settings: &MelSettings) -> Result<MelSpectrogram, SpectrogramError> {
    let mut stft = Stft::new(settings.stft)?;
    let mut levels = Vec::with_capacity(settings.stft.frame_count(iq.len() as u64) as usize * bank.bands.len());
    let mut frames = 0;
    stft.feed(iq, |power| {
        levels.extend(bank.band_powers(power).map(power_dbfs));
        frames += 1;
    });
    let centers_hz = bank.centers_hz().collect();
    Ok(MelSpectrogram { bands: bank.bands.len(), frames, power_dbfs: levels, centers_hz })
}
