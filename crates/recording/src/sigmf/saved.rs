//! What Heimdall adds to a collection in its own namespace: enough to open the recordings again to the same answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Origin, Position, TypedFacts};

/// The extension `heimdall` of a SigMF collection, version 1.0.0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedSession {
    /// Settings of the solution, as the report has them.
    #[serde(rename = "heimdall:settings")]
    pub settings: Value,
    /// Where receivers stand, by name, as far as no file says it.
    #[serde(rename = "heimdall:places", default)]
    pub places: BTreeMap<String, SavedPlace>,
    /// What the user answered, by the name of the first of the files that belong together.
    #[serde(rename = "heimdall:typed", default)]
    pub typed: BTreeMap<String, TypedFacts>,
}

/// Where a receiver stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedPlace {
    /// Where.
    #[serde(flatten)]
    pub position: Position,
    /// How that is known.
    pub origin: Origin,
}

impl SavedSession {
    /// What a collection says in Heimdall's namespace; `None` where it says nothing that can be read.
    pub(crate) fn read(collection: &Value) -> Option<Self> {
        let mut saved: Self = serde_json::from_value(collection.clone()).ok()?;
        let valid =
            |place: &SavedPlace| Position::new(place.position.latitude_deg, place.position.longitude_deg).is_some();
        saved.places.retain(|_, place| valid(place));
        Some(saved)
    }

    /// What was answered for files that belong together, under what the user answered since.
    pub(crate) fn typed_for(&self, name: &str, newer: &TypedFacts) -> TypedFacts {
        self.typed.get(name).map_or_else(|| newer.clone(), |older| newer.clone().over(older))
    }
}
