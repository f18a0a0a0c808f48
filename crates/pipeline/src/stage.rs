//! What passes between the stages: small facts as data, samples beside them.

use heimdall_recording::{Collection, ReceiverRow, Recording, ReportRow};
use num_complex::Complex32;
use serde::{Deserialize, Serialize};

use crate::network::NetworkInput;
use crate::{Band, Clocks, Refusal, Settings};

/// A first look at a recording: a few spread blocks, never the whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// Mean power, dB relative to full scale.
    pub power_dbfs: f64,
    /// True where no sample differs from zero.
    pub silent: bool,
    /// Share of samples at full scale, 0…1.
    pub clipped: f64,
    /// Samples that were NaN or infinite.
    pub non_finite: u64,
    /// By how much the gain seems to follow the signal, dB; absent where it seems fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agc_db: Option<f64>,
    /// Fingerprint of the blocks looked at; equal for identical recordings.
    pub fingerprint: u64,
    /// Mean power density over the recording's band.
    pub spectrum: Spectrum,
    /// Small picture of the spectrogram.
    pub thumbnail: Thumbnail,
}

/// Power per bin, lowest frequency first, around the centre of the recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spectrum {
    /// Baseband frequency of the first bin, Hz.
    pub start_hz: f64,
    /// Bin width, Hz.
    pub step_hz: f64,
    /// Decibels relative to full scale.
    pub power_dbfs: Vec<f32>,
}

/// A spectrogram small enough to draw in a row: `width` columns of time, `height` rows of frequency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thumbnail {
    /// Columns, time rising to the right.
    pub width: usize,
    /// Rows, highest frequency first.
    pub height: usize,
    /// Decibels of value 0.
    pub floor_dbfs: f32,
    /// Decibels of value 255.
    pub ceiling_dbfs: f32,
    /// Row-major values.
    pub values: Vec<u8>,
}

/// A recording as the scene holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SceneRecording {
    /// Names it within the scene, unique.
    pub id: String,
    /// What is known of it.
    pub recording: Recording,
    /// First look.
    pub survey: Survey,
    /// SHA-256 of the file, when it has been computed.
    pub sha256: Option<String>,
}

/// All that was dropped, apart from the samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Recordings that could be opened.
    pub recordings: Vec<SceneRecording>,
    /// Rows of dropped receiver tables and positions that the page remembers.
    pub receivers: Vec<ReceiverRow>,
    /// Rows of dropped level and bearing tables.
    pub reports: Vec<ReportRow>,
    /// Dropped lists of recordings that belong together.
    pub collections: Vec<Collection>,
    /// Files that could not.
    pub refused: Vec<Refusal>,
    /// What the user chose.
    pub settings: Settings,
    /// What became of the clocks; set by [`Clocks::apply`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clocks: Option<Clocks>,
    /// What a network said of it. It travels beside the scene, as [`NetworkNews`](crate::network::NetworkNews).
    #[serde(skip)]
    pub network: NetworkInput,
}

/// Which part of each recording the experts get.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The band, absolute.
    pub band: Band,
    /// Complex sample rate of the common grid.
    pub rate_hz: f64,
    /// Time of grid sample 0 for recordings whose clocks agree.
    pub start_unix_ns: i64,
    /// The same for recordings without a common clock: seconds after their own sample 0.
    pub offset_s: f64,
    /// Grid samples.
    pub samples: usize,
    /// Recordings that take part, by id.
    pub recordings: Vec<String>,
}

impl Plan {
    /// True where both plans ask for the same samples of every recording that they share.
    pub fn same_grid(&self, other: &Self) -> bool {
        let grid = |plan: &Self| (plan.band, plan.rate_hz, plan.start_unix_ns, plan.offset_s, plan.samples);
        grid(self) == grid(other)
    }
}

/// One recording's share of the scene: the band on the common grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Level and noise.
    pub facts: ChannelFacts,
    /// Complex baseband at [`Plan::rate_hz`], full scale 1.
    pub samples: Vec<Complex32>,
}

/// What is measured while the band is taken out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelFacts {
    /// Recording.
    pub id: String,
    /// Plan that it answers; channels of another plan are stale.
    pub plan: Plan,
    /// Power in the band including noise, dB relative to full scale.
    pub power_dbfs: f64,
    /// Noise power in the band, dB relative to full scale.
    pub noise_dbfs: f64,
    /// Signal power over noise power in the band.
    pub snr_db: f64,
    /// Grid samples that the recording covers; the others are zero.
    pub present: std::ops::Range<usize>,
    /// Sentences worth showing.
    pub notices: Vec<String>,
}
