//! SigMF's checksum of the data file.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha512};

use crate::{ByteSource, Error, Recording};

/// Bytes hashed at once.
const CHUNK_BYTES: u64 = 1 << 20;

/// A checksum that the metadata states, and the bytes it is of (`core:sha512`, SigMF 1.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// SHA-512, hexadecimal, lower case.
    pub sha512: String,
    /// First byte in the byte source.
    pub offset: u64,
    /// Number of bytes.
    pub byte_len: u64,
}

impl Recording {
    /// Reads all of the data file and compares it with the metadata's checksum;
    /// `None` where the metadata has none. This takes as long as reading the file.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where the source fails.
    pub fn verify_sha512(&self, source: &dyn ByteSource) -> Result<Option<bool>, Error> {
        let Some(expected) = &self.checksum else {
            return Ok(None);
        };
        let mut hash = Sha512::new();
        let mut buffer = Vec::new();
        let mut done = 0;
        while done < expected.byte_len {
            let length = CHUNK_BYTES.min(expected.byte_len - done);
            let offset = expected.offset.saturating_add(done);
            buffer.resize(usize::try_from(length).unwrap_or(0), 0);
            source.read_exact_at(offset, &mut buffer).map_err(|reason| Error::Unreadable {
                file: self.name.clone(),
                offset,
                reason,
            })?;
            hash.update(&buffer);
            done += length;
        }
        let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(hex == expected.sha512))
    }
}
