use std::io;
use std::path::{Path, PathBuf};

/// Why a network could not be built, trained, stored or exported. Each text is a sentence for the user.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The disk refused.
    #[error("cannot {doing} ({source}): {}", path.display())]
    Disk {
        /// What was tried: "read", "write".
        doing: &'static str,
        /// The operating system's reason.
        source: io::Error,
        /// Which file.
        path: PathBuf,
    },
    /// A training configuration that cannot be read, or names a key that does not exist.
    #[error("the training configuration is refused: {0}; docs/training.md lists every key")]
    Config(String),
    /// A value of the configuration outside its range.
    #[error("{key} is {value}, but must be {allowed}")]
    Setting {
        /// The key as in the YAML file.
        key: &'static str,
        /// What was given.
        value: String,
        /// What would do.
        allowed: &'static str,
    },
    /// A data set that is damaged, foreign or of another version.
    #[error("the training set cannot be used: {reason}: {}", path.display())]
    DataSet {
        /// What is wrong, and what to do.
        reason: String,
        /// The folder.
        path: PathBuf,
    },
    /// A checkpoint that is damaged or belongs to another network.
    #[error("the checkpoint cannot be used: {reason}: {}", path.display())]
    Checkpoint {
        /// What is wrong, and what to do.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// Numbers that are not finite, in weights, planes or loss.
    #[error("{what} holds a number that is not finite; {advice}")]
    NotFinite {
        /// Where it was met.
        what: String,
        /// What to do.
        advice: &'static str,
    },
    /// A worker thread could not be started or ended early.
    #[error("a training thread failed: {0}")]
    Worker(String),
}

impl NetworkError {
    pub(crate) fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> NetworkError {
        let path = path.to_path_buf();
        move |source| NetworkError::Disk { doing, source, path }
    }
}
