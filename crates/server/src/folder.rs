//! The data folder: who may read it, its token, and that one server only uses it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore;
use rand::rngs::OsRng;

use crate::Error;

/// Folders below the data folder.
const PARTS: [&str; 3] = ["uploads", "objects", "models"];

/// Half a second for another server to end.
const LOCK_TRIES: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// The data folder, held by this process alone.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Its lock ends with the process, however that ends.
    _lock: File,
}

impl Folder {
    /// Makes what is missing, with mode 0700, and takes the folder's lock.
    ///
    /// # Errors
    /// Where it cannot be made or written, or another server has it.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let make = |path: &Path| {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
            made.map_err(Error::disk("make the data folder", path))
        };
        make(path)?;
        for part in PARTS {
            make(&path.join(part))?;
        }
        let lock_path = path.join("lock");
        let lock = private(true).open(&lock_path).map_err(Error::disk("open the data folder's lock", &lock_path))?;
        // A server that is just ending, or a program that it was just starting, still has it for a moment.
        for _ in 0..LOCK_TRIES {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { path: path.to_owned(), _lock: lock }),
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(reason)) => {
                    return Err(Error::disk("lock the data folder", &lock_path)(reason));
                }
            }
        }
        Err(Error::InUse(path.to_owned()))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Parts of uploads, and what is known of them.
    #[must_use]
    pub fn uploads(&self) -> PathBuf {
        self.path.join("uploads")
    }

    /// Finished files by content.
    #[must_use]
    pub fn objects(&self) -> PathBuf {
        self.path.join("objects")
    }

    /// Published models.
    #[must_use]
    pub fn models(&self) -> PathBuf {
        self.path.join("models")
    }

    /// The catalogue's file.
    #[must_use]
    pub fn catalogue(&self) -> PathBuf {
        self.path.join("catalogue.sqlite")
    }

    /// True where the system lets its group or everybody into the folder.
    ///
    /// # Errors
    /// Where its permissions cannot be read.
    pub fn is_open_to_others(&self) -> Result<bool, Error> {
        let metadata =
            fs::metadata(&self.path).map_err(Error::disk("read the data folder's permissions", &self.path))?;
        Ok(metadata.permissions().mode() & 0o077 != 0)
    }

    /// The token of the folder, 256 random bits; made where there is none.
    ///
    /// # Errors
    /// Where its file can neither be read nor written.
    pub fn token(&self) -> Result<String, Error> {
        let path = self.path.join("token");
        match fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::disk("read the token", &path)(error));
            }
            _ => {}
        }
        let mut random = [0_u8; 32];
        let drawn = OsRng.try_fill_bytes(&mut random).map_err(std::io::Error::other);
        drawn.map_err(Error::disk("draw a random token", &path))?;
        let token = URL_SAFE_NO_PAD.encode(random);
        let written = private(true).truncate(true).open(&path).and_then(|mut file| {
            writeln!(file, "{token}")?;
            file.sync_all()
        });
        written.map_err(Error::disk("write the token", &path))?;
        Ok(token)
    }
}

/// Files that only their owner reads.
pub(crate) fn private(create: bool) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(create).mode(0o600);
    options
}
