//! SHA-256 of an input, streamed.

use std::ops::ControlFlow;

use heimdall_recording::ByteSource;
use sha2::{Digest, Sha256};

use crate::Error;

const BLOCK: usize = 1 << 20;

/// Lower-case hex SHA-256 of all bytes; memory is one block. `progress` gets the share done.
///
/// # Errors
/// [`Error::Unreadable`] where the source fails, [`Error::Stopped`] where `progress` breaks.
pub fn sha256(source: &dyn ByteSource, progress: &mut dyn FnMut(f32) -> ControlFlow<()>) -> Result<String, Error> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BLOCK];
    let mut offset = 0;
    while offset < source.len() {
        let len = usize::try_from(source.len() - offset).unwrap_or(BLOCK).min(BLOCK);
        let block = buffer.get_mut(..len).unwrap_or(&mut []);
        source.read_exact_at(offset, block).map_err(Error::Unreadable)?;
        hasher.update(&*block);
        offset += len as u64;
        if progress(offset as f32 / source.len() as f32).is_break() {
            return Err(Error::Stopped);
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
