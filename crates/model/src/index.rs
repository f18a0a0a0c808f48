//! `models/index.json`: which models are published; the only file there that changes.

use serde::{Deserialize, Serialize};

use crate::card::is_file_name;
use crate::{Constellation, Error};
use heimdall_recording::Position;

/// All published models.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelIndex {
    /// One entry per constellation.
    pub constellations: Vec<IndexEntry>,
}

/// The models of a constellation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexEntry {
    /// Folder of the constellation's models.
    pub folder: String,
    /// Its receivers, so that a model is found without fetching cards.
    pub constellation: Constellation,
    /// Folders of the versions, oldest first.
    pub versions: Vec<String>,
    /// The version to use, if any.
    pub promoted: Option<String>,
    /// How it came to that, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<Promotion>,
}

/// A version was put in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// Which.
    pub version: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why, where it was not because all checks passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A model for a scene's receivers.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundModel<'a> {
    /// Folder below `models/`: constellation and promoted version.
    pub folder: String,
    /// Its constellation.
    pub constellation: &'a Constellation,
    /// Index of the scene's receiver at each of the constellation's, `None` for one that is missing.
    pub receivers: Vec<Option<usize>>,
}

impl ModelIndex {
    /// Reads and checks `index.json`.
    ///
    /// # Errors
    /// Where it is no index, where a folder's name leads elsewhere, where a promoted version is not listed.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let index: Self = serde_json::from_slice(json).map_err(Error::Index)?;
        for entry in &index.constellations {
            entry.constellation.validate()?;
            let names = entry.versions.iter().chain([&entry.folder]);
            let promoted = entry.promoted.iter().all(|version| entry.versions.contains(version));
            if !promoted || !names.into_iter().all(|name| is_file_name(name)) {
                return Err(Error::IndexEntry(entry.folder.clone()));
            }
        }
        Ok(index)
    }

    /// Lists a version in the folder named after its constellation; once only.
    pub fn add(&mut self, constellation: &Constellation, version: &str) {
        let folder = &constellation.name;
        if !self.constellations.iter().any(|entry| entry.folder == *folder) {
            self.constellations.push(IndexEntry {
                folder: folder.clone(),
                constellation: constellation.clone(),
                versions: Vec::new(),
                promoted: None,
                promotions: Vec::new(),
            });
        }
        let entries = self.constellations.iter_mut().filter(|entry| entry.folder == *folder);
        for entry in entries.filter(|entry| !entry.versions.iter().any(|listed| listed == version)) {
            entry.versions.push(version.to_owned());
        }
    }

    /// Puts a listed version in use, a newer one or one from before.
    ///
    /// # Errors
    /// [`Error::IndexEntry`] where the folder has no such version.
    pub fn promote(&mut self, folder: &str, promotion: Promotion) -> Result<(), Error> {
        let entry = self.constellations.iter_mut().find(|entry| entry.folder == folder);
        let entry = entry.filter(|entry| entry.versions.contains(&promotion.version));
        let entry = entry.ok_or_else(|| Error::IndexEntry(format!("{folder}/{}", promotion.version)))?;
        entry.promoted = Some(promotion.version.clone());
        entry.promotions.push(promotion);
        Ok(())
    }

    /// The promoted model whose constellation has a receiver within `tolerance_m` of each of `positions`, that with
    /// the fewest receivers missing. `None`: no model for these receivers.
    pub fn find(&self, positions: &[Position], tolerance_m: f64) -> Option<FoundModel<'_>> {
        let found = self.constellations.iter().filter_map(|entry| {
            let version = entry.promoted.as_ref()?;
            let receivers = entry.constellation.assign(positions, tolerance_m)?;
            Some(FoundModel {
                folder: format!("{}/{version}", entry.folder),
                constellation: &entry.constellation,
                receivers,
            })
        });
        found.min_by_key(|model| model.receivers.len())
    }
}
