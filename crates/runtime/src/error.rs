//! Why a published network does not run.

use thiserror::Error;

/// A sentence for the user: what, where, what to do.
#[derive(Debug, Error)]
pub enum Error {
    /// The file is not the one that its card describes.
    #[error(transparent)]
    Card(#[from] heimdall_model::Error),
    /// The file cannot be read as a network.
    #[error("the network cannot be read ({reason}): publish the model again; {file}")]
    Unreadable {
        /// What the interpreter says.
        reason: String,
        /// The file.
        file: &'static str,
    },
    /// The network's input or outputs are not those of its card.
    #[error("the network is another than its description states ({reason}): publish the model again; {file}")]
    Contract {
        /// What differs.
        reason: String,
        /// The file.
        file: &'static str,
    },
    /// Planes of another constellation.
    #[error("the network takes {expected} planes and was given {given}: use the model of these receivers")]
    PlaneCount {
        /// Planes given.
        given: usize,
        /// Planes of its constellation.
        expected: usize,
    },
    /// The interpreter failed.
    #[error("the network failed on these recordings ({0}): switch the network off, or publish the model again")]
    Failed(String),
    /// The answer is no distribution over position.
    #[error("the network's answer is not usable ({0}): switch the network off, or train the model again")]
    Answer(&'static str),
}
