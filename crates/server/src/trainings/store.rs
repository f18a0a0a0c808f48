//! Trainings on disk: a folder each, so that a server that was killed finds them as they were.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Course, Stage, TrainingError, TrainingRequest, TrainingSession, TrainingState};

const REQUEST_FILE: &str = "request.json";
const STATE_FILE: &str = "state.json";
const CONFIG_FILE: &str = "config.yaml";
/// List of sessions, as `heimdall train --sessions` reads it.
pub(super) const SESSIONS_FILE: &str = "sessions.json";
/// Folder of `heimdall train`.
pub(super) const RUN_FOLDER: &str = "run";
/// What the programs said.
pub(super) const LOG_FILE: &str = "log.txt";

/// The folder of all trainings.
#[derive(Clone, Debug)]
pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    pub(super) fn open(folder: PathBuf) -> Result<Self, TrainingError> {
        std::fs::create_dir_all(&folder).map_err(TrainingError::disk("make", &folder))?;
        Ok(Self { folder })
    }

    pub(super) fn folder(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    /// Ids in the order in which they were asked for.
    pub(super) fn ids(&self) -> Result<Vec<String>, TrainingError> {
        let entries = std::fs::read_dir(&self.folder).map_err(TrainingError::disk("read", &self.folder))?;
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        // A folder without a state was being made when the server ended; nobody was told of it.
        let mut ids: Vec<String> = names.filter(|name| self.folder.join(name).join(STATE_FILE).is_file()).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Puts a new training in the queue; it is there once this returns.
    pub(super) fn add(
        &self,
        id: &str,
        request: &TrainingRequest,
        sessions: &[TrainingSession],
        state: &TrainingState,
    ) -> Result<(), TrainingError> {
        let folder = self.folder(id);
        std::fs::create_dir_all(&folder).map_err(TrainingError::disk("make", &folder))?;
        write(&folder.join(REQUEST_FILE), request)?;
        for file in sessions.iter().flat_map(|session| &session.files) {
            let Some(text) = &file.text else { continue };
            let path = folder.join(&file.path);
            let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
            made.and_then(|()| std::fs::write(&path, text)).map_err(TrainingError::disk("write", &path))?;
        }
        write(&folder.join(SESSIONS_FILE), &serde_json::json!({ "sessions": sessions }))?;
        let config = folder.join(CONFIG_FILE);
        std::fs::write(&config, request.config_yaml()).map_err(TrainingError::disk("write", &config))?;
        write(&folder.join(STATE_FILE), state)
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
        let is_name = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let path = self.folder(id).join(name);
        if !is_name || !path.is_file() {
            return Err(TrainingError::Unknown(id.to_owned()));
        }
        let bytes = std::fs::read(&path).map_err(TrainingError::disk("read", &path))?;
        serde_json::from_slice(&bytes).map_err(|error| TrainingError::Damaged { error, path })
    }
}

/// Writes a file whole or not at all.
fn write<T: Serialize + ?Sized>(path: &Path, value: &T) -> Result<(), TrainingError> {
    let failed = TrainingError::disk("write", path);
    let whole = || -> std::io::Result<()> {
        let partial = path.with_extension("partial");
        let file = std::fs::File::create(&partial)?;
        serde_json::to_writer_pretty(&file, value)?;
        file.sync_all()?;
        std::fs::rename(&partial, path)
    };
    whole().map_err(failed)
}
