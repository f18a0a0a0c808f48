//! SigMF's checksum of the data file.

use serde::{Deserialize, Serialize};

/// A checksum that the metadata states, and the bytes it is of (`core:sha512`, SigMF 1.2).
///
/// Opening does not verify it: that takes as long as reading the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// SHA-512, hexadecimal, lower case.
    pub sha512: String,
    /// First byte in the byte source.
    pub offset: u64,
    /// Number of bytes.
    pub byte_len: u64,
}
