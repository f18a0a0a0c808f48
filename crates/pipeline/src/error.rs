//! What can go wrong between file and report.

/// A sentence for the user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The recording could not be read.
    #[error(transparent)]
    Recording(#[from] heimdall_recording::Error),
    /// The byte source failed.
    #[error("Could not read the file: {0}. Was it moved or deleted? Drop it again.")]
    Unreadable(String),
    /// A fact that the step needs is missing.
    #[error("{fact} of {name} is not known. Type it in.")]
    Missing {
        /// Which fact.
        fact: &'static str,
        /// File name.
        name: String,
    },
    /// The user stopped it.
    #[error("Stopped.")]
    Stopped,
}
