//! A session as one tar archive that is made while it is sent: memory does not grow with the recordings.

mod classic;
pub(crate) mod samples;
pub(crate) mod sigmf;
mod tar;

use std::io;
use std::path::PathBuf;

use axum::body::{Body, Bytes};
use heimdall_catalogue::{Place, Session, SessionRecording};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::ToSchema;

/// Pieces that wait for a slow client.
const WAITING: usize = 4;

/// A recording of the session with what the catalogue knows beside it.
pub(crate) struct Source {
    /// The recording.
    pub(crate) recording: SessionRecording,
    /// Where its samples are.
    pub(crate) path: PathBuf,
    /// Where its receiver is, as surveyed.
    pub(crate) place: Option<Place>,
}

/// How a session is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Layout {
    /// A SigMF collection: `.sigmf-data`, `.sigmf-meta` and `.sigmf-collection`.
    #[default]
    Sigmf,
    /// `sessions/<id>/websdr_<n>.npy` and `metadata.json`.
    Classic,
}

/// The session as an archive.
pub(crate) fn archive(session: Session, sources: Vec<Source>, layout: Layout) -> Body {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let mut archive = tar::Archive::new(Pipe(sender.clone()));
        let written = match layout {
            Layout::Sigmf => sigmf::write(&session, &sources, &mut archive),
            Layout::Classic => classic::write(&session, &sources, &mut archive),
        };
        let written = written.and_then(|()| archive.finish());
        if let Err(error) = written {
            tracing::warn!("the export of session {} broke off: {error}", session.id);
            // The client sees that the end is missing.
            let _ = sender.blocking_send(Err(error));
        }
    });
    Body::from_stream(ReceiverStream::new(receiver))
}

/// What is written is the body of the answer.
struct Pipe(mpsc::Sender<io::Result<Bytes>>);

impl io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the client has gone"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
