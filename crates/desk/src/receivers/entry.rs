//! Receivers and constellations, as the API has them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::api::{self, Change};
use crate::place::Place;
use gloo_net::http::Method;
use serde_json::Value;

/// What the server keeps by name.
pub(super) trait Entry: Clone + PartialEq + DeserializeOwned + Send + Sync + 'static {
    /// What is said of it, and what an edit replaces.
    type Draft: Serialize;
    /// Where the API has its list.
    const LIST: &'static str;
    fn id(&self) -> &str;
    fn name(&self) -> &str;
    fn draft(&self) -> &Self::Draft;
    fn revision(&self) -> i64;
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Receiver {
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) draft: ReceiverDraft,
    pub(super) revision: i64,
    /// When its newest recording ends, RFC 3339.
    pub(super) heard: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ReceiverDraft {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) gain_db: Option<f64>,
    pub(super) notes: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Constellation {
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) draft: ConstellationDraft,
    pub(super) revision: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ConstellationDraft {
    pub(super) name: String,
    /// Ids, in the order of the network's inputs.
    pub(super) receivers: Vec<String>,
}

impl Entry for Receiver {
    type Draft = ReceiverDraft;
    const LIST: &'static str = "receivers";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.draft.name
    }

    fn draft(&self) -> &ReceiverDraft {
        &self.draft
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

impl Entry for Constellation {
    type Draft = ConstellationDraft;
    const LIST: &'static str = "constellations";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.draft.name
    }

    fn draft(&self) -> &ConstellationDraft {
        &self.draft
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

/// Keeps a new entry, or what is said now of one that was `seen`; a sentence where that was not done. Who was overtaken
/// sees the other's revision from then on, so that saving again puts theirs in its place.
pub(super) async fn save<E: Entry>(seen: &mut Option<E>, draft: &E::Draft) -> Result<(), String> {
    let Some(before) = seen else {
        return api::post::<Value>(E::LIST, draft).await.map(drop);
    };
    let path = format!("{}/{}", E::LIST, before.id());
    let body = serde_json::to_value(draft).map_err(|error| error.to_string())?;
    match api::change(Method::PUT, &path, before.revision(), Some(body)).await? {
        Change::Done => Ok(()),
        Change::Overtaken => {
            *before = api::get(&path).await?;
            Err("Somebody else changed it meanwhile, and nothing was saved. The fields show what you typed; press Save again to put that in place of theirs.".to_owned())
        }
    }
}
