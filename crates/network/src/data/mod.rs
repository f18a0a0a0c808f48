//! Scenes made into planes once and kept on disk.
//!
//! A training set is a folder: `set.json` (header and one label a scene) and `planes.f16` (one record a scene, in the
//! labels' order: the stored planes, 128 × 32 half-precision floats each, little endian, then their CRC-32). Planes
//! that are zero in every scene, such as the pairs of receivers without a common clock, are not stored.

mod reader;
mod writer;

use serde::{Deserialize, Serialize};

pub use reader::TrainingSet;
pub use writer::TrainingSetWriter;

use crate::layout::{BANDS, FRAMES};

/// Numbers in one plane.
pub const PLANE_LEN: usize = BANDS * FRAMES;
const HEADER_FILE: &str = "set.json";
const PLANES_FILE: &str = "planes.f16";
const VERSION: u32 = 2;

/// What all scenes of a set share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetHeader {
    /// Names of the receivers in the order of their planes.
    pub receivers: Vec<String>,
    /// Of the settings that made the planes.
    pub feature_hash: String,
    /// Where they stand, metres east and north in the constellation's plane.
    pub receivers_enu_m: Vec<[f64; 2]>,
    /// Positions are divided by it, in metres.
    pub scale_m: f64,
    /// Side of the square about the plane's origin in which transmitters may stand, metres.
    pub extent_m: f64,
    /// Lag at the upper end of each pair's plane, seconds.
    pub lag_span_s: Vec<f64>,
    /// Share of white noise that falls into each band of a mel plane.
    pub noise_share: Vec<f32>,
    /// What a mel plane holds where its receiver is missing.
    pub mel_floor: f32,
    /// Decibels that a difference of 1 in a mel plane stands for.
    pub decibels_per_unit: f32,
    /// Planes that are stored, ascending; the others are zero in every scene.
    pub stored_planes: Vec<usize>,
    /// Where the scenes come from, for people and for the model's card.
    pub source: String,
}

impl SetHeader {
    /// C = R + R(R−1)/2.
    pub fn planes(&self) -> usize {
        let receivers = self.receivers.len();
        receivers + self.pairs()
    }

    /// R(R−1)/2.
    pub fn pairs(&self) -> usize {
        let receivers = self.receivers.len();
        receivers * receivers.saturating_sub(1) / 2
    }

    /// Whether its lists fit together and its lengths are positive.
    pub(crate) fn is_consistent(&self) -> bool {
        let positive = |x: f64| x.is_finite() && x > 0.0;
        self.receivers_enu_m.len() == self.receivers.len()
            && self.lag_span_s.len() == self.pairs()
            && self.noise_share.len() == BANDS
            && self.lag_span_s.iter().chain([&self.scale_m, &self.extent_m]).all(|x| positive(*x))
            && self.noise_share.iter().all(|x| positive(f64::from(*x)))
            && self.stored_planes.iter().all(|plane| *plane < self.planes())
    }

    /// The two receivers of every plane: the same twice for a mel plane; pairs (0,1), (0,2) … (1,2) … behind them.
    pub fn plane_receivers(&self) -> Vec<(usize, usize)> {
        let count = self.receivers.len();
        let pairs = (0..count).flat_map(|i| (i + 1..count).map(move |j| (i, j)));
        (0..count).map(|r| (r, r)).chain(pairs).collect()
    }

    fn record_bytes(&self) -> usize {
        self.stored_planes.len() * PLANE_LEN * 2 + 4
    }
}

/// What a scene is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Moves the weights.
    Train,
    /// Chooses the checkpoint, fits the temperature.
    Validation,
    /// Touched by nothing but evaluation.
    Test,
}

/// Truth of one scene.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SceneLabel {
    /// East and north in the constellation's tangent plane, metres.
    pub target_enu_m: [f64; 2],
    /// The block of ground it lies in. All scenes of a block belong to one split.
    pub block: u64,
    /// What it is for.
    pub split: Split,
    /// Which receivers were there.
    pub present: Vec<bool>,
}

#[derive(Serialize, Deserialize)]
struct SetFile {
    version: u32,
    header: SetHeader,
    labels: Vec<SceneLabel>,
}
