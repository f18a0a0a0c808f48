//! A piece arrives: the connection hands bytes to one thread, which writes and digests them.

use std::fs::File;
use std::io::{Read, Write};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedMutexGuard, mpsc, watch};
use tokio_stream::StreamExt;

use super::upload::Progress;
use super::{Checksum, Upload, Uploads, recognise};
use crate::folder::private;
use crate::problem::{Outcome, Problem};

/// Buffers between connection and disk; each is at most what the connection reads at once, 400 kB.
const BUFFERS: usize = 4;
/// Bytes from which on a file can be told from none; it is looked at again whenever they have doubled.
const FIRST_LOOK_BYTES: u64 = 64 << 10;
/// Bytes that are still taken after a refusal, so that a client that sends without listening gets to hear it.
const DRAINED_BYTES: usize = 64 << 20;
/// Bytes read at once when a file is digested again.
const READ_BYTES: usize = 1 << 20;

/// What ends a piece from outside.
#[derive(Clone)]
pub(crate) struct Interruption {
    /// True once the server is to end.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// From the connection to the writer. A channel that closes without `End` is a connection that broke.
enum Piece {
    Bytes(Bytes),
    End,
}

/// One piece in the hands of its writer.
struct Writer {
    uploads: Arc<Uploads>,
    upload: Arc<Upload>,
    progress: OwnedMutexGuard<Progress>,
    checksum: Option<Checksum>,
    /// Offset of the piece's first byte.
    start: u64,
}

/// Somebody else writes.
pub(super) fn locked() -> Problem {
    let detail =
        "Another connection is sending this upload; wait until it ends, then ask for the offset and go on from there";
    Problem::new(StatusCode::LOCKED, detail)
}

impl Uploads {
    /// Appends a request's body at `offset`, and finishes the upload with its last byte. The new offset is durable when
    /// it returns. A caller who goes away ends the piece; what has arrived counts, unless it has a checksum.
    pub(crate) async fn append(
        self: &Arc<Self>,
        upload: Arc<Upload>,
        offset: u64,
        checksum: Option<Checksum>,
        body: Body,
        mut interruption: Interruption,
    ) -> Outcome<u64> {
        let progress = upload.writer().try_lock_owned().map_err(|_| locked())?;
        if !self.is_there(&upload) {
            return Err(Problem::not_found(format!("This upload was removed just now; begin anew: {}", upload.id())));
        }
        let there = upload.offset();
        if offset != there {
            let detail = format!(
                "This upload goes on at byte {there}, not at {offset}; ask for the offset with HEAD and send from there"
            );
            return Err(Problem::new(StatusCode::CONFLICT, detail));
        }
        let writer = Writer { uploads: Arc::clone(self), upload, progress, checksum, start: offset };
        let (sender, receiver) = mpsc::channel(BUFFERS);
        let written = tokio::task::spawn_blocking(move || writer.run(receiver));
        // Whoever waits for this may go away at any time; the thread then finds its channel closed.
        let mut stream = body.into_data_stream();
        let told = loop {
            let next = tokio::select! {
                next = tokio::time::timeout(self.limits.idle, stream.next()) => next,
                _ = interruption.stopping.wait_for(|stopping| *stopping) => break Some("The server is about to stop"),
            };
            match next {
                Err(_) => break Some("No byte came for too long"),
                Ok(Some(Err(_))) => break Some("The connection broke"),
                // An error means that the writer has refused, which it tells itself.
                Ok(Some(Ok(bytes))) => {
                    if sender.send(Piece::Bytes(bytes)).await.is_err() {
                        break None;
                    }
                }
                Ok(None) => {
                    let _ = sender.send(Piece::End).await;
                    break None;
                }
            }
        };
        drop(sender);
        let outcome = written.await.map_err(|error| Problem::internal("Writing an upload", error))?;
        match (outcome, told) {
            (Ok(_), Some(why)) => {
                let detail = format!("{why}; ask for the offset with HEAD and send from there");
                Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail))
            }
            (Ok(offset), None) => Ok(offset),
            (Err(problem), _) => {
                let drain = async {
                    let mut left = DRAINED_BYTES;
                    while let Some(Ok(bytes)) = stream.next().await
                        && let Some(rest) = left.checked_sub(bytes.len())
                    {
                        left = rest;
                    }
                };
                // However it ends, the answer is the refusal.
                let _ = tokio::time::timeout(self.limits.idle, drain).await;
                Err(problem)
            }
        }
    }
}

impl Writer {
    /// Writes what comes. Blocks until the piece ends.
    fn run(mut self, mut pieces: mpsc::Receiver<Piece>) -> Outcome<u64> {
        let upload = Arc::clone(&self.upload);
        let mut file = private(false).append(true).open(upload.part()).map_err(disk)?;
        let mut digest = match self.progress.digest.take() {
            Some(digest) => digest,
            None => digest_of(&mut file, self.start).map_err(disk)?,
        };
        // Bytes that may be wrong are not looked at before they are checked.
        let checked = self.checksum.is_some();
        let before = checked.then(|| digest.clone());
        if checked {
            upload.change(|record| record.unchecked_from = Some(self.start)).map_err(disk)?;
        }
        let received = self.receive(&mut file, &mut digest, &mut pieces);
        let kept = self.conclude(received, &mut file, before, &mut digest);
        self.progress.digest = Some(digest.clone());
        let offset = kept?;
        upload.touch(jiff::Timestamp::now().as_millisecond());
        if offset == upload.length() && upload.is_receiving() {
            self.uploads.finish(&upload, digest)?;
        } else if checked && offset >= look_after(self.start) {
            self.refuse_early(offset)?;
        }
        Ok(offset)
    }

    /// The offset after the piece, and whether the client said that it was whole.
    fn receive(
        &mut self,
        file: &mut File,
        digest: &mut Sha256,
        pieces: &mut mpsc::Receiver<Piece>,
    ) -> Outcome<(u64, bool)> {
        let length = self.upload.length();
        let mut offset = self.start;
        let mut look_at = look_after(self.start);
        while let Some(piece) = pieces.blocking_recv() {
            let Piece::Bytes(bytes) = piece else { return Ok((offset, true)) };
            let next = offset.saturating_add(bytes.len() as u64);
            if next > length {
                let detail = format!(
                    "More bytes came than the {length} that the upload was begun with; begin anew with the true length"
                );
                return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
            }
            file.write_all(&bytes).map_err(disk)?;
            digest.update(&bytes);
            offset = next;
            match &mut self.checksum {
                Some(checksum) => checksum.update(&bytes),
                None => {
                    self.upload.advance(offset);
                    if offset >= look_at && offset < length {
                        look_at = look_after(offset);
                        self.refuse_early(offset)?;
                    }
                }
            }
        }
        Ok((offset, false))
    }

    /// Ends the upload where it is nothing, however it goes on.
    fn refuse_early(&self, arrived: u64) -> Outcome<()> {
        let record = self.upload.record();
        let name = record.metadata.get("filename").unwrap_or_default();
        let format = record.metadata.get("sample_format");
        let reason = recognise::early(self.upload.part(), (arrived, record.length), name, format).map_err(disk)?;
        match reason {
            Some(reason) => Err(self.uploads.refuse(&self.upload, StatusCode::UNPROCESSABLE_ENTITY, reason)),
            None => Ok(()),
        }
    }

    /// Keeps the bytes that count, durably, and takes back those that do not.
    fn conclude(
        &mut self,
        received: Outcome<(u64, bool)>,
        file: &mut File,
        before: Option<Sha256>,
        digest: &mut Sha256,
    ) -> Outcome<u64> {
        let Some(before) = before else {
            let written = file.metadata().map_err(disk)?.len();
            file.sync_data().map_err(disk)?;
            if received.is_err() && written != self.upload.offset() {
                // A write that failed half-way, on a full disk for instance.
                file.set_len(self.upload.offset()).map_err(disk)?;
            }
            return received.map(|(offset, _)| offset);
        };
        let matches = self.checksum.take().is_some_and(Checksum::matches);
        let outcome = match received {
            Ok((offset, true)) if matches => Ok(offset),
            Ok((_, true)) => Err(mismatch("these bytes do not have the digest of Upload-Checksum; send them again")),
            // The piece broke off: nothing vouches for its start.
            Ok((_, false)) => Ok(self.start),
            Err(problem) => Err(problem),
        };
        let offset = *outcome.as_ref().unwrap_or(&self.start);
        if offset == self.start {
            file.set_len(self.start).map_err(disk)?;
            *digest = before;
        }
        file.sync_data().map_err(disk)?;
        if self.uploads.is_there(&self.upload) {
            self.upload.change(|record| record.unchecked_from = None).map_err(disk)?;
        }
        self.upload.advance(offset);
        outcome
    }
}

/// The offset at which a file is looked at next: a power of two.
fn look_after(offset: u64) -> u64 {
    offset.saturating_add(1).checked_next_power_of_two().unwrap_or(u64::MAX).max(FIRST_LOOK_BYTES)
}

/// The digest of the first `length` bytes, read again.
pub(super) fn digest_of(file: &mut File, length: u64) -> std::io::Result<Sha256> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0_u8; READ_BYTES];
    let mut rest = file.take(length);
    loop {
        match rest.read(&mut buffer)? {
            0 => return Ok(digest),
            count => digest.update(buffer.get(..count).unwrap_or_default()),
        }
    }
}

/// 460 of the tus protocol.
pub(super) fn mismatch(detail: &str) -> Problem {
    let status = StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
    Problem::new(status, format!("Checksum mismatch: {detail}"))
}

/// The disk refused; where it is full, the client may wait.
pub(super) fn disk(error: std::io::Error) -> Problem {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            tracing::error!("the disk of the data folder is full");
            let detail =
                "The server's disk is full; what arrived is kept, so go on once an administrator has made room";
            Problem::new(StatusCode::INSUFFICIENT_STORAGE, detail)
        }
        _ => Problem::internal("Writing an upload", error),
    }
}
