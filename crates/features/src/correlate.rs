//! Segment spectra: what every pair of receivers shares before it is correlated.

use std::ops::Range;

use num_complex::Complex32;

use crate::Window;
use crate::fft::{Transform, bin_frequency_hz};

/// How channels on one grid are cut and correlated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CorrelationSettings {
    /// Complex sample rate of the grid.
    pub rate_hz: f64,
    /// Band kept, around 0 Hz.
    pub bandwidth_hz: f64,
    /// Samples per segment; a power of two.
    pub segment_len: usize,
}

impl CorrelationSettings {
    /// Segments of about a sixteenth of the window, long against the largest lag (so that few samples of
    /// one receiver lack their partner at the other) and at most 2 s (so that clocks may wander slowly).
    pub fn choose(rate_hz: f64, bandwidth_hz: f64, samples: usize, max_lag_s: f64) -> Self {
        let lag = (max_lag_s * rate_hz).max(1.0);
        let wanted = (samples as f64 / 16.0).max(24.0 * lag).min(2.0 * rate_hz).max(128.0);
        let largest = (samples.max(256) / 2).next_power_of_two();
        let segment_len = (wanted as usize).next_power_of_two().min(largest);
        Self { rate_hz, bandwidth_hz, segment_len }
    }

    /// Samples from one segment to the next: half a segment, so that the Hann taper wastes only 5 %.
    pub fn hop(&self) -> usize {
        (self.segment_len / 2).max(1)
    }

    /// Frequency of bin `k`, two-sided, Hz.
    pub(crate) fn frequency_hz(&self, k: usize) -> f64 {
        bin_frequency_hz(k, self.segment_len, self.rate_hz)
    }
}

/// Tapered spectra of the segments of one channel.
pub struct Segments {
    settings: CorrelationSettings,
    /// One spectrum per segment; empty where the channel has a gap there.
    pub(crate) spectra: Vec<Vec<Complex32>>,
    /// Bins inside the band and outside the notches.
    pub(crate) mask: Vec<bool>,
    /// Of a segment's length.
    pub(crate) transform: Transform,
}

impl Segments {
    /// Cuts `samples`, of which only `present` were recorded.
    ///
    /// `notch_hz` is where the receiver's own direct current lies in this channel: 20 Hz either side of it
    /// carry the receiver and not the signal, and would correlate at lag 0.
    pub fn new(samples: &[Complex32], present: &Range<usize>, notch_hz: f64, settings: CorrelationSettings) -> Self {
        let len = settings.segment_len;
        let bin_hz = settings.rate_hz / len as f64;
        // At least the main lobe of the taper.
        let notch_width_hz = 20f64.max(2.0 * bin_hz);
        let mask = (0..len)
            .map(|k| {
                let frequency = settings.frequency_hz(k);
                frequency.abs() <= settings.bandwidth_hz / 2.0 && (frequency - notch_hz).abs() > notch_width_hz
            })
            .collect();
        let unmoved = Self { settings, spectra: Vec::new(), mask, transform: Transform::new(len) };
        Self { spectra: unmoved.spectra_moved(samples, present, 0.0), ..unmoved }
    }

    /// Spectra of the same samples with all segments moved by `shift` samples.
    /// The taper moves by the fraction too: were it left on the grid, the leakage of a strong line would
    /// correlate where the tapers match and not where the signals do.
    pub(crate) fn spectra_moved(
        &self,
        samples: &[Complex32],
        present: &Range<usize>,
        shift: f64,
    ) -> Vec<Vec<Complex32>> {
        let settings = &self.settings;
        let len = settings.segment_len;
        let whole = shift.round();
        let taper = hann_shifted(len, shift - whole);
        let mut transform = self.transform.clone();
        let count = if samples.len() < len { 0 } else { (samples.len() - len) / settings.hop() + 1 };
        (0..count)
            .map(|index| {
                let start = usize::try_from((index * settings.hop()) as i64 + whole as i64).ok();
                let range = start.map(|start| start..start + len);
                let inside = range.filter(|range| range.start >= present.start && range.end <= present.end);
                // Zeros are a gap too: silence agrees with itself at every lag.
                let heard = |segment: &&[Complex32]| segment.iter().any(|sample| sample.norm_sqr() > 0.0);
                let segment = inside.and_then(|range| samples.get(range)).filter(heard);
                let Some(segment) = segment else { return Vec::new() };
                let mut spectrum: Vec<Complex32> = segment.iter().zip(&taper).map(|(s, w)| s * w).collect();
                transform.forward(&mut spectrum);
                spectrum
            })
            .collect()
    }

    /// Settings that the segments were cut with.
    pub fn settings(&self) -> &CorrelationSettings {
        &self.settings
    }
}

/// Hann taper whose middle lies `fraction` samples (|fraction| ≤ ½) later.
fn hann_shifted(len: usize, fraction: f64) -> Vec<f32> {
    let at = |n: usize| (std::f64::consts::PI * ((n as f64 - fraction) / len as f64).clamp(0.0, 1.0)).sin();
    (0..len).map(|n| (at(n) * at(n)) as f32).collect()
}

/// Periodic Hann taper in single precision.
pub(crate) fn hann(len: usize) -> Vec<f32> {
    Window::Hann.coefficients(len).into_iter().map(|w| w as f32).collect()
}
