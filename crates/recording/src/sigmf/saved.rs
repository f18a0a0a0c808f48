//! What Heimdall adds to a collection in its own namespace: enough to open the recordings again to the same answer.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Origin, Position, TypedFacts};

const SETTINGS: &str = "heimdall:settings";
const PLACES: &str = "heimdall:places";
const TYPED: &str = "heimdall:typed";

/// The extension `heimdall` of a SigMF collection, version 1.0.0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedSession {
    /// Settings of the solution, as the report has them: the text of a JSON object.
    pub settings: String,
    /// Where receivers stand, by name, as far as no file says it.
    pub places: Vec<(String, SavedPlace)>,
    /// What the user answered, by the name of the first of the files that belong together. It is applied where files are
    /// opened and goes no further.
    #[serde(skip)]
    pub typed: Vec<(String, TypedFacts)>,
}

/// Where a receiver stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedPlace {
    /// Where.
    pub position: Position,
    /// How that is known.
    pub origin: Origin,
}

impl SavedSession {
    /// What a collection says in Heimdall's namespace; `None` where it has no settings. What of the rest cannot be read
    /// is left out.
    pub(crate) fn read(collection: &Value) -> Option<Self> {
        fn list<T: DeserializeOwned>(value: Option<&Value>) -> Vec<(String, T)> {
            let members = value.and_then(Value::as_object).into_iter().flatten();
            members.filter_map(|(name, value)| Some((name.clone(), T::deserialize(value).ok()?))).collect()
        }
        let settings = collection.get(SETTINGS).filter(|settings| settings.is_object())?.to_string();
        let mut places: Vec<(String, SavedPlace)> = list(collection.get(PLACES));
        places.retain(|(_, SavedPlace { position, .. })| {
            Position::new(position.latitude_deg, position.longitude_deg).is_some()
        });
        Some(Self { settings, places, typed: list(collection.get(TYPED)) })
    }

    /// The members of a collection that say it.
    #[must_use]
    pub fn members(&self) -> Map<String, Value> {
        fn object<T: Serialize>(list: &[(String, T)]) -> Value {
            let members =
                list.iter().filter_map(|(name, value)| Some((name.clone(), serde_json::to_value(value).ok()?)));
            Value::Object(members.collect())
        }
        let settings = serde_json::from_str(&self.settings).unwrap_or(Value::Object(Map::new()));
        let members = [(SETTINGS, settings), (PLACES, object(&self.places)), (TYPED, object(&self.typed))];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// What was answered for the files that begin with this one.
    pub(crate) fn typed_for(&self, name: &str) -> Option<&TypedFacts> {
        self.typed.iter().find(|(first, _)| first == name).map(|(_, typed)| typed)
    }
}
