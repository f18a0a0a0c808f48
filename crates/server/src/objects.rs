//! Finished files by content: `objects/<first two digits>/<SHA-256>`.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::digest::is_sha256;

/// Finished files by content.
#[derive(Debug)]
pub struct Objects {
    folder: PathBuf,
    /// One change at a time: two files with the same content must not both be new.
    changing: Mutex<()>,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// It is an object now.
    New,
    /// Its content was there before; the file is gone.
    Duplicate,
}

impl Objects {
    /// Objects below a folder.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, changing: Mutex::new(()) }
    }

    /// Where the object of this SHA-256 (64 lower-case hexadecimal digits) is or would be; `None` for anything else.
    #[must_use]
    pub fn path(&self, sha256: &str) -> Option<PathBuf> {
        let start = sha256.get(..2).filter(|_| is_sha256(sha256))?;
        Some(self.folder.join(start).join(sha256))
    }

    /// Moves a file of the same disk, whose content has this SHA-256 and is synced, to its place. Durable when it
    /// returns. Blocks.
    ///
    /// # Errors
    /// Where the disk refuses, or `sha256` is none.
    pub fn place(&self, file: &Path, sha256: &str) -> io::Result<Placed> {
        let path = self.path(sha256).ok_or_else(|| io::Error::other(format!("no SHA-256: {sha256}")))?;
        let parent = path.parent().unwrap_or(&self.folder);
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if path.is_file() {
            fs::remove_file(file)?;
            return Ok(Placed::Duplicate);
        }
        if !parent.is_dir() {
            DirBuilder::new().mode(0o700).create(parent)?;
            sync_folder(&self.folder)?;
        }
        fs::rename(file, &path)?;
        sync_folder(parent)?;
        Ok(Placed::New)
    }

    /// Deletes an object for good; whether it was there. Blocks.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn remove(&self, sha256: &str) -> io::Result<bool> {
        let Some(path) = self.path(sha256) else { return Ok(false) };
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        match fs::remove_file(path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Makes names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
