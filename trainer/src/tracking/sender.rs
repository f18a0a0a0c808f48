//! A thread that sends beside a training.

use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender as Signal};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::send::send;

/// Time between two tries.
const PAUSE: Duration = Duration::from_secs(2);

/// Sends until it is ended; nothing of a training waits for it.
pub(crate) struct Sender {
    end: Signal<()>,
    thread: JoinHandle<Option<String>>,
}

impl Sender {
    /// Sends what the journal in `folder` holds, again and again.
    pub(crate) fn start(folder: &Path) -> Self {
        let (end, ended) = mpsc::channel();
        let folder = folder.to_owned();
        let thread = thread::spawn(move || {
            loop {
                let over = !matches!(ended.recv_timeout(PAUSE), Err(RecvTimeoutError::Timeout));
                let trouble = send(&folder).err().map(|error| format!("{error:#}"));
                if over {
                    return trouble;
                }
            }
        });
        Self { end, thread }
    }

    /// Tries once more, and gives a sentence where something is left.
    pub(crate) fn end(self) -> Option<String> {
        // It may have ended by itself.
        let _ = self.end.send(());
        self.thread.join().ok().flatten()
    }
}
