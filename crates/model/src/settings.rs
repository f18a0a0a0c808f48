//! How planes are made, and the hash that a model's card and its input must share.

use heimdall_features::{MelBank, MelScale, MelSettings, Sides, StftSettings, TimeSegments, Window};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Constellation, Error};

/// Rows of a plane: mel bands or lag bins.
pub const PLANE_ROWS: usize = 128;
/// Columns of a plane: time segments.
pub const PLANE_COLUMNS: usize = 32;
/// Counts changes of the arithmetic that no setting shows; part of the hash.
const REVISION: u32 = 1;
/// Rate of the settings for all recordings that have at least as much.
const NOMINAL_RATE_HZ: f64 = 192_000.0;

/// Everything that decides about the values of planes, besides the constellation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureSettings {
    /// Frames and bands; their rate is the only one that recordings may have.
    pub mel: MelSettings,
    /// Time that a plane spans, from time 0, seconds.
    pub duration_s: f64,
    /// Level that a plane shows as 0, dBm.
    pub level_shift_dbm: f64,
    /// Decibels per unit of a plane.
    pub level_scale_db: f64,
    /// Lowest level shown, and that of receivers that are missing, dBm.
    pub level_floor_dbm: f64,
    /// Lags shown, as a multiple of the pair's baseline over the speed of light.
    pub lag_margin: f64,
}

impl Default for FeatureSettings {
    /// One second at 192 kHz: transforms of 2048 points every 512, 128 bands. Levels are shown as (dBm + 120) / 20
    /// from −160 dBm (thermal noise in the narrowest band) upwards, so that noise lies near 0 and a strong
    /// transmitter at 4.
    fn default() -> Self {
        Self::with_mel(MelSettings { scale: MelScale::Htk, band_count: PLANE_ROWS, ..MelSettings::default() })
    }
}

impl FeatureSettings {
    fn with_mel(mel: MelSettings) -> Self {
        Self {
            mel,
            duration_s: 1.0,
            level_shift_dbm: -120.0,
            level_scale_db: 20.0,
            level_floor_dbm: -160.0,
            lag_margin: 1.1,
        }
    }

    /// The settings for recordings of a nominal rate: the default from 192 kHz on (such recordings are decimated
    /// to that), else settings of this rate alone, with the shortest transform that leaves no band empty.
    ///
    /// # Errors
    /// Where no transform fills all bands and all segments: below about 4 kHz.
    pub fn for_rate(sample_rate_hz: f64) -> Result<Self, Error> {
        if sample_rate_hz >= NOMINAL_RATE_HZ {
            return Ok(Self::default());
        }
        let candidates = [128, 256, 512, 1024, 2048].map(|fft_size| {
            let stft = StftSettings { fft_size, hop: fft_size / 4, window: Window::Hann };
            Self::with_mel(MelSettings { sample_rate_hz, stft, ..Self::default().mel })
        });
        let usable = candidates.into_iter().find(|settings| settings.validate().is_ok());
        usable.ok_or(Error::RateTooLow(sample_rate_hz))
    }

    /// The rate that recordings must have, within 0.1 %.
    pub fn sample_rate_hz(&self) -> f64 {
        self.mel.sample_rate_hz
    }

    /// The columns of all planes.
    pub fn segments(&self) -> TimeSegments {
        TimeSegments { count: PLANE_COLUMNS, length_s: self.duration_s / PLANE_COLUMNS as f64 }
    }

    /// What a plane shows for a level.
    pub(crate) fn shown(&self, level_dbm: f64) -> f32 {
        ((level_dbm.max(self.level_floor_dbm) - self.level_shift_dbm) / self.level_scale_db) as f32
    }

    /// Whether planes can be made with them.
    ///
    /// # Errors
    /// Where a number is out of range, where a band would hold no bin or a column no frame.
    pub fn validate(&self) -> Result<(), Error> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let fits = |name: &'static str, fits: bool| if fits { Ok(()) } else { Err(Error::Setting(name)) };
        fits("duration_s", positive(self.duration_s))?;
        fits("level_scale_db", positive(self.level_scale_db))?;
        fits("level_shift_dbm", self.level_shift_dbm.is_finite())?;
        fits("level_floor_dbm", self.level_floor_dbm.is_finite())?;
        fits("lag_margin", positive(self.lag_margin))?;
        fits("mel.band_count", self.mel.band_count == PLANE_ROWS)?;
        fits("mel.stft.fft_size", (2..=1 << 16).contains(&self.mel.stft.fft_size))?;
        fits("mel.stft.hop", self.mel.stft.hop > 0)?;
        let rate_hz = self.sample_rate_hz();
        MelBank::new(&self.mel, rate_hz, Sides::Two).map_err(Error::Bands)?;
        fits("duration_s", (self.duration_s * rate_hz) < 1e8)?;
        fits("mel.stft", self.fills_every_segment((self.duration_s * rate_hz).floor() as u64))
    }

    /// Whether a recording of `sample_count` samples from time 0 has a frame in every column.
    fn fills_every_segment(&self, sample_count: u64) -> bool {
        let StftSettings { fft_size, hop, .. } = self.mel.stft;
        let mut heard = [false; PLANE_COLUMNS];
        for frame in 0..self.mel.stft.frame_count(sample_count) {
            let middle = (frame * hop as u64) as f64 + fft_size as f64 / 2.0;
            let index = self.segments().holding(middle / self.sample_rate_hz());
            index.and_then(|index| heard.get_mut(index)).into_iter().for_each(|heard| *heard = true);
        }
        heard.iter().all(|heard| *heard)
    }

    /// SHA-256 over the canonical JSON (keys sorted, no spaces) of these settings and a constellation, in
    /// hexadecimal: two hashes agree only where planes mean the same.
    ///
    /// # Errors
    /// Where a number is not finite.
    pub fn hash(&self, constellation: &Constellation) -> Result<String, Error> {
        constellation.validate()?;
        self.validate()?;
        let value = serde_json::json!({ "revision": REVISION, "constellation": constellation, "features": self });
        let mut text = String::new();
        write_canonical(&value, &mut text);
        Ok(hex(&Sha256::digest(text.as_bytes())))
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sorted here, because whether serde_json sorts depends on features that any other crate may set.
fn write_canonical(value: &serde_json::Value, out: &mut String) {
    match value {
        serde_json::Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                out.push_str(&serde_json::Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        serde_json::Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_canonical(item, out);
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}
