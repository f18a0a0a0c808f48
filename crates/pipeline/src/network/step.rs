//! The next thing to do about a network, from the texts that are there so far.

use heimdall_model::{ModelCard, ModelIndex};
use serde::{Deserialize, Serialize};

use crate::Scene;
use crate::network::{NetworkName, NetworkPlan, choose, network_plan};

/// A card's text and the folder that it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardText {
    /// Folder below [`FOLDER`](crate::network::FOLDER).
    pub folder: String,
    /// `metadata.json`.
    pub json: String,
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
    Listen(NetworkPlan),
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
            network_plan(scene, &fit, &card).map_or_else(|reason| silent(Some(name), reason), NetworkStep::Listen)
        }
    }
}
