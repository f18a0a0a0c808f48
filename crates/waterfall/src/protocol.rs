//! What the waterfall and its workers say to each other: an array of the JSON text of one of these, then a file (with
//! [`Request::Open`]) or levels (with [`Reply::Levels`]).

use heimdall_recording::Recording;
use serde::{Deserialize, Serialize};

use crate::tile::Piece;

/// What a worker is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Keep a recording; the file with its samples is beside the message. Not answered.
    Open {
        /// Names it in pieces.
        lane: u32,
        /// What is known of it.
        recording: Box<Recording>,
    },
    /// Compute a piece of a tile.
    Piece(Piece),
    /// Write samples of a recording as 32-bit floats.
    Samples {
        /// Which recording.
        lane: u32,
        /// First sample.
        first: u64,
        /// How many.
        count: u32,
    },
}

/// What a worker answers, one answer to each request but [`Request::Open`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// The levels are beside the message, as 16-bit integers, or the samples, as floats.
    Done,
    /// It could not be done, in a sentence for the user.
    Failed(String),
}
