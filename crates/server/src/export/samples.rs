//! Samples as pairs of 32-bit floats, little endian: SigMF's `cf32_le`, NumPy's `<c8`.

use std::io;
use std::path::Path;

use heimdall_recording::Recording;
use sha2::{Digest, Sha512};

use crate::digest::hex;
use crate::stored::StoredFile;

/// Samples that are decoded at a time.
const AT_ONCE: usize = 16 << 10;

/// Bytes that [`write`] brings.
pub(crate) fn length(recording: &Recording) -> io::Result<u64> {
    recording.sample_count.checked_mul(8).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Gives all samples of a recording in the file at `path` to `put`, a piece at a time; their SHA-512.
pub(crate) fn write(
    path: &Path,
    recording: &Recording,
    put: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<String> {
    let file = StoredFile::open(path)?;
    let stored = recording.samples(&file);
    let mut digest = Sha512::new();
    let mut samples = vec![Default::default(); AT_ONCE];
    let mut bytes = Vec::with_capacity(8 * AT_ONCE);
    let mut at = 0;
    while at < recording.sample_count {
        let wanted = usize::try_from(recording.sample_count - at).map_or(AT_ONCE, |left| left.min(AT_ONCE));
        let piece = samples.get_mut(..wanted).unwrap_or_default();
        let read = stored.read(at, piece).map_err(io::Error::other)?;
        if read.samples < wanted {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.clear();
        bytes.extend(piece.iter().flat_map(|x| [x.re.to_le_bytes(), x.im.to_le_bytes()]).flatten());
        digest.update(&bytes);
        put(&bytes)?;
        at += wanted as u64;
    }
    Ok(hex(&digest.finalize()))
}
