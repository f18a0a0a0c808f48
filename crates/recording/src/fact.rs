//! A value together with where it was learnt, so that the page can show and correct it.

use serde::{Deserialize, Serialize};

/// Where a fact about a recording was learnt, in rising order of authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nothing said otherwise; a stated default.
    Assumed,
    /// The file name.
    FileName,
    /// The file's own header or metadata.
    Header,
    /// A metadata file beside the data (`.sigmf-meta`, `receivers.csv`).
    Sidecar,
    /// A robust fit through time stamps inside the recording.
    Stamps,
    /// Measured on the signal of a reference transmitter.
    Reference,
    /// Remembered by station name from an earlier visit.
    Remembered,
    /// Placed on the map by the user.
    Map,
    /// Typed in by the user.
    TypedIn,
}

/// A value and its origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact<T> {
    /// The value, in the unit that the field's name carries.
    pub value: T,
    /// Where it was learnt.
    pub origin: Origin,
}

impl<T> Fact<T> {
    /// A fact learnt at `origin`.
    pub const fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}
