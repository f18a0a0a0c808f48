//! A piece arrives: the connection's side, which hands bytes to one thread that writes them.

use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use tokio::sync::{mpsc, watch};
use tokio_stream::StreamExt;

use super::writer::{Piece, Writer};
use super::{Checksum, Upload, Uploads};
use crate::problem::{Outcome, Problem};

/// Buffers between connection and disk; each is at most what the connection reads at once, 400 kB.
const BUFFERS: usize = 4;
/// Bytes that are still taken after a refusal, so that a client that sends without listening gets to hear it.
const DRAINED_BYTES: usize = 64 << 20;

/// Somebody else writes.
pub(super) fn locked() -> Problem {
    let detail =
        "Another connection is sending this upload; wait until it ends, then ask for the offset and go on from there";
    Problem::new(StatusCode::LOCKED, detail)
}

impl Uploads {
    /// Appends a request's body at `offset`, and finishes the upload with its last byte. The new offset is durable when
    /// it returns. `stopping` becomes true once the server is to end. A caller who goes away ends the piece; what has arrived counts, unless it has a checksum.
    pub(crate) async fn append(
        self: &Arc<Self>,
        upload: Arc<Upload>,
        offset: u64,
        checksum: Option<Checksum>,
        body: Body,
        mut stopping: watch::Receiver<bool>,
    ) -> Outcome<u64> {
        let _turn = self.writers.acquire().await.map_err(|error| Problem::internal("Waiting for a turn", error))?;
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
        if !upload.is_receiving() {
            return Ok(offset);
        }
        let writer = Writer { uploads: Arc::clone(self), upload, progress, checksum, start: offset };
        let (sender, receiver) = mpsc::channel(BUFFERS);
        let written = tokio::task::spawn_blocking(move || writer.run(receiver));
        // Whoever waits for this may go away at any time; the thread then finds its channel closed.
        let mut stream = body.into_data_stream();
        let told = loop {
            let next = tokio::select! {
                next = tokio::time::timeout(self.limits.idle, stream.next()) => next,
                _ = stopping.wait_for(|stopping| *stopping) => break Some("The server is about to stop"),
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
