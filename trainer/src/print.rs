//! Standard output that a reader may close early (`heimdall locate … | head`).

use std::io::{ErrorKind, Write};

/// Writes `text`; a closed pipe is an end, not an error.
pub(crate) fn print(text: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
