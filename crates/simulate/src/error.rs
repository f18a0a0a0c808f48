//! Why a scene cannot be simulated.

use thiserror::Error;

/// What is wrong with a scene, as a sentence that says what to change.
#[derive(Debug, Error)]
pub enum Error {
    /// A number is not usable.
    #[error("{name} of {place} is {value}: it must be {need}")]
    Value {
        /// Whose value: "the scene", "receiver Genova", …
        place: String,
        /// Field.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it must be.
        need: &'static str,
    },
    /// A position is not on the Earth.
    #[error("the position of {place} is not a latitude and a longitude")]
    Position {
        /// Whose position.
        place: String,
    },
    /// Heights are in a file that was not read.
    #[error("the world's relief is a file of heights that was not given: put it beside the world's file")]
    NoTile,
    /// Heights end before a receiver.
    #[error("receiver {receiver} stands beyond the heights of the world's relief: choose a larger tile or move it")]
    BeyondTile {
        /// Its name.
        receiver: String,
    },
    /// Measured heights are of one region.
    #[error("the world has measured heights of its own region: choose one without for other receivers")]
    OwnHeights,
    /// Models are kept in a folder of this name.
    #[error("the receivers are called '{0}' together: take 1 to 100 letters, digits, '.', '-' or '_'")]
    ConstellationName(String),
    /// There is nobody to hear the emission.
    #[error("the scene has no receivers: add at least one")]
    NoReceivers,
    /// Names become file names, so each must be there and be used once.
    #[error("receiver {index} is named '{name}', which is empty or used before: choose another name")]
    Name {
        /// Index of the receiver, from 0.
        index: usize,
        /// The name.
        name: String,
    },
    /// The emission does not fit into the receiver's baseband.
    #[error(
        "the emission reaches {edge_hz:.1} Hz from the centre, receiver {receiver} only sees {half_rate_hz:.1} Hz: \
         choose a higher sample rate or a narrower emission"
    )]
    BandTooWide {
        /// Name of the receiver.
        receiver: String,
        /// Highest absolute baseband frequency of the emission.
        edge_hz: f64,
        /// Half the sample rate.
        half_rate_hz: f64,
    },
    /// More samples than fit into memory.
    #[error("the scene needs {samples:.0} samples: shorten it to at most {limit:.0}")]
    TooLong {
        /// Samples of all receivers, or points of the emission.
        samples: f64,
        /// The limit.
        limit: f64,
    },
    /// A time stamp is outside what a date can express.
    #[error("the start time {unix_ns} ns since 1970 is not a date")]
    StartTime {
        /// Nanoseconds since 1970-01-01 UTC.
        unix_ns: i64,
    },
    /// Metadata could not be written.
    #[error("the metadata cannot be written: {0}")]
    Metadata(#[from] serde_json::Error),
    /// A world's file is none.
    #[error("the world cannot be read: {0}")]
    World(#[source] serde_json::Error),
    /// A table could not be written.
    #[error("the table cannot be written: {0}")]
    Table(String),
}
