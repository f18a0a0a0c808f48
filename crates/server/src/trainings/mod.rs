//! Trainings: asked for over the API, done one at a time by the program itself as a child process.
//!
//! What the child writes (planes, checkpoints, the course) lies in the training's folder, so a server or a machine that
//! is killed loses no more than the epoch under way: what was running is put in the queue again when the server
//! starts, goes on from its last checkpoint, and comes to the result of an unbroken run.

mod course;
mod process;
mod request;
mod sessions;
mod state;
mod stations;
mod store;
#[cfg(test)]
mod tests;
mod worker;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use course::Course;
pub use request::{RequestError, TrainingRequest};
pub use sessions::{TrainingFile, TrainingSession, TrainingSource};
pub use state::{Stage, TrainingState, Wish};
pub use stations::Stations;
pub(crate) use store::METADATA_FOLDER;
pub use worker::{TrainingSummary, TrainingView, Trainings};

/// What programs and folders trainings use.
#[derive(Clone, Debug)]
pub struct Places {
    /// The program `heimdall`, with `train`, `export` and `promote`.
    pub program: PathBuf,
    /// A folder a training.
    pub trainings: PathBuf,
    /// World files.
    pub worlds: PathBuf,
    /// Published models.
    pub models: PathBuf,
}

/// Why something cannot be done with a training.
#[derive(Debug, Error)]
pub enum TrainingError {
    /// A request that cannot be followed.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// No such training.
    #[error("there is no training {0}; GET /api/v1/trainings lists them")]
    Unknown(String),
    /// No such world file.
    #[error("there is no world {0}; GET /api/v1/worlds lists them")]
    World(String),
    /// No such published version.
    #[error("{0} is no published version to begin with")]
    Version(String),
    /// A wish that makes no sense now.
    #[error("the training is {stage}, so it cannot be {wish}")]
    Stage {
        /// Its stage.
        stage: String,
        /// What was wished.
        wish: &'static str,
    },
    /// A file of ours that cannot be read.
    #[error("the training's file is damaged ({error}): cancel it and ask again: {path}")]
    Damaged {
        /// What is wrong.
        error: serde_json::Error,
        /// Which file.
        path: PathBuf,
    },
    /// The disk.
    #[error("could not {what} ({error}): {path}")]
    Disk {
        /// What was tried.
        what: &'static str,
        /// What the system says.
        error: std::io::Error,
        /// Where.
        path: PathBuf,
    },
}

impl TrainingError {
    fn disk(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Disk { what, error, path }
    }
}
