//! Recorded sessions as trainings learn from them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

/// Recordings of one emission whose transmitter is known, as `heimdall train --sessions` reads them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrainingSession {
    /// Its name.
    pub id: String,
    /// Where the transmitter was.
    pub source: TrainingSource,
    /// Recordings and their metadata.
    pub files: Vec<TrainingFile>,
}

/// A place, degrees on WGS84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TrainingSource {
    /// Latitude.
    pub lat: f64,
    /// Longitude.
    pub lon: f64,
}

/// A file of a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrainingFile {
    /// As its maker called it.
    pub name: String,
    /// Where it is kept; a text is written to this place below the training's folder first.
    pub path: PathBuf,
    /// What is known of it and not said in it: `station` and `position` of its receiver.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
    /// A file that is kept as a text, such as SigMF metadata.
    #[serde(skip)]
    pub text: Option<String>,
}
