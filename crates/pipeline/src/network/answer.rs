//! What a network said, and what the report says of it.

use heimdall_model::{Answer, DensityCard, FusionCard};
use heimdall_recording::Position;
use serde::{Deserialize, Serialize};

/// A published model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkName {
    /// Its name.
    pub model: String,
    /// Its version.
    pub version: String,
}

/// What is known of a network for a scene.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum NetworkInput {
    /// Nobody has looked for one.
    #[default]
    Unasked,
    /// There is none that can speak, for this reason.
    Silent {
        /// The one that nearly fits.
        name: Option<NetworkName>,
        /// A sentence.
        reason: String,
    },
    /// It answered.
    Answered(Box<NetworkAnswer>),
}

/// A network's answer for a scene, with what its card says of using it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkAnswer {
    /// Which network.
    pub name: NetworkName,
    /// Where its plane has 0 m east and 0 m north.
    pub origin: Position,
    /// The constellation's scale, metres.
    pub scale_m: f64,
    /// Its cells, where it has any.
    pub density: Option<DensityCard>,
    /// How much it and the classical experts beside it count.
    pub fusion: FusionCard,
    /// Names of the scene's receivers whose planes it saw.
    pub receivers: Vec<String>,
    /// What it said.
    pub answer: Answer,
    /// What it said without the planes of each of `receivers`.
    pub without: Vec<Answer>,
    /// Time of the fastest run of the graph, seconds; absent where nobody measured it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_s: Option<f64>,
}

/// The network's part in a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkReport {
    /// Which network; absent where none is for these receivers.
    pub name: Option<NetworkName>,
    /// True where it took part in the fix.
    pub spoke: bool,
    /// What it contributed, or why it did not.
    pub sentence: String,
    /// Its own mean, without the other experts.
    pub mean: Option<Position>,
    /// Root of the mean of its variances east and north, metres.
    pub sigma_m: Option<f64>,
    /// Time of its fastest run, seconds; absent where nobody measured it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_s: Option<f64>,
}

/// The fix without one receiver's planes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OcclusionReport {
    /// How far the fix moves, metres.
    pub moved_m: f64,
    /// Area of the 68 % region over that with all planes.
    pub growth: f64,
}
