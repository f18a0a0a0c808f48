//! Emissions that several receivers heard: suggestions of what to locate.

use heimdall_recording::Recording;

use crate::band::{USABLE_SHARE, center_of_hz};
use crate::{Band, Spectrum};

/// Bins of the common axis, at most; no finer than the finest spectrum.
const MOST_BINS: f64 = 8192.0;
/// A receiver hears an emission where its level is so far above the noise, dB.
const HEARD_DB: f64 = 8.0;
/// Noise is what this part of a spectrum stays below: an emission may fill most of it, filters cut off less.
const NOISE_PART: f64 = 0.15;
/// Gaps within an emission, such as between a carrier and its side bands, bins.
const GAP: usize = 3;
/// More would be no suggestion.
const MOST: usize = 8;
/// One receiver that is near must not outvote the others, dB.
const CAP_DB: f64 = 30.0;

/// An emission that two receivers heard, or more.
#[derive(Clone, Debug, PartialEq)]
pub struct Emission {
    /// With some room on both sides.
    pub band: Band,
    /// How many heard it.
    pub receivers: usize,
    /// Mean over those of its highest level above the noise, dB; a receiver counts for 30 at most.
    pub above_db: f64,
}

/// Emissions in the recordings' mean spectra that at least two of them share, the clearest first: those that most heard,
/// and of these the strongest. The receivers' own direct current is none.
pub fn emissions(recordings: &[(&Recording, &Spectrum)]) -> Vec<Emission> {
    let heard: Vec<Heard> =
        recordings.iter().filter_map(|(recording, spectrum)| Heard::of(recording, spectrum)).collect();
    let low = heard.iter().map(|heard| heard.span_hz.0).fold(f64::INFINITY, f64::min);
    let high = heard.iter().map(|heard| heard.span_hz.1).fold(f64::NEG_INFINITY, f64::max);
    let finest = heard.iter().map(|heard| heard.spectrum.step_hz).fold(f64::INFINITY, f64::min);
    if heard.len() < 2 || !(high > low && finest > 0.0 && (high - low).is_finite()) {
        return Vec::new();
    }
    let bins = ((high - low) / finest).ceil().min(MOST_BINS);
    let step_hz = (high - low) / bins;
    let at_hz = |bin: usize| low + (bin as f64 + 0.5) * step_hz;
    let at = |bin: usize| {
        let above = heard.iter().filter_map(|heard| heard.above_db(at_hz(bin), step_hz));
        let above: Vec<f64> = above.filter(|above| *above >= HEARD_DB).map(|above| above.min(CAP_DB)).collect();
        (above.len(), above.iter().sum::<f64>())
    };
    let bins: Vec<(usize, f64)> = (0..bins as usize).map(at).collect();
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut gap = 0;
    for (bin, (receivers, _)) in bins.iter().enumerate() {
        match found.last_mut() {
            Some((_, last)) if *receivers >= 2 && gap <= GAP => (*last, gap) = (bin, 0),
            _ if *receivers >= 2 => {
                found.push((bin, bin));
                gap = 0;
            }
            // Where a receiver is blind an emission may go on.
            _ => gap += usize::from(!heard.iter().any(|heard| heard.is_leakage(at_hz(bin)))),
        }
    }
    let emission = |(first, last): (usize, usize)| {
        let inside = bins.get(first..=last).unwrap_or_default();
        let (receivers, sum_db) = inside.iter().copied().max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))?;
        let width_hz = (last + 1 - first) as f64 * step_hz;
        // Two bins on each side, and a tenth: filters and clocks differ.
        let bandwidth_hz = (1.2 * width_hz + 4.0 * step_hz).min(high - low);
        let center_hz = low + 0.5 * (first + last + 1) as f64 * step_hz;
        Some(Emission { band: Band { center_hz, bandwidth_hz }, receivers, above_db: sum_db / receivers as f64 })
    };
    let mut emissions: Vec<Emission> = found.into_iter().filter_map(emission).collect();
    emissions.sort_by(|a, b| b.receivers.cmp(&a.receivers).then(b.above_db.total_cmp(&a.above_db)));
    emissions.truncate(MOST);
    emissions
}

/// A recording's spectrum on the absolute axis.
struct Heard<'a> {
    spectrum: &'a Spectrum,
    /// Absolute frequency of the spectrum's 0 Hz.
    center_hz: f64,
    /// What its filter leaves flat.
    span_hz: (f64, f64),
    noise_dbfs: f64,
}

impl<'a> Heard<'a> {
    fn of(recording: &Recording, spectrum: &'a Spectrum) -> Option<Self> {
        let rate_hz = recording.sample_rate_hz.as_ref()?.value;
        let off_hz = recording.clock_fit.map_or(0.0, |fit| fit.frequency_offset_hz);
        let center_hz = center_of_hz(recording) - off_hz;
        let half_hz = 0.5 * USABLE_SHARE * rate_hz;
        let at_hz = |bin: usize| spectrum.start_hz + (bin as f64 + 0.5) * spectrum.step_hz;
        let levels = spectrum.power_dbfs.iter().enumerate().filter(|(bin, _)| at_hz(*bin).abs() < half_hz);
        let mut sorted: Vec<f32> = levels.map(|(_, level)| *level).collect();
        sorted.sort_by(f32::total_cmp);
        let noise_dbfs = f64::from(*sorted.get((NOISE_PART * sorted.len() as f64) as usize)?);
        Some(Self { spectrum, center_hz, span_hz: (center_hz - half_hz, center_hz + half_hz), noise_dbfs })
    }

    /// Whether the receiver's own direct current lies there.
    fn is_leakage(&self, absolute_hz: f64) -> bool {
        (absolute_hz - self.center_hz).abs() < 2.0 * self.spectrum.step_hz
    }

    /// Highest level within half a step of a frequency, over the noise; `None` where it was not recorded.
    fn above_db(&self, absolute_hz: f64, step_hz: f64) -> Option<f64> {
        let inside = (self.span_hz.0..self.span_hz.1).contains(&absolute_hz);
        let frequency_hz = absolute_hz - self.center_hz;
        let bin =
            |frequency_hz: f64| ((frequency_hz - self.spectrum.start_hz) / self.spectrum.step_hz).max(0.0) as usize;
        let (first, last) = (bin(frequency_hz - 0.49 * step_hz), bin(frequency_hz + 0.49 * step_hz));
        let levels = self.spectrum.power_dbfs.get(first..=last).filter(|_| inside && !self.is_leakage(absolute_hz))?;
        levels.iter().copied().reduce(f32::max).map(|level| f64::from(level) - self.noise_dbfs)
    }
}
