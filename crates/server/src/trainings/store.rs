//! Trainings on disk: a folder each, so that a server that was killed finds them as they were.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Course, Stage, Stations, TrainingError, TrainingRequest, TrainingSession, TrainingState};
use crate::objects::sync_folder;

const REQUEST_FILE: &str = "request.json";
const STATE_FILE: &str = "state.json";
const CONFIG_FILE: &str = "config.yaml";
/// List of sessions, as `heimdall train --sessions` reads it.
pub(super) const SESSIONS_FILE: &str = "sessions.json";
/// Folder with a table of other receivers than the world's.
const STATIONS_FOLDER: &str = "constellation";
/// Folder of `heimdall train`.
pub(super) const RUN_FOLDER: &str = "run";
/// What a tracking server was told of a run, in its folder.
const TRACKED_FILE: &str = "tracking.json";
/// The planes in it.
const SCENES_FOLDER: &str = "scenes";
/// Metadata of the sessions' recordings.
pub(crate) const METADATA_FOLDER: &str = "metadata";
/// What the programs said.
pub(super) const LOG_FILE: &str = "log.txt";

/// The folder of all trainings.
#[derive(Clone, Debug)]
pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    /// Opens the folder, and takes away what a kill left of trainings that were being made or deleted.
    pub(super) fn open(folder: PathBuf) -> Result<Self, TrainingError> {
        std::fs::create_dir_all(&folder).map_err(TrainingError::disk("make", &folder))?;
        let store = Self { folder };
        for name in store.names()?.iter().filter(|name| is_name(name) && !store.has_state(name)) {
            let left = store.folder(name);
            std::fs::remove_dir_all(&left).map_err(TrainingError::disk("remove", &left))?;
        }
        Ok(store)
    }

    pub(super) fn folder(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    /// Ids in the order in which they were asked for.
    pub(super) fn ids(&self) -> Result<Vec<String>, TrainingError> {
        // A folder without a state is being made or deleted.
        let mut ids: Vec<String> = self.names()?.into_iter().filter(|name| self.has_state(name)).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    fn names(&self) -> Result<Vec<String>, TrainingError> {
        let entries = std::fs::read_dir(&self.folder).map_err(TrainingError::disk("read", &self.folder))?;
        Ok(entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
    }

    fn has_state(&self, name: &str) -> bool {
        self.folder(name).join(STATE_FILE).is_file()
    }

    /// Puts a new training in the queue; it is there once this returns.
    pub(super) fn add(
        &self,
        id: &str,
        request: &TrainingRequest,
        stations: Option<&Stations>,
        sessions: &[TrainingSession],
        state: &TrainingState,
    ) -> Result<(), TrainingError> {
        let folder = self.folder(id);
        let synced = std::fs::create_dir_all(&folder).and_then(|()| sync_folder(&self.folder));
        synced.map_err(TrainingError::disk("make", &folder))?;
        write(&folder.join(REQUEST_FILE), request)?;
        let table = stations.map(|stations| (stations_file(stations), stations.table.as_str()));
        let files = sessions.iter().flat_map(|session| &session.files);
        let metadata = files.filter_map(|file| Some((file.path.clone(), file.text.as_deref()?)));
        for (path, text) in table.into_iter().chain(metadata) {
            let path = folder.join(path);
            path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(TrainingError::disk("make", &path))?;
            write_bytes(&path, text.as_bytes())?;
        }
        write(&folder.join(SESSIONS_FILE), &serde_json::json!({ "sessions": sessions }))?;
        write_bytes(&folder.join(CONFIG_FILE), request.config_yaml().as_bytes())?;
        write(&folder.join(STATE_FILE), state)
    }

    /// The table of receivers that take the place of the world's, where there is one.
    pub(super) fn stations(&self, id: &str) -> Option<PathBuf> {
        let mut entries = std::fs::read_dir(self.folder(id).join(STATIONS_FOLDER)).ok()?.flatten();
        entries.next().map(|entry| entry.path())
    }

    pub(super) fn request(&self, id: &str) -> Result<TrainingRequest, TrainingError> {
        self.read(id, REQUEST_FILE)
    }

    pub(super) fn state(&self, id: &str) -> Result<TrainingState, TrainingError> {
        self.read(id, STATE_FILE)
    }

    pub(super) fn set_state(&self, id: &str, state: &TrainingState) -> Result<(), TrainingError> {
        write(&self.folder(id).join(STATE_FILE), state)
    }

    /// Takes away what a training that is over knows of recordings: a session that is purged is then gone from here too.
    pub(super) fn forget_scenes(&self, id: &str) -> Result<(), TrainingError> {
        for folder in [self.folder(id).join(RUN_FOLDER).join(SCENES_FOLDER), self.folder(id).join(METADATA_FOLDER)] {
            match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(TrainingError::disk("remove", &folder)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The folder of its run, where a tracking server is told of it.
    pub(super) fn tracked(&self, id: &str) -> Option<PathBuf> {
        Some(self.folder(id).join(RUN_FOLDER)).filter(|run| run.join(TRACKED_FILE).is_file())
    }

    pub(super) fn config(&self, id: &str) -> PathBuf {
        self.folder(id).join(CONFIG_FILE)
    }

    pub(super) fn course(&self, id: &str) -> Course {
        Course::read(&self.folder(id).join(RUN_FOLDER))
    }

    pub(super) fn log(&self, id: &str) -> String {
        let bytes = std::fs::read(self.folder(id).join(LOG_FILE)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Takes a training away with everything it made but published versions.
    pub(super) fn remove(&self, id: &str) -> Result<(), TrainingError> {
        let folder = self.folder(id);
        // Without a state it is gone, whatever happens to the rest.
        let state = folder.join(STATE_FILE);
        std::fs::remove_file(&state).map_err(TrainingError::disk("remove", &state))?;
        std::fs::remove_dir_all(&folder).map_err(TrainingError::disk("remove", &folder))
    }

    /// The first that waits.
    pub(super) fn next(&self) -> Result<Option<String>, TrainingError> {
        let waits = |id: &String| self.state(id).is_ok_and(|state| state.stage == Stage::Queued);
        Ok(self.ids()?.into_iter().find(waits))
    }

    fn read<T: DeserializeOwned>(&self, id: &str, name: &str) -> Result<T, TrainingError> {
        let path = self.folder(id).join(name);
        if !is_name(id) || !path.is_file() {
            return Err(TrainingError::Unknown(id.to_owned()));
        }
        let bytes = std::fs::read(&path).map_err(TrainingError::disk("read", &path))?;
        serde_json::from_slice(&bytes).map_err(|error| TrainingError::Damaged { error, path })
    }
}

/// A table is named as its receivers are together.
fn stations_file(stations: &Stations) -> PathBuf {
    [STATIONS_FOLDER, &format!("{}.csv", stations.name)].iter().collect()
}

/// What can be an id: nothing that leads elsewhere.
fn is_name(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn write<T: Serialize + ?Sized>(path: &Path, value: &T) -> Result<(), TrainingError> {
    let bytes = serde_json::to_vec_pretty(value).map_err(std::io::Error::from);
    write_bytes(path, &bytes.map_err(TrainingError::disk("write", path))?)
}

/// Writes a file whole or not at all; it is on the disk when this returns.
fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), TrainingError> {
    let whole = || -> std::io::Result<()> {
        let partial = path.with_extension("partial");
        let mut file = std::fs::File::create(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&partial, path)?;
        path.parent().map_or(Ok(()), sync_folder)
    };
    whole().map_err(TrainingError::disk("write", path))
}
