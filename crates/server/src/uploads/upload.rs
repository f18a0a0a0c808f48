//! One upload in memory.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::Sha256;

use super::{Record, State, remove_if_there};

/// One upload.
#[derive(Debug)]
pub struct Upload {
    part: PathBuf,
    record_path: PathBuf,
    id: String,
    owner: String,
    length: u64,
    record: Mutex<Record>,
    /// Bytes that count, as told to clients.
    offset: AtomicU64,
    /// When the last byte arrived, milliseconds since 1970.
    touched_unix_ms: AtomicI64,
    /// Held by the one who writes.
    writer: Arc<tokio::sync::Mutex<Progress>>,
}

/// What the writer keeps from piece to piece.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Digest of the bytes before the offset; `None` in a process that has not read them yet.
    pub(super) digest: Option<Sha256>,
}

impl Upload {
    pub(super) fn new(folder: &Path, record: Record, offset: u64) -> Self {
        Self {
            part: folder.join(format!("{}.part", record.id)),
            record_path: folder.join(format!("{}.json", record.id)),
            id: record.id.clone(),
            owner: record.owner.clone(),
            length: record.length,
            touched_unix_ms: AtomicI64::new(record.created_unix_ms),
            record: Mutex::new(record),
            offset: AtomicU64::new(offset),
            writer: Arc::default(),
        }
    }

    /// Its name in addresses.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Who began it.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Length of the whole file, bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Bytes that have arrived and count.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset.load(Ordering::Acquire)
    }

    /// A copy of what is known of it.
    #[must_use]
    pub fn record(&self) -> Record {
        self.locked().clone()
    }

    /// The file's name.
    #[must_use]
    pub fn filename(&self) -> String {
        self.locked().metadata.get("filename").unwrap_or_default().to_owned()
    }

    pub(super) fn created_unix_ms(&self) -> i64 {
        self.locked().created_unix_ms
    }

    pub(super) fn touched_unix_ms(&self) -> i64 {
        self.touched_unix_ms.load(Ordering::Relaxed)
    }

    pub(super) fn touch(&self, unix_ms: i64) {
        self.touched_unix_ms.store(unix_ms, Ordering::Relaxed);
    }

    pub(super) fn advance(&self, offset: u64) {
        self.offset.store(offset, Ordering::Release);
    }

    /// Bytes that count against the owner's quota.
    pub(super) fn claimed(&self) -> u64 {
        match self.locked().state {
            State::Stored { duplicate: true, .. } => 0,
            _ => self.length,
        }
    }

    pub(super) fn is_receiving(&self) -> bool {
        self.locked().state == State::Receiving
    }

    pub(super) fn writer(&self) -> Arc<tokio::sync::Mutex<Progress>> {
        Arc::clone(&self.writer)
    }

    pub(super) fn part(&self) -> &Path {
        &self.part
    }

    /// Makes what has arrived durable. Blocks.
    pub(super) fn sync(&self) -> io::Result<()> {
        match File::open(&self.part) {
            Ok(file) => file.sync_data(),
            // It was stored or removed meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Changes the record, on disk first.
    pub(super) fn change(&self, change: impl FnOnce(&mut Record)) -> io::Result<()> {
        let mut record = self.locked();
        let mut changed = record.clone();
        change(&mut changed);
        changed.write(&self.record_path)?;
        *record = changed;
        Ok(())
    }

    pub(super) fn save(&self) -> io::Result<()> {
        self.change(|_| ())
    }

    /// Deletes its files: the record first, since a part without a record is removed at the next start.
    pub(super) fn delete(&self) -> io::Result<()> {
        remove_if_there(&self.record_path)?;
        remove_if_there(&self.part)
    }

    fn locked(&self) -> MutexGuard<'_, Record> {
        // A change is made to a copy, so a panic leaves a whole record.
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
