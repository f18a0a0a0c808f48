//! The last byte is there: is it the right file, is it a recording, and where does it go.

use std::fs::File;
use std::sync::Arc;

use axum::http::StatusCode;
use sha2::{Digest, Sha256};

use super::writer::{digest_of, disk, mismatch};
use super::{State, Upload, Uploads, recognise};
use crate::Placed;
use crate::digest::hex;
use crate::problem::{Outcome, Problem};

impl Uploads {
    /// Makes a whole upload an object, or refuses it and leaves nothing; the caller holds its writer. Blocks.
    pub(super) fn finish(&self, upload: &Upload, digest: Sha256) -> Outcome<()> {
        let record = upload.record();
        let sha256 = hex(&digest.finalize());
        if let Some(stated) = record.metadata.get("sha256")
            && stated != sha256
        {
            let problem =
                mismatch("the file that arrived is not the one whose sha256 Upload-Metadata states; send it anew");
            return Err(self.refuse(upload, problem.status, problem.detail));
        }
        let name = record.metadata.get("filename").unwrap_or_default();
        let recognised =
            match recognise::whole(upload.part(), name, record.metadata.get("sample_format")).map_err(disk)? {
                Ok(recognised) => recognised,
                Err(reason) => return Err(self.refuse(upload, StatusCode::UNPROCESSABLE_ENTITY, reason)),
            };
        // The record first: whatever happens between the two, the next start finds both and moves the part.
        let stored_unix_ms = jiff::Timestamp::now().as_millisecond();
        let known = self.objects.path(&sha256).is_some_and(|path| path.is_file());
        let stored = |duplicate| State::Stored { sha256: sha256.clone(), duplicate, stored_unix_ms, recognised };
        upload.change(|record| record.state = stored(known)).map_err(disk)?;
        let placed = self.objects.place(upload.part(), &sha256).map_err(disk)?;
        if known != (placed == Placed::Duplicate) {
            // Another upload with this content was quicker.
            let now = placed == Placed::Duplicate;
            let correct = |state: &mut State| {
                if let State::Stored { duplicate, .. } = state {
                    *duplicate = now;
                }
            };
            upload.change(|record| correct(&mut record.state)).map_err(disk)?;
        }
        self.tell(upload, "stored");
        Ok(())
    }

    /// Removes an upload; what to answer.
    pub(super) fn refuse(&self, upload: &Upload, status: StatusCode, reason: String) -> Problem {
        match self.discard(upload, "refused") {
            Ok(()) => Problem::new(status, reason),
            Err(problem) => problem,
        }
    }

    /// False once it was removed.
    pub(super) fn is_there(&self, upload: &Upload) -> bool {
        self.table().contains_key(upload.id())
    }

    /// Brings an upload to a state that can be told: what was written is durable, and one whose last byte came before a
    /// crash is finished.
    pub(crate) async fn settle(self: &Arc<Self>, upload: &Arc<Upload>) -> Outcome<()> {
        if !upload.is_receiving() {
            return Ok(());
        }
        let (uploads, upload) = (Arc::clone(self), Arc::clone(upload));
        let settled = if upload.offset() < upload.length() {
            tokio::task::spawn_blocking(move || upload.sync().map_err(disk)).await
        } else {
            // Waits for the one who is at it.
            let progress = upload.writer().lock_owned().await;
            tokio::task::spawn_blocking(move || {
                let _progress = progress;
                if !upload.is_receiving() || !uploads.is_there(&upload) {
                    return Ok(());
                }
                let mut file = File::open(upload.part()).map_err(disk)?;
                let digest = digest_of(&mut file, upload.length()).map_err(disk)?;
                uploads.finish(&upload, digest)
            })
            .await
        };
        settled.map_err(|error| Problem::internal("Finishing an upload", error))?
    }

    /// Finishes uploads whose last byte came before a crash.
    pub(crate) async fn settle_all(self: Arc<Self>) {
        let whole: Vec<_> =
            self.table().values().filter(|upload| upload.offset() == upload.length()).cloned().collect();
        for upload in whole {
            if let Err(problem) = self.settle(&upload).await {
                tracing::warn!("upload {} was refused: {}", upload.id(), problem.detail);
            }
        }
    }
}
