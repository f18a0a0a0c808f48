//! The next thing to do about a network, from the texts that are there so far.

use heimdall_model::{ModelCard, ModelIndex};
use serde::{Deserialize, Serialize};

use crate::Scene;
use crate::network::{NetworkInput, NetworkName, NetworkPlan, choose, network_plan};

/// A card's text and the folder that it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardText {
    /// Folder below [`FOLDER`](crate::network::FOLDER).
    pub folder: String,
    /// `metadata.json`.
    pub json: String,
}

/// What a network is to hear, as the page passes it on: the page need not understand the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Which network.
    pub name: NetworkName,
    /// Ids of the recordings to listen to.
    pub recordings: Vec<String>,
    /// Equal where two errands ask for the same samples of every recording that they share.
    pub samples: String,
    /// The [`NetworkPlan`] as JSON.
    pub plan: String,
}

impl Errand {
    fn new(plan: &NetworkPlan) -> Self {
        Self {
            name: plan.name.clone(),
            recordings: plan.recordings().map(str::to_owned).collect(),
            samples: format!("{:?}", plan.samples_asked_for()),
            plan: serde_json::to_string(plan).unwrap_or_default(),
        }
    }
}

/// What is known of a network, as the page passes it on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NetworkNews {
    /// Nothing yet.
    #[default]
    Unasked,
    /// None can speak.
    Silent {
        /// The one that nearly fits.
        name: Option<NetworkName>,
        /// A sentence.
        reason: String,
    },
    /// The [`NetworkAnswer`](crate::network::NetworkAnswer) as JSON.
    Answered(String),
}

impl From<NetworkNews> for NetworkInput {
    fn from(news: NetworkNews) -> Self {
        match news {
            NetworkNews::Unasked => Self::Unasked,
            NetworkNews::Silent { name, reason } => Self::Silent { name, reason },
            NetworkNews::Answered(json) => match serde_json::from_str(&json) {
                Ok(answer) => Self::Answered(Box::new(answer)),
                Err(error) => Self::Silent { name: None, reason: format!("Its answer cannot be read ({error}).") },
            },
        }
    }
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NetworkStep {
    /// Nothing: no network can speak.
    Silent {
        /// The one that nearly fits.
        name: Option<NetworkName>,
        /// A sentence.
        reason: String,
    },
    /// Fetch the card of this folder.
    Fetch(String),
    /// Listen, and run the network of the card that was given.
    Listen(Errand),
}

/// The next step for a scene, from the text of `models/index.json` and the card that was fetched last.
pub fn network_step(scene: &Scene, index: &str, card: Option<&CardText>) -> NetworkStep {
    let silent = |name, reason| NetworkStep::Silent { name, reason };
    let fit = match ModelIndex::parse(index.as_bytes()).map_err(|error| format!("{error}.")) {
        Ok(index) => choose(scene, &index),
        Err(reason) => Err(reason),
    };
    let fit = match fit {
        Ok(fit) => fit,
        Err(reason) => return silent(None, reason),
    };
    let Some(card) = card.filter(|card| card.folder == fit.folder) else { return NetworkStep::Fetch(fit.folder) };
    match ModelCard::parse(card.json.as_bytes()) {
        Err(error) => silent(None, format!("{error}.")),
        Ok(card) => {
            let name = NetworkName { model: card.name.clone(), version: card.version.clone() };
            network_plan(scene, &fit, &card)
                .map_or_else(|reason| silent(Some(name), reason), |plan| NetworkStep::Listen(Errand::new(&plan)))
        }
    }
}
