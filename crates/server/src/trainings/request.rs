//! What is to be trained.

use heimdall_catalogue::Id;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Sizes of the backbone, smallest first.
pub const SIZES: [&str; 9] = ["probe", "atto", "femto", "pico", "nano", "tiny", "small", "base", "large"];
const MOST_EPOCHS: u32 = 1000;
const MOST_SCENES: u32 = 1_000_000;
/// Thirty days.
const MOST_BUDGET_S: u32 = 30 * 86_400;

/// A training as a user asks for it; absent keys have defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingRequest {
    /// A name for people.
    pub name: String,
    /// World of the simulated scenes, and receivers: a file of the folder of worlds, without `.json`.
    pub world: String,
    /// Constellation of the catalogue whose receivers take the place of the world's.
    #[serde(default)]
    pub constellation: Option<Id>,
    /// Seed of the world's realisation; the world's first when absent.
    #[serde(default)]
    pub seed: Option<u64>,
    /// Simulated training scenes; the world's own number when absent, 0 for sessions alone.
    #[serde(default)]
    pub simulated_scenes: Option<u32>,
    /// Also learn from all approved sessions with known transmitters.
    #[serde(default)]
    pub with_sessions: bool,
    /// Size of the backbone.
    #[serde(default = "default_size")]
    pub size: String,
    /// Passes over the scenes.
    #[serde(default = "default_epochs")]
    pub epochs: u32,
    /// Computing time after which it ends at its next checkpoint, seconds; without a limit when absent.
    #[serde(default)]
    pub budget_s: Option<u32>,
    /// Published version of the same receivers to begin with, such as "v1.0.0", or "north-western-italy/v1.0.0" where
    /// several constellations have one; random weights when absent.
    #[serde(default)]
    pub from_version: Option<String>,
}

fn default_size() -> String {
    "atto".into()
}

fn default_epochs() -> u32 {
    3
}

/// Why a request cannot be followed.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RequestError {
    /// A name that is none.
    #[error("a training needs a name of 1 to 100 characters: give it one")]
    Name,
    /// No file of that name can be meant.
    #[error("a world or version is named by letters, digits, '.', '-' and '_': {0}")]
    FileName(String),
    /// Not a size.
    #[error("there is no size {0}: choose probe, atto, femto, pico, nano, tiny, small, base or large")]
    Size(String),
    /// Out of range.
    #[error("epochs are 1 to {MOST_EPOCHS}, and simulated scenes at most {MOST_SCENES}: {0}")]
    Range(u32),
    /// No time.
    #[error("a budget of time is 1 to {MOST_BUDGET_S} seconds: {0}")]
    Budget(u32),
    /// Nothing to learn from.
    #[error("without simulated scenes and sessions there is nothing to learn from: ask for one of them")]
    Nothing,
}

impl TrainingRequest {
    /// Whether it can be followed, as far as it can be seen from itself.
    ///
    /// # Errors
    /// A sentence for the first thing that is wrong.
    pub fn validate(&self) -> Result<(), RequestError> {
        if self.name.trim().is_empty() || self.name.chars().count() > 100 {
            return Err(RequestError::Name);
        }
        let version = self.from_version.iter().flat_map(|version| version.splitn(2, '/'));
        for name in version.chain([self.world.as_str()]) {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            if name.is_empty() || name.starts_with('.') || !name.chars().all(allowed) {
                return Err(RequestError::FileName(name.to_owned()));
            }
        }
        if !SIZES.contains(&self.size.as_str()) {
            return Err(RequestError::Size(self.size.clone()));
        }
        if !(1..=MOST_EPOCHS).contains(&self.epochs) {
            return Err(RequestError::Range(self.epochs));
        }
        if let Some(budget_s) = self.budget_s.filter(|budget_s| !(1..=MOST_BUDGET_S).contains(budget_s)) {
            return Err(RequestError::Budget(budget_s));
        }
        match self.simulated_scenes {
            Some(scenes) if scenes > MOST_SCENES => Err(RequestError::Range(scenes)),
            Some(0) if !self.with_sessions => Err(RequestError::Nothing),
            _ => Ok(()),
        }
    }

    /// The configuration of `heimdall train`.
    pub(super) fn config_yaml(&self) -> String {
        let Self { size, epochs, .. } = self;
        let budget = self.budget_s.map(|budget_s| format!("budget_s: {budget_s}\n")).unwrap_or_default();
        // A tuned model keeps its backbone: a few hundred scenes would spoil it.
        let frozen = self.from_version.is_some();
        format!(
            "epochs: {epochs}\nbatch: 32\nlearning_rate: 0.001\nwarm_up_epochs: 0.3\nmean_only_epochs: 0\n\
             freeze_backbone: {frozen}\n{budget}network:\n  size: {size}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_cannot_be_followed_are_refused() {
        let request = |change: &str, value: serde_json::Value| {
            let mut json = serde_json::json!({ "name": "first", "world": "north-western-italy" });
            json[change] = value;
            serde_json::from_value::<TrainingRequest>(json).map(|request| request.validate())
        };
        assert_eq!(request("epochs", 3.into()).unwrap(), Ok(()));
        assert_eq!(request("name", " ".into()).unwrap(), Err(RequestError::Name));
        assert_eq!(request("world", "../x".into()).unwrap(), Err(RequestError::FileName("../x".into())));
        assert_eq!(request("from_version", "".into()).unwrap(), Err(RequestError::FileName(String::new())));
        assert_eq!(request("size", "huge".into()).unwrap(), Err(RequestError::Size("huge".into())));
        assert_eq!(request("epochs", 0.into()).unwrap(), Err(RequestError::Range(0)));
        assert_eq!(request("budget_s", 0.into()).unwrap(), Err(RequestError::Budget(0)));
        assert_eq!(request("simulated_scenes", 0.into()).unwrap(), Err(RequestError::Nothing));
        assert!(request("epoch", 1.into()).is_err(), "unknown keys are refused");
    }
}
