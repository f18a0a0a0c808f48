//! A stored file as the reader of recordings wants it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use heimdall_recording::ByteSource;

/// A stored file, read where it is asked for.
pub(crate) struct StoredFile {
    file: File,
    length: u64,
}

impl StoredFile {
    /// Blocks.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }
}

impl ByteSource for StoredFile {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        self.file.read_exact_at(buffer, offset).map_err(|error| error.to_string())
    }
}
