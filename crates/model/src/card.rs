//! `metadata.json`: everything that is stated about a published model.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::settings::hex;
use crate::{Constellation, Error, FeatureSettings, PLANE_COLUMNS, PLANE_ROWS};

/// Name of the network's input.
pub const INPUT: &str = "planes";
/// Name of the output (N, 2): metres east and north.
pub const POSITION: &str = "position";
/// Name of the output (N, 3): l₁₁, l₂₁, l₂₂ of the covariance's Cholesky factor, metres.
pub const COVARIANCE: &str = "covariance";
/// Name of the output (N, S, S): natural logs of the probabilities of the cells that [`DensityCard`] names, row after
/// row from the south, each from the west.
pub const DENSITY: &str = "density";
/// The file that runs.
pub const ONNX_FILE: &str = "model.onnx";

/// An extent of a tensor: a number, or a name where it is free ("N").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Extent {
    /// Always this many.
    Fixed(usize),
    /// As many as there are.
    Free(String),
}

/// An input or output of the graph; all are 32-bit floats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorCard {
    /// Name in the graph.
    pub name: String,
    /// Extents, the batch first.
    pub shape: Vec<Extent>,
    /// Unit of its values.
    pub unit: String,
}

/// A published file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCard {
    /// Name beside the card.
    pub name: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Length.
    pub bytes: u64,
}

/// A simulated world that scenes were drawn from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorldCard {
    /// Name of the world.
    pub name: String,
    /// Seeds of its fields.
    pub seeds: Vec<u64>,
    /// Scenes drawn for training.
    pub scenes: u64,
    /// Side of the blocks that are held out as a whole, metres.
    pub block_m: f64,
    /// What is not as in nature, such as synthetic terrain.
    pub remark: String,
}

/// A figure with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Lower end of its 95 % bootstrap interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How well a method does on the held-out blocks of a world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricsCard {
    /// "network", or the name of a baseline.
    pub method: String,
    /// Name of the world.
    pub world: String,
    /// Scenes tested.
    pub scenes: u64,
    /// Mean error, metres.
    pub mean_m: Estimate,
    /// Median error, metres.
    pub median_m: Estimate,
    /// Root mean square error, metres.
    pub rmse_m: Estimate,
    /// Error that nine scenes in ten stay below, metres.
    pub p90_m: Estimate,
    /// Share of scenes within their 68 % region.
    pub coverage_68: Option<Estimate>,
    /// Share of scenes within their 95 % region.
    pub coverage_95: Option<Estimate>,
}

/// Agreement of a runtime with the training framework.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParityCard {
    /// The runtime.
    pub runtime: String,
    /// Scenes compared.
    pub scenes: u64,
    /// Largest difference of an output, as a share of the constellation's scale.
    pub largest_difference: f64,
}

/// A condition of promotion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckCard {
    /// What is asked, found and demanded, as a sentence.
    pub sentence: String,
    /// Whether it is so.
    pub passed: bool,
}

/// The cells of the output [`DENSITY`]: a Gaussian cannot hold two places.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DensityCard {
    /// Cells along a side, S.
    pub cells: usize,
    /// Side of the square that they fill, centred on the constellation's origin, metres.
    pub extent_m: f64,
}

/// Exponents on likelihoods where the network speaks. Classical experts have seen the same measurements, which must
/// not count twice, and what all say together must hold what it says. Fitted on validation places.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FusionCard {
    /// Of the network itself, above 0 and at most 2.
    #[serde(default = "whole")]
    pub network: f64,
    /// Of time differences, 0…2.
    pub tdoa: f64,
    /// Of levels, 0…2.
    pub level: f64,
}

fn whole() -> f64 {
    1.0
}

impl Default for FusionCard {
    /// The network alone.
    fn default() -> Self {
        Self { network: 1.0, tdoa: 0.0, level: 0.0 }
    }
}

/// What `metadata.json` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// Name of the model.
    pub name: String,
    /// Version, such as "v1.0.0"; a folder's name.
    pub version: String,
    /// When it was published, RFC 3339.
    pub created: String,
    /// Receivers that it is for.
    pub constellation: Constellation,
    /// How its input is made.
    pub features: FeatureSettings,
    /// [`FeatureSettings::hash`] at training.
    pub feature_hash: String,
    /// The graph's inputs.
    pub inputs: Vec<TensorCard>,
    /// The graph's outputs.
    pub outputs: Vec<TensorCard>,
    /// Size of the backbone, such as "atto".
    pub size: String,
    /// Trained numbers, heads included.
    pub parameters: u64,
    /// Files beside the card.
    pub files: Vec<FileCard>,
    /// Recorded sessions in its training data.
    #[serde(default)]
    pub sessions: Vec<String>,
    /// Simulated worlds in its training data.
    #[serde(default)]
    pub worlds: Vec<WorldCard>,
    /// Results of the network.
    #[serde(default)]
    pub metrics: Vec<MetricsCard>,
    /// Results of other methods on the same data.
    #[serde(default)]
    pub baselines: Vec<MetricsCard>,
    /// Factor on the covariance, fitted on validation places; it is part of the graph.
    pub temperature: f64,
    /// Cells of its output [`DENSITY`], of a network that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub density: Option<DensityCard>,
    /// How much classical experts say beside it; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fusion: Option<FusionCard>,
    /// Full scale assumed of receivers that nobody calibrated, dBm, of a model trained with unknown gains; absent:
    /// it needs levels in dBm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncalibrated_full_scale_dbm: Option<f64>,
    /// Agreement of runtimes.
    #[serde(default)]
    pub parity: Vec<ParityCard>,
    /// What was asked of it before it was promoted; one that failed was promoted for a reason, if at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckCard>,
    /// Run in the tracking server.
    #[serde(default)]
    pub tracking_run: Option<String>,
    /// Version that it was tuned from.
    #[serde(default)]
    pub parent_version: Option<String>,
}

impl ModelCard {
    /// Whether it may be promoted without a reason.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }

    /// Reads and checks `metadata.json`.
    ///
    /// # Errors
    /// Where it is no card, or as [`Self::validate`].
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let card: Self = serde_json::from_slice(json).map_err(Error::Card)?;
        card.validate()?;
        Ok(card)
    }

    /// A card for receivers and how they are heard, that says nothing yet of a network: no files, no results, no
    /// density. Everything else is for the caller to fill in.
    ///
    /// # Errors
    /// Where the settings make no planes for these receivers.
    pub fn draft(name: &str, constellation: Constellation, features: FeatureSettings) -> Result<Self, Error> {
        let (inputs, outputs) = Self::contract(&constellation, None);
        Ok(Self {
            name: name.to_owned(),
            version: "v1.0.0".to_owned(),
            created: String::new(),
            feature_hash: features.hash(&constellation)?,
            constellation,
            features,
            inputs,
            outputs,
            size: String::new(),
            parameters: 0,
            files: Vec::new(),
            sessions: Vec::new(),
            worlds: Vec::new(),
            metrics: Vec::new(),
            baselines: Vec::new(),
            temperature: 1.0,
            density: None,
            fusion: None,
            uncalibrated_full_scale_dbm: None,
            parity: Vec::new(),
            checks: Vec::new(),
            tracking_run: None,
            parent_version: None,
        })
    }

    /// The input and outputs that the contract asks for: position and covariance, and the density of a network that
    /// gives one.
    pub fn contract(
        constellation: &Constellation,
        density: Option<&DensityCard>,
    ) -> (Vec<TensorCard>, Vec<TensorCard>) {
        let tensor = |name: &str, extents: &[usize], unit: &str| TensorCard {
            name: name.into(),
            shape: [Extent::Free("N".into())].into_iter().chain(extents.iter().copied().map(Extent::Fixed)).collect(),
            unit: unit.into(),
        };
        let input = tensor(INPUT, &[constellation.plane_count(), PLANE_ROWS, PLANE_COLUMNS], "1");
        let cells = density.map(|density| tensor(DENSITY, &[density.cells, density.cells], "ln 1"));
        let outputs = [tensor(POSITION, &[2], "m"), tensor(COVARIANCE, &[3], "m")].into_iter().chain(cells);
        (vec![input], outputs.collect())
    }

    /// Whether what it states fits together.
    ///
    /// # Errors
    /// Where the feature hash is another than that of its settings and constellation, where inputs or outputs are not
    /// those of the contract, where a number is out of range or a file is named twice or wrongly.
    pub fn validate(&self) -> Result<(), Error> {
        let computed = self.features.hash(&self.constellation)?;
        if computed != self.feature_hash {
            return Err(Error::FeatureHash { card: self.feature_hash.clone(), computed });
        }
        let (inputs, outputs) = Self::contract(&self.constellation, self.density.as_ref());
        if self.inputs != inputs {
            return Err(Error::CardInput { planes: self.constellation.plane_count() });
        }
        let fits = |what: &'static str, fits: bool| if fits { Ok(()) } else { Err(Error::CardField(what)) };
        fits("density", self.density.is_none_or(|density| density.is_valid()))?;
        fits("outputs", self.outputs == outputs)?;
        let share = |exponent: f64| (0.0..=2.0).contains(&exponent);
        let counts = |f: FusionCard| f.network > 0.0 && [f.network, f.tdoa, f.level].into_iter().all(share);
        fits("fusion", self.fusion.is_none_or(counts))?;
        fits("uncalibrated_full_scale_dbm", self.uncalibrated_full_scale_dbm.is_none_or(f64::is_finite))?;
        fits("name", !self.name.trim().is_empty())?;
        fits("version", is_file_name(&self.version))?;
        fits("temperature", self.temperature.is_finite() && self.temperature > 0.0)?;
        fits("files", self.files.iter().all(FileCard::is_valid) && self.file(ONNX_FILE).is_some())?;
        let mut names: Vec<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        names.sort_unstable();
        fits("files", names.windows(2).all(|pair| pair.first() != pair.last()))?;
        fits("metrics", self.metrics.iter().all(MetricsCard::is_valid))?;
        fits("baselines", self.baselines.iter().all(MetricsCard::is_valid))
    }

    /// What it states about a file.
    pub fn file(&self, name: &str) -> Option<&FileCard> {
        self.files.iter().find(|file| file.name == name)
    }

    /// Whether `bytes` are the published file.
    ///
    /// # Errors
    /// Where the card names no such file, or where length or checksum differ: a download cut short, another file.
    pub fn verify(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let Some(file) = self.file(name) else { return Err(Error::NoFile(name.into())) };
        if file.bytes != bytes.len() as u64 {
            return Err(Error::FileLength { found: bytes.len() as u64, stated: file.bytes, name: name.into() });
        }
        if hex(&Sha256::digest(bytes)) != file.sha256.to_ascii_lowercase() {
            return Err(Error::FileChecksum(name.into()));
        }
        Ok(())
    }
}

impl DensityCard {
    fn is_valid(self) -> bool {
        (8..=512).contains(&self.cells) && self.extent_m.is_finite() && self.extent_m > 0.0
    }
}

impl FileCard {
    /// The statement about a file with these bytes.
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.into(), sha256: hex(&Sha256::digest(bytes)), bytes: bytes.len() as u64 }
    }

    fn is_valid(&self) -> bool {
        is_file_name(&self.name) && self.sha256.len() == 64 && self.sha256.bytes().all(|b| b.is_ascii_hexdigit())
    }
}

impl MetricsCard {
    fn is_valid(&self) -> bool {
        let errors = [self.mean_m, self.median_m, self.rmse_m, self.p90_m];
        let shares = [self.coverage_68, self.coverage_95].into_iter().flatten();
        let ordered = |e: &Estimate| e.value.is_finite() && 0.0 <= e.low && e.low <= e.high && e.high.is_finite();
        errors.iter().all(ordered) && shares.into_iter().all(|share| ordered(&share) && share.high <= 1.0)
    }
}

/// Whether a name stays in its folder, wherever it is put.
pub fn is_file_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty() && !name.starts_with('.') && name.chars().all(allowed)
}
