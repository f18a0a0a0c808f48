use serde::{Deserialize, Serialize};

use crate::error::NetworkError;
use crate::network::{NetworkConfig, within};

/// Everything that decides a training run, as in the YAML file. Keys that are left out have the default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// Of weights, order of scenes, augmentation and stochastic depth.
    pub seed: u64,
    /// The network.
    pub network: NetworkConfig,
    /// Times that every training scene is seen, at most.
    pub epochs: usize,
    /// Scenes in a step.
    pub batch: usize,
    /// Highest learning rate.
    pub learning_rate: f64,
    /// Lowest learning rate, as a part of the highest.
    pub last_rate: f64,
    /// Epochs over which the rate grows to its highest.
    pub warm_up_epochs: f64,
    /// Of kernels and matrices.
    pub weight_decay: f64,
    /// Greatest Euclidean norm of a step's gradient.
    pub clip_norm: f64,
    /// Epochs at the start that fit the position alone.
    pub mean_only_epochs: usize,
    /// Epochs without a better validation likelihood after which training ends.
    pub patience: usize,
    /// Computing time after which training ends at its next checkpoint, seconds; none without a limit. Time counts where a
    /// checkpoint keeps what was done in it, so that a run that was stopped has as much as one that was not.
    pub budget_s: Option<f64>,
    /// Threads, each with its share of the batch. Results are the same for the same number.
    pub workers: usize,
    /// Leaves the backbone as it is and trains the head only.
    pub freeze_backbone: bool,
    /// What training does to the planes of a scene.
    pub augmentation: Augmentation,
}

/// Random changes of a training scene, drawn anew each time it is seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Augmentation {
    /// Deviation of a gain common to all receivers (the transmitter's power), dB.
    pub common_gain_db: f32,
    /// Deviation of a gain of each receiver of its own, dB.
    pub receiver_gain_db: f32,
    /// Deviation of white noise on every number of the planes of present receivers, in the planes' unit.
    pub noise: f32,
    /// Rolls all planes along time by the same random number of frames.
    pub roll: bool,
    /// Chance of each receiver to be taken away; at least two stay.
    pub receiver_dropout: f32,
}

impl Default for TrainConfig {
    fn default() -> TrainConfig {
        TrainConfig {
            seed: 1,
            network: NetworkConfig::default(),
            epochs: 30,
            batch: 32,
            learning_rate: 1e-3,
            last_rate: 0.01,
            warm_up_epochs: 1.0,
            weight_decay: 0.05,
            clip_norm: 1.0,
            mean_only_epochs: 1,
            patience: 10,
            budget_s: None,
            workers: 2,
            freeze_backbone: false,
            augmentation: Augmentation::default(),
        }
    }
}

impl Default for Augmentation {
    fn default() -> Augmentation {
        Augmentation { common_gain_db: 0.0, receiver_gain_db: 0.0, noise: 0.0, roll: true, receiver_dropout: 0.1 }
    }
}

impl TrainConfig {
    /// Reads a YAML text.
    ///
    /// # Errors
    /// Text that is not YAML, a key that does not exist, a value out of range.
    pub fn from_yaml(text: &str) -> Result<TrainConfig, NetworkError> {
        let config: TrainConfig =
            serde_saphyr::from_str(text).map_err(|e| NetworkError::Config(e.to_string().replace('\n', " ")))?;
        config.check()?;
        Ok(config)
    }

    /// The whole configuration, defaults included.
    ///
    /// # Errors
    /// None that is known; the writer's own.
    pub fn to_yaml(&self) -> Result<String, NetworkError> {
        serde_saphyr::to_string(self).map_err(|e| NetworkError::Config(e.to_string()))
    }

    fn check(&self) -> Result<(), NetworkError> {
        if self.network.planes > 0 {
            self.network.check()?;
        } else {
            NetworkConfig { planes: 1, ..self.network.clone() }.check()?;
        }
        within("epochs", self.epochs as f64, 1.0, 1e6, "1 or more")?;
        within("batch", self.batch as f64, 1.0, 4096.0, "1 to 4096")?;
        within("learning_rate", self.learning_rate, 1e-9, 1.0, "above 0, at most 1")?;
        within("last_rate", self.last_rate, 0.0, 1.0, "0 to 1")?;
        within("warm_up_epochs", self.warm_up_epochs, 0.0, self.epochs as f64, "0 to the number of epochs")?;
        within("weight_decay", self.weight_decay, 0.0, 10.0, "0 to 10")?;
        within("clip_norm", self.clip_norm, 1e-6, 1e6, "above 0")?;
        within("patience", self.patience as f64, 1.0, 1e6, "1 or more")?;
        self.budget_s.map_or(Ok(()), |budget_s| within("budget_s", budget_s, 1e-3, 1e8, "0.001 to 100000000"))?;
        within("workers", self.workers as f64, 1.0, 64.0, "1 to 64")?;
        let a = &self.augmentation;
        within("augmentation.common_gain_db", f64::from(a.common_gain_db), 0.0, 60.0, "0 to 60")?;
        within("augmentation.receiver_gain_db", f64::from(a.receiver_gain_db), 0.0, 60.0, "0 to 60")?;
        within("augmentation.noise", f64::from(a.noise), 0.0, 10.0, "0 to 10")?;
        within("augmentation.receiver_dropout", f64::from(a.receiver_dropout), 0.0, 0.9, "0 to 0.9")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_as_it_was_written() {
        let config = TrainConfig { epochs: 7, learning_rate: 3e-4, ..TrainConfig::default() };
        let text = config.to_yaml().unwrap();
        assert_eq!(TrainConfig::from_yaml(&text).unwrap(), config);
    }

    #[test]
    fn missing_keys_have_defaults_and_unknown_ones_are_named() {
        let config = TrainConfig::from_yaml("epochs: 3\nnetwork:\n  size: femto\n").unwrap();
        assert_eq!((config.epochs, config.batch), (3, TrainConfig::default().batch));
        for text in ["epochz: 3\n", "network:\n  sise: atto\n", "augmentation:\n  gain: 1\n"] {
            let sentence = TrainConfig::from_yaml(text).unwrap_err().to_string();
            let key = text.trim().rsplit('\n').next().unwrap().trim().split(':').next().unwrap();
            assert!(sentence.contains(key) && sentence.contains("docs/training.md"), "{sentence}");
        }
    }

    #[test]
    fn values_out_of_range_are_named_with_what_would_do() {
        let sentence = TrainConfig::from_yaml("batch: 0\n").unwrap_err().to_string();
        assert_eq!(sentence, "batch is 0, but must be 1 to 4096");
    }

    #[test]
    fn every_key_is_in_the_documentation() {
        let documentation = include_str!("../../../docs/training.md");
        let text = TrainConfig::default().to_yaml().unwrap();
        for key in text.lines().filter_map(|line| line.split(':').next()).map(str::trim) {
            assert!(documentation.contains(&format!("`{key}`")), "{key} is not in docs/training.md");
        }
    }
}
