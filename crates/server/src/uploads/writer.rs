//! A piece arrives: the disk's side, one thread that writes and digests what the connection brings.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::StatusCode;
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedMutexGuard, mpsc};

use super::upload::Progress;
use super::{Checksum, Upload, Uploads, recognise};
use crate::folder::private;
use crate::problem::{Outcome, Problem};

/// Bytes from which on a file can be told from none; it is looked at again whenever they have doubled.
const FIRST_LOOK_BYTES: u64 = 64 << 10;
/// Bytes read at once when a file is digested again.
const READ_BYTES: usize = 1 << 20;

/// From the connection to the writer. A channel that closes without `End` is a connection that broke.
pub(super) enum Piece {
    Bytes(Bytes),
    End,
}

/// One piece in the hands of its writer.
pub(super) struct Writer {
    pub(super) uploads: Arc<Uploads>,
    pub(super) upload: Arc<Upload>,
    pub(super) progress: OwnedMutexGuard<Progress>,
    pub(super) checksum: Option<Checksum>,
    /// Offset of the piece's first byte.
    pub(super) start: u64,
}

impl Writer {
    /// Writes what comes. Blocks until the piece ends.
    pub(super) fn run(mut self, mut pieces: mpsc::Receiver<Piece>) -> Outcome<u64> {
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
pub(super) fn digest_of(file: &mut File, length: u64) -> io::Result<Sha256> {
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
pub(super) fn disk(error: io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            tracing::error!("the disk of the data folder is full");
            let detail =
                "The server's disk is full; what arrived is kept, so go on once an administrator has made room";
            Problem::new(StatusCode::INSUFFICIENT_STORAGE, detail)
        }
        _ => Problem::internal("Writing an upload", error),
    }
}
