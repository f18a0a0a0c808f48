//! What a fast simulation depends on.

use serde::{Deserialize, Serialize};

use crate::scene::{finite, positive, within};
use crate::{Error, Modulation};

/// One emission as several receivers record it. The same draw always gives the same samples, on
/// every target.
///
/// Amplitude 1 is a complex tone of `full_scale_dbm`: what arrives with `level_dbm` is recorded
/// with `level_dbm + gain_db − full_scale_dbm` decibels of full scale. Samples are not clipped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SceneDraw {
    /// Everything random follows from it.
    pub seed: u64,
    /// Waveform.
    pub modulation: Modulation,
    /// Frequency at 0 Hz of every receiver's baseband.
    pub center_frequency_hz: f64,
    /// Middle of the emission relative to the centre frequency.
    #[serde(default)]
    pub frequency_offset_hz: f64,
    /// Nominal rate of all receivers.
    pub sample_rate_hz: f64,
    /// Samples a receiver takes: this times the nominal rate.
    pub duration_s: f64,
    /// Power of a complex tone of amplitude 1.
    #[serde(default)]
    pub full_scale_dbm: f64,
    /// Who records it.
    pub receivers: Vec<ReceiverDraw>,
}

/// One receiver of a [`SceneDraw`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiverDraw {
    /// Mean power of the emission at the antenna terminals.
    pub level_dbm: f64,
    /// From emission to arrival, the excess of reflections included.
    pub delay_s: f64,
    /// Density of external and own noise, referred to the antenna terminals; kT₀ is −173.98 dBm/Hz.
    /// White over the sample rate.
    pub noise_dbm_per_hz: f64,
    /// Recorded levels are higher by this, signal and noise alike.
    #[serde(default)]
    pub gain_db: f64,
    /// The stamp of sample 0 is too late by this, so the emission seems to arrive late by it.
    #[serde(default)]
    pub clock_offset_s: f64,
    /// The sample clock runs fast by this, unknown to the recording: samples are closer together.
    #[serde(default)]
    pub sample_clock_ppm: f64,
    /// The tuning oscillator runs high by this: the emission appears too low by this part of the
    /// centre frequency.
    #[serde(default)]
    pub frequency_error_ppm: f64,
    /// When it records nothing.
    #[serde(default)]
    pub outage: Outage,
}

/// When a receiver records nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outage {
    /// Never.
    #[default]
    None,
    /// The receiver is away: no samples at all.
    Away,
    /// Samples are zero, as where a network dropped packets.
    Gap {
        /// From the first sample.
        from_s: f64,
        /// From the first sample.
        to_s: f64,
    },
}

/// Sixty-four receivers for ten seconds at the nominal rate.
const MAX_SAMPLES: f64 = 134_217_728.0;
/// Oscillators further off than this are defects, not errors.
const MAX_PPM: f64 = 1000.0;

impl ReceiverDraw {
    /// A faultless receiver.
    pub fn new(level_dbm: f64, delay_s: f64, noise_dbm_per_hz: f64) -> Self {
        Self {
            level_dbm,
            delay_s,
            noise_dbm_per_hz,
            gain_db: 0.0,
            clock_offset_s: 0.0,
            sample_clock_ppm: 0.0,
            frequency_error_ppm: 0.0,
            outage: Outage::None,
        }
    }

    /// Seconds from one sample to the next.
    pub(crate) fn step_s(&self, draw: &SceneDraw) -> f64 {
        1.0 / (draw.sample_rate_hz * (1.0 + self.sample_clock_ppm * 1e-6))
    }

    /// Time at which what sample 0 sees was sent.
    pub(crate) fn first_sent_s(&self) -> f64 {
        -self.clock_offset_s - self.delay_s
    }

    /// Where the middle of the emission appears, in true hertz.
    pub(crate) fn apparent_offset_hz(&self, draw: &SceneDraw) -> f64 {
        draw.frequency_offset_hz - draw.center_frequency_hz * self.frequency_error_ppm * 1e-6
    }

    fn validate(&self, index: usize, draw: &SceneDraw) -> Result<(), Error> {
        let place = format!("receiver {index}");
        finite(&place, "level_dbm", self.level_dbm)?;
        finite(&place, "noise_dbm_per_hz", self.noise_dbm_per_hz)?;
        finite(&place, "gain_db", self.gain_db)?;
        for (name, value) in [("delay_s", self.delay_s), ("clock_offset_s", self.clock_offset_s)] {
            within(&place, name, value, value.abs() <= 1.0, "at most a second")?;
        }
        for (name, value) in
            [("sample_clock_ppm", self.sample_clock_ppm), ("frequency_error_ppm", self.frequency_error_ppm)]
        {
            within(&place, name, value, value.abs() <= MAX_PPM, "at most 1000 ppm")?;
        }
        if let Outage::Gap { from_s, to_s } = self.outage {
            finite(&place, "outage.from_s", from_s)?;
            within(&place, "outage.to_s", to_s, to_s >= from_s, "not before from_s")?;
        }
        let edge_hz = self.apparent_offset_hz(draw).abs() + draw.modulation.bandwidth_hz() / 2.0;
        let half_rate_hz = 0.5 / self.step_s(draw);
        if edge_hz > half_rate_hz {
            return Err(Error::BandTooWide { receiver: index.to_string(), edge_hz, half_rate_hz });
        }
        Ok(())
    }
}

impl SceneDraw {
    /// Samples that each receiver takes.
    pub fn sample_count(&self) -> usize {
        (self.duration_s * self.sample_rate_hz).round() as usize
    }

    /// Checks everything that a simulation relies on.
    ///
    /// # Errors
    /// The first value that is not usable.
    pub fn validate(&self) -> Result<(), Error> {
        let whole = "the scene";
        positive(whole, "center_frequency_hz", self.center_frequency_hz)?;
        positive(whole, "sample_rate_hz", self.sample_rate_hz)?;
        positive(whole, "duration_s", self.duration_s)?;
        finite(whole, "frequency_offset_hz", self.frequency_offset_hz)?;
        finite(whole, "full_scale_dbm", self.full_scale_dbm)?;
        self.modulation.validate()?;
        if self.receivers.is_empty() {
            return Err(Error::NoReceivers);
        }
        let samples = self.sample_rate_hz * self.duration_s * self.receivers.len() as f64;
        if samples > MAX_SAMPLES {
            return Err(Error::TooLong { samples, limit: MAX_SAMPLES });
        }
        self.receivers.iter().enumerate().try_for_each(|(index, receiver)| receiver.validate(index, self))
    }
}
