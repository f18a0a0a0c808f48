//! Checksums of an input, in one reading.

use std::ops::{ControlFlow, Range};

use heimdall_recording::{ByteSource, Checksum};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha512};

use crate::Error;

const BLOCK: usize = 1 << 20;

/// What the bytes of a file add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksums {
    /// SHA-256 of the whole file, lower-case hex.
    pub sha256: String,
    /// Of the checksums that metadata states, those that the bytes contradict.
    pub contradicted: Vec<Checksum>,
}

impl Checksums {
    /// A sentence for a recording whose metadata states `stated`, where the bytes say otherwise.
    pub fn notice(&self, stated: Option<&Checksum>) -> Option<String> {
        let wrong = stated.is_some_and(|stated| self.contradicted.contains(stated));
        wrong.then(|| {
            "Its samples are not those that the metadata was written for (core:sha512 differs): the file is damaged \
             or was changed later. Copy it again."
                .into()
        })
    }
}

/// Reads all bytes once, for their SHA-256 and for what the metadata states of them; memory is one block.
/// `progress` gets the share done.
///
/// # Errors
/// [`Error::Unreadable`] where the source fails, [`Error::Stopped`] where `progress` breaks.
pub fn checksums(
    source: &dyn ByteSource,
    stated: &[Checksum],
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Checksums, Error> {
    let mut sha256 = Sha256::new();
    let mut parts: Vec<Sha512> = stated.iter().map(|_| Sha512::new()).collect();
    let mut buffer = vec![0; BLOCK];
    let mut offset = 0;
    while offset < source.len() {
        let len = usize::try_from(source.len() - offset).unwrap_or(BLOCK).min(BLOCK);
        let block = buffer.get_mut(..len).unwrap_or(&mut []);
        source.read_exact_at(offset, block).map_err(Error::Unreadable)?;
        sha256.update(&*block);
        for (part, stated) in parts.iter_mut().zip(stated) {
            part.update(block.get(common(stated, offset, len)).unwrap_or(&[]));
        }
        offset += len as u64;
        if progress(offset as f32 / source.len() as f32).is_break() {
            return Err(Error::Stopped);
        }
    }
    let sums = parts.into_iter().map(|part| hex(&part.finalize()));
    let contradicted = stated.iter().zip(sums).filter(|(stated, sum)| stated.sha512 != *sum);
    Ok(Checksums {
        sha256: hex(&sha256.finalize()),
        contradicted: contradicted.map(|(stated, _)| stated.clone()).collect(),
    })
}

/// The part of a block of `len` bytes at `offset` that a checksum is of.
fn common(stated: &Checksum, offset: u64, len: usize) -> Range<usize> {
    let within = |position: u64| usize::try_from(position.saturating_sub(offset)).unwrap_or(len).min(len);
    within(stated.offset)..within(stated.offset.saturating_add(stated.byte_len))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
