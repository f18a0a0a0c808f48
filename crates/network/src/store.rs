use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use crate::error::NetworkError;

/// Writes a file whole or not at all: beside it, then renamed over it. What was there stays when the disk is full.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), NetworkError> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".partial");
    let partial = path.with_file_name(name);
    let written = File::create(&partial).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(source) = written.and_then(|()| fs::rename(&partial, path)) {
        // Room for whatever else the disk is needed for; that it cannot be removed is not worth a second message.
        let _ = fs::remove_file(&partial);
        return Err(NetworkError::Disk { doing: "write", source, path: path.to_path_buf() });
    }
    Ok(())
}
