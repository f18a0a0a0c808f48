//! Samples of an archive on their way to the objects.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWriteExt};

use super::member::{BUFFER, Member, piece};
use crate::digest::hex;
use crate::folder::private;
use crate::problem::{Outcome, Problem};

/// A file that vanishes unless it becomes an object. After a crash the next start removes it, as an upload without a
/// record.
pub(crate) struct Part {
    pub(crate) path: PathBuf,
    pub(crate) sha256: String,
}

impl Part {
    /// An empty one in `folder`, under a name that nobody guesses.
    pub(super) fn new(folder: &Path) -> std::io::Result<(Self, std::fs::File)> {
        let mut random = [0_u8; 16];
        OsRng.try_fill_bytes(&mut random).map_err(std::io::Error::other)?;
        let part = Self { path: folder.join(format!("{}.part", hex(&random))), sha256: String::new() };
        let file = private(false).create_new(true).open(&part.path)?;
        Ok((part, file))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It is gone where it has become an object.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Writes a member's content to a file in `folder`; on the disk when it returns.
pub(super) async fn receive(
    archive: &mut (impl AsyncRead + Unpin),
    mut member: Member,
    folder: &Path,
    idle: Duration,
) -> Outcome<Part> {
    let (mut part, file) = Part::new(folder).map_err(failed)?;
    let mut file = tokio::fs::File::from_std(file);
    let mut digest = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = piece(archive, &mut member, &mut buffer, idle).await?;
        let bytes = buffer.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        digest.update(bytes);
        file.write_all(bytes).await.map_err(failed)?;
    }
    file.sync_all().await.map_err(failed)?;
    part.sha256 = hex(&digest.finalize());
    Ok(part)
}

pub(super) fn failed(error: std::io::Error) -> Problem {
    Problem::internal("Storing a recording of the archive", error)
}
