//! `held-out.json`: what a published network did on each scene that it has never seen.

use serde::{Deserialize, Serialize};

/// Name of the file beside the card; versions from before it was written have none.
pub const HELD_OUT_FILE: &str = "held-out.json";
/// Name of the file with the course of the training, a row an evaluation; absent likewise.
pub const LEARNING_FILE: &str = "learning.csv";

/// What `held-out.json` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldOut {
    /// "network", as in the card's metrics.
    pub method: String,
    /// Name of the world that the scenes were drawn from.
    pub world: String,
    /// One entry per scene.
    pub scenes: Vec<HeldOutScene>,
}

/// A held-out scene: where it was, and how well it was found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldOutScene {
    /// Latitude of the true place, degrees.
    pub lat: f64,
    /// Longitude of the true place, degrees.
    pub lon: f64,
    /// Distance from the true place to the posterior's mean, metres.
    pub error_m: f64,
    /// Probability in the smallest region that reaches the true place, 0…1; even over all scenes where the network is
    /// calibrated.
    pub confidence: f64,
}
