use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};
use serde::{Deserialize, Serialize};

use crate::calibrate::Metrics;
use crate::config::TrainConfig;
use crate::error::NetworkError;
use crate::network::Head;
use crate::optimizer::AdamW;
use crate::store::write_whole;
use crate::weights::LocalizationNet;

/// Key of the text beside the tensors.
const STATE_KEY: &str = "heimdall";
const VERSION: u32 = 2;

/// A network with what is needed to use it and, if kept, to train it on.
///
/// On disk: one safetensors file. Tensors have the names of [`LocalizationNet::tensors`]; the optimiser's moments have
/// `adam.first.` and `adam.second.` before them; the rest is JSON in the file's metadata.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// The weights.
    pub net: LocalizationNet,
    /// Everything else.
    pub state: State,
    pub(crate) optimizer: Option<AdamW>,
}

/// What a checkpoint says beside its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    version: u32,
    /// What it was trained with.
    pub config: TrainConfig,
    /// Receivers in the order of their planes.
    pub receivers: Vec<String>,
    /// Of the settings that made the planes.
    pub feature_hash: String,
    /// Positions are multiplied by it, in metres.
    pub scale_m: f64,
    /// Side of the square of the density's cells, metres.
    pub extent_m: f64,
    /// Factor on the deviations, fitted on validation scenes; 1 before that.
    pub temperature: f64,
    /// What the logarithm of the density is divided by, fitted likewise.
    pub density_temperature: f64,
    /// Epochs that are done.
    pub epoch: usize,
    /// Computing time that went into them, seconds, in the checkpoint that a run goes on from; what was lost with a process
    /// does not count. Absent from all others, which are the same bytes each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed_s: Option<f64>,
    /// On validation scenes after the last of them, with the temperature.
    pub validation: Option<Metrics>,
    /// Epoch and score (validation likelihood) of the checkpoints that are kept, best first.
    pub best: Vec<(usize, f64)>,
    /// Realisation of the simulated world that it was trained on, if it was one.
    pub world_seed: Option<u64>,
    pub(crate) steps: u64,
}

impl State {
    pub(crate) fn new(config: &TrainConfig, header: &crate::data::SetHeader) -> State {
        State {
            version: VERSION,
            config: config.clone(),
            receivers: header.receivers.clone(),
            feature_hash: header.feature_hash.clone(),
            scale_m: header.scale_m,
            temperature: 1.0,
            density_temperature: 1.0,
            extent_m: header.extent_m,
            epoch: 0,
            computed_s: None,
            validation: None,
            best: Vec::new(),
            world_seed: None,
            steps: 0,
        }
    }
}

impl Checkpoint {
    /// A network that has seen no epoch, for scenes like those of `header`; its temperature is 1.
    pub fn untrained(net: LocalizationNet, config: &TrainConfig, header: &crate::data::SetHeader) -> Checkpoint {
        Checkpoint { net, state: State::new(config, header), optimizer: None }
    }

    /// Whether it answers with a posterior over places too.
    pub fn has_density(&self) -> bool {
        matches!(self.net.config.head, Head::Place)
    }

    /// # Errors
    /// The disk. What was at `path` before stays whole.
    pub fn write(&self, path: &Path) -> Result<(), NetworkError> {
        write_whole(path, &self.to_bytes()?)
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// A parameter that is not finite.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NetworkError> {
        let refused = |reason: String| NetworkError::Checkpoint { reason, path: PathBuf::from("in memory") };
        self.net.check_finite()?;
        let lists = match &self.optimizer {
            None => vec![("", &self.net.values)],
            Some(o) => vec![("", &self.net.values), ("adam.first.", &o.first), ("adam.second.", &o.second)],
        };
        let mut bytes = Vec::new();
        for (prefix, values) in lists {
            for entry in &self.net.layout.entries {
                let raw: Vec<u8> = values[entry.range()].iter().flat_map(|v| v.to_le_bytes()).collect();
                bytes.push((format!("{prefix}{}", entry.name), entry.shape.clone(), raw));
            }
        }
        let mut views = Vec::with_capacity(bytes.len());
        for (name, shape, raw) in &bytes {
            let view = TensorView::new(Dtype::F32, shape.clone(), raw).map_err(|e| refused(e.to_string()))?;
            views.push((name.as_str(), view));
        }
        let state = serde_json::to_string(&self.state).map_err(|e| refused(e.to_string()))?;
        let metadata = HashMap::from([(STATE_KEY.to_owned(), state)]);
        serialize(views, Some(metadata)).map_err(|e| refused(e.to_string()))
    }

    /// # Errors
    /// A file that is missing, damaged, foreign, or whose tensors are not those of its network.
    pub fn read(path: &Path) -> Result<Checkpoint, NetworkError> {
        let refused = |reason: String| NetworkError::Checkpoint { reason, path: path.to_path_buf() };
        let bytes = fs::read(path).map_err(NetworkError::disk("read", path))?;
        let foreign = |e| refused(format!("it is damaged or not a checkpoint ({e}); take an earlier one"));
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(foreign)?;
        let file = SafeTensors::deserialize(&bytes).map_err(foreign)?;
        let state = metadata.metadata().as_ref().and_then(|m| m.get(STATE_KEY));
        let state = state.ok_or_else(|| refused("it was not written by heimdall".into()))?;
        let state: State = serde_json::from_str(state)
            .map_err(|e| refused(format!("its state cannot be read ({e}); it is of another version")))?;
        if state.version != VERSION {
            return Err(refused(format!("it has version {}, not {VERSION}", state.version)));
        }
        let mut net = LocalizationNet::new(&state.config.network, 0)?;
        let entries = net.layout.entries.clone();
        let fill = |prefix: &str, values: &mut [f32]| {
            for entry in &entries {
                let name = format!("{prefix}{}", entry.name);
                let view = file.tensor(&name).map_err(|_| refused(format!("the tensor {name} is missing")))?;
                if view.dtype() != Dtype::F32 || view.shape() != entry.shape {
                    return Err(refused(format!("the tensor {name} has not the shape {:?}", entry.shape)));
                }
                for (value, raw) in values[entry.range()].iter_mut().zip(view.data().chunks_exact(4)) {
                    *value = f32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]]);
                }
            }
            Ok(())
        };
        fill("", &mut net.values)?;
        let mut optimizer = None;
        if file.names().iter().any(|name| name.starts_with("adam.")) {
            let mut moments = AdamW::new(net.values.len());
            fill("adam.first.", &mut moments.first)?;
            fill("adam.second.", &mut moments.second)?;
            moments.steps = state.steps;
            optimizer = Some(moments);
        }
        net.check_finite()?;
        Ok(Checkpoint { net, state, optimizer })
    }

    /// Where the transmitter of each scene of `set` is, tempered.
    ///
    /// # Errors
    /// A set of other receivers, features or scale, or one that cannot be read.
    pub fn predict_scenes(
        &self,
        set: &crate::data::TrainingSet,
        scenes: &[usize],
        workers: usize,
    ) -> Result<Vec<crate::answer::Answer>, NetworkError> {
        self.check_set(set)?;
        let found = self.net.predict_scenes(set, scenes, workers)?;
        Ok(found.iter().map(|answer| answer.tempered(self.state.temperature, self.state.density_temperature)).collect())
    }

    /// # Errors
    /// A set whose receivers, features or scale are not those of the checkpoint.
    pub(crate) fn check_set(&self, set: &crate::data::TrainingSet) -> Result<(), NetworkError> {
        let header = set.header();
        let differs = if header.receivers != self.state.receivers {
            format!("it has the receivers {:?}, the model {:?}", header.receivers, self.state.receivers)
        } else if header.feature_hash != self.state.feature_hash {
            "its planes were made with other settings than the model's".into()
        } else if (header.scale_m - self.state.scale_m).abs() > 1e-9 * header.scale_m {
            format!("its scale is {} m, the model's {} m", header.scale_m, self.state.scale_m)
        } else {
            return Ok(());
        };
        Err(NetworkError::DataSet { reason: differs, path: set.folder().to_path_buf() })
    }
}
