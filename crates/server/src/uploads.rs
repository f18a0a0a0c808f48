//! Files on their way, by the tus protocol (`api/uploads.rs` speaks it).
//!
//! An upload is two files: `ID.part`, the bytes that have arrived, whose length *is* the offset, and `ID.json`, the
//! [`Record`]. Whatever ends the process, the next one goes on from them. A finished file leaves its part for
//! [`Objects`]; its record stays until it expires.

mod append;
mod checksum;
mod finish;
mod metadata;
mod recognise;
mod record;
mod recover;
mod upload;
mod writer;

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use rand::TryRngCore;
use rand::rngs::OsRng;
use serde_json::json;
use tokio::sync::Semaphore;

pub(crate) use checksum::{ALGORITHMS, Checksum};
pub(crate) use metadata::Metadata;
pub use recognise::{Kind, Recognised, RecordingFacts};
pub use record::{Record, State};
pub use upload::Upload;

use crate::auth::{Identity, Role};
use crate::digest::hex;
use crate::folder::private;
use crate::problem::{Outcome, Problem};
use crate::{Error, Events, Limits, Objects};

/// All uploads that are not yet finished or expired.
#[derive(Debug)]
pub struct Uploads {
    folder: PathBuf,
    objects: Arc<Objects>,
    events: Arc<Events>,
    limits: Arc<Limits>,
    table: Mutex<HashMap<String, Arc<Upload>>>,
    /// Pieces wait for one: each takes a thread, and threads must be left for reading files.
    writers: Semaphore,
}

/// Pieces that are written at once.
const WRITERS: usize = 64;

impl Uploads {
    /// Those that an earlier process left in a folder.
    pub(crate) fn open(
        folder: PathBuf,
        objects: Arc<Objects>,
        events: Arc<Events>,
        limits: Arc<Limits>,
    ) -> Result<Self, Error> {
        let found = recover::uploads(&folder, &objects).map_err(Error::disk("read the uploads", &folder))?;
        let table = found.into_iter().map(|upload| (upload.id().to_owned(), Arc::new(upload))).collect();
        Ok(Self { folder, objects, events, limits, table: Mutex::new(table), writers: Semaphore::new(WRITERS) })
    }

    /// Begins an upload. Blocks.
    pub(crate) fn create(&self, owner: &Identity, length: u64, metadata: Metadata) -> Outcome<Arc<Upload>> {
        let most = self.limits.upload_bytes;
        if length > most {
            let detail =
                format!("This file has {length} bytes, and this server takes {most} at most; cut the recording");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        let failed = |error| Problem::internal("Beginning an upload", error);
        let mut random = [0_u8; 16];
        OsRng.try_fill_bytes(&mut random).map_err(|error| Problem::internal("Drawing a random number", error))?;
        let id = hex(&random);
        let record = Record::new(id.clone(), owner.name.clone(), length, metadata);
        let upload = Arc::new(Upload::new(&self.folder, record, 0));
        {
            // Counted and entered in one go, or two at once could both find room.
            let mut table = self.table();
            self.check_quota(&table, &owner.name, length)?;
            table.insert(id.clone(), Arc::clone(&upload));
        }
        let made = private(false).create_new(true).open(upload.part()).and_then(|_| upload.save());
        if let Err(error) = made {
            self.table().remove(&id);
            upload.delete().unwrap_or_else(|error| tracing::warn!("a failed upload's files stay: {error}"));
            return Err(failed(error));
        }
        self.tell(&upload, "created");
        Ok(upload)
    }

    fn check_quota(&self, table: &HashMap<String, Arc<Upload>>, owner: &str, length: u64) -> Outcome<()> {
        let Some(quota) = self.limits.quota_bytes else { return Ok(()) };
        let used: u64 = table.values().filter(|upload| upload.owner() == owner).map(|upload| upload.claimed()).sum();
        if used.saturating_add(length) <= quota {
            return Ok(());
        }
        let detail = format!(
            "This file has {length} bytes, and {} of your {quota} are left; delete uploads, or ask an administrator",
            quota.saturating_sub(used)
        );
        Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail))
    }

    /// An upload of the identity's own; an administrator's are all.
    ///
    /// # Errors
    /// 404 where there is none, 410 where it has expired.
    pub fn get(&self, id: &str, identity: &Identity) -> Outcome<Arc<Upload>> {
        let upload = self.table().get(id).cloned();
        let own = upload.filter(|upload| upload.owner() == identity.name || identity.role == Role::Admin);
        let upload = own.ok_or_else(|| {
            Problem::not_found(format!(
                "There is no such upload; it was refused, removed or never begun, so begin anew: {id}"
            ))
        })?;
        if self.expired(&upload) {
            let detail = format!("This upload was left for too long and has expired; begin anew: {id}");
            return Err(Problem::new(StatusCode::GONE, detail));
        }
        Ok(upload)
    }

    /// Uploads that the identity may see, newest first.
    #[must_use]
    pub fn list(&self, identity: &Identity) -> Vec<Arc<Upload>> {
        let seen = |upload: &&Arc<Upload>| upload.owner() == identity.name || identity.role == Role::Admin;
        let mut uploads: Vec<_> = self.table().values().filter(seen).cloned().collect();
        uploads.retain(|upload| !self.expired(upload));
        uploads.sort_by_key(|upload| std::cmp::Reverse(upload.created_unix_ms()));
        uploads
    }

    /// Ends an upload; its object, where it has become one, stays.
    ///
    /// # Errors
    /// 423 while somebody writes it.
    pub fn remove(&self, upload: &Upload) -> Outcome<()> {
        let Ok(_writer) = upload.writer().try_lock_owned() else { return Err(append::locked()) };
        self.discard(upload, "removed")
    }

    /// When an upload expires, milliseconds since 1970.
    pub(crate) fn expires_unix_ms(&self, upload: &Upload) -> i64 {
        let expiry = i64::try_from(self.limits.upload_expiry.as_millis()).unwrap_or(i64::MAX);
        upload.touched_unix_ms().saturating_add(expiry)
    }

    fn expired(&self, upload: &Upload) -> bool {
        self.expires_unix_ms(upload) < jiff::Timestamp::now().as_millisecond()
    }

    /// Removes what has expired, for ever.
    pub(crate) async fn sweep(self: Arc<Self>) {
        let period = (self.limits.upload_expiry / 4).clamp(Duration::from_millis(100), Duration::from_secs(60));
        loop {
            tokio::time::sleep(period).await;
            let uploads = Arc::clone(&self);
            let swept = tokio::task::spawn_blocking(move || {
                let expired: Vec<_> =
                    uploads.table().values().filter(|upload| uploads.expired(upload)).cloned().collect();
                for upload in expired {
                    // One that is being written is not left.
                    let _ = uploads.remove(&upload);
                }
            });
            swept.await.unwrap_or_else(|error| tracing::error!("removing expired uploads failed: {error}"));
        }
    }

    /// Forgets an upload and deletes its files; the caller holds its writer.
    fn discard(&self, upload: &Upload, why: &'static str) -> Outcome<()> {
        self.table().remove(upload.id());
        upload.delete().map_err(|error| Problem::internal("Removing an upload", error))?;
        self.tell(upload, why);
        Ok(())
    }

    fn tell(&self, upload: &Upload, state: &'static str) {
        // No name: listeners may be others than the owner.
        self.events.publish("upload", json!({ "id": upload.id(), "state": state }));
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, Arc<Upload>>> {
        // Nothing that can panic is done under the lock.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Deletes a file that may be gone already.
fn remove_if_there(path: &std::path::Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
