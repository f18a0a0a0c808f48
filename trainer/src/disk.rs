//! Files on disk as byte sources.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use heimdall_recording::ByteSource;

/// A file, read by slices.
pub(crate) struct DiskFile {
    file: File,
    len: u64,
}

impl DiskFile {
    /// Opens a file.
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(std::io::Error::other("it is a folder"));
        }
        Ok(Self { file, len: metadata.len() })
    }
}

impl ByteSource for DiskFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        self.file.read_exact_at(buffer, offset).map_err(|error| error.to_string())
    }
}
