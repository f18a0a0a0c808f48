//! Files made for one test, gone after it.

use std::fs;
use std::path::{Path, PathBuf};

use heimdall_simulate::NamedBytes;
use tempfile::TempDir;

/// A folder that vanishes with the test.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn write_all(&self, files: &[NamedBytes]) -> Vec<PathBuf> {
        files.iter().map(|file| self.write(&file.name, &file.bytes)).collect()
    }

    /// A file of this length that holds these bytes at its start and nothing but zeros after them; where the file
    /// system can, it takes no room.
    pub fn write_sparse(&self, name: &str, start: &[u8], length: u64) -> PathBuf {
        let path = self.write(name, start);
        fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length).unwrap();
        path
    }
}

/// The files and one more.
pub fn with(files: &[PathBuf], more: &Path) -> Vec<PathBuf> {
    files.iter().cloned().chain([more.to_owned()]).collect()
}

/// The data files and metadata files of the recordings whose number in the scene is listed, from 1.
pub fn recordings(files: &[PathBuf], scene: &str, numbers: &[usize]) -> Vec<PathBuf> {
    let wanted = |path: &&PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        numbers.iter().any(|number| name.starts_with(&format!("{scene}-{number}-")))
    };
    files.iter().filter(wanted).cloned().collect()
}

/// 16-bit stereo PCM with this rate in its header and the samples' true length.
pub fn wav(rate_hz: u32, samples: &[i16]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|value| value.to_le_bytes()).collect();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((data.len() as u32 + 36).to_le_bytes());
    bytes.extend(b"WAVE");
    bytes.extend(wav_format(rate_hz));
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

/// The head of a 16-bit stereo RF64 file (EBU Tech 3306) of this length; the samples follow it.
pub fn rf64_head(rate_hz: u32, length: u64) -> Vec<u8> {
    let data_length = length - 80;
    let mut bytes = b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0".to_vec();
    bytes.extend((length - 8).to_le_bytes());
    bytes.extend(data_length.to_le_bytes());
    bytes.extend((data_length / 4).to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(wav_format(rate_hz));
    bytes.extend(b"data\xff\xff\xff\xff");
    assert_eq!(bytes.len(), 80);
    bytes
}

fn wav_format(rate_hz: u32) -> Vec<u8> {
    let mut bytes = b"fmt \x10\0\0\0\x01\0\x02\0".to_vec();
    bytes.extend(rate_hz.to_le_bytes());
    bytes.extend(rate_hz.wrapping_mul(4).to_le_bytes());
    bytes.extend([4, 0, 16, 0]);
    bytes
}
