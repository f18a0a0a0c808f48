//! Which published model is for the scene's receivers.

use heimdall_model::ModelIndex;
use heimdall_recording::Position;
use serde::{Deserialize, Serialize};

use crate::plan::takes_part;
use crate::receivers::receivers;
use crate::{Scene, plan};

/// Folder of the published models, beside the page.
pub const FOLDER: &str = "models";
/// A receiver this near to one of a constellation is that receiver: published positions have three decimals or four.
const TOLERANCE_M: f64 = 200.0;

/// A model for the scene's receivers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelFit {
    /// Folder below [`FOLDER`]: constellation and version.
    pub folder: String,
    /// Id of the recording made at each of the constellation's receivers, `None` for one that is missing.
    pub recordings: Vec<Option<String>>,
}

/// The promoted model for the receivers whose recordings take part.
///
/// # Errors
/// A sentence where there is none.
pub fn choose(scene: &Scene, index: &ModelIndex) -> Result<ModelFit, String> {
    let plan = plan(scene).ok_or("It hears recordings, and none can take part.")?;
    let listening: Vec<(String, Position)> = receivers(scene)
        .into_iter()
        .filter(takes_part)
        .filter_map(|receiver| {
            let id = &scene.recordings.get(receiver.recording?)?.id;
            plan.recordings.contains(id).then_some(())?;
            Some((id.clone(), receiver.position?.value))
        })
        .collect();
    if listening.len() < 2 {
        return Err("It needs recordings of at least two receivers with known positions.".into());
    }
    let positions: Vec<Position> = listening.iter().map(|(_, position)| *position).collect();
    let found = index
        .find(&positions, TOLERANCE_M)
        .ok_or("No model for these receivers; docs/training.md says how to train one.")?;
    let id = |index: Option<usize>| Some(listening.get(index?)?.0.clone());
    Ok(ModelFit { folder: found.folder, recordings: found.receivers.into_iter().map(id).collect() })
}
