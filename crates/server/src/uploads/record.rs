//! What is kept of an upload beside its bytes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Metadata, Recognised};
use crate::folder::private;
use crate::objects::sync_folder;

/// What is kept of an upload beside its bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its name in addresses: 32 hexadecimal digits.
    pub id: String,
    /// Name of the identity that began it.
    pub owner: String,
    /// Length of the whole file, bytes.
    pub length: u64,
    pub(crate) metadata: Metadata,
    /// When it was begun, milliseconds since 1970.
    pub created_unix_ms: i64,
    /// Bytes after this offset were not yet compared with their checksum, and do not count.
    pub(crate) unchecked_from: Option<u64>,
    /// How far it is.
    pub state: State,
}

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// Bytes are missing.
    Receiving,
    /// It is an object.
    Stored {
        /// SHA-256 of the file.
        sha256: String,
        /// True where the same content was there before.
        duplicate: bool,
        /// When, milliseconds since 1970.
        stored_unix_ms: i64,
        /// What the file is.
        recognised: Recognised,
    },
}

impl Record {
    pub(crate) fn new(id: String, owner: String, length: u64, metadata: Metadata) -> Self {
        let created_unix_ms = jiff::Timestamp::now().as_millisecond();
        Self { id, owner, length, metadata, created_unix_ms, unchecked_from: None, state: State::Receiving }
    }

    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        serde_json::from_slice(&fs::read(path)?).map_err(io::Error::other)
    }

    /// Writes it so that either the old or the new one is there, whatever happens. Durable when it returns.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let json = serde_json::to_vec(self).map_err(io::Error::other)?;
        let new = path.with_extension("new");
        let mut file: File = private(true).truncate(true).open(&new)?;
        file.write_all(&json)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        path.parent().map_or(Ok(()), sync_folder)
    }
}
