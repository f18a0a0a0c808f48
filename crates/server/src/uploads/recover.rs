//! What an earlier process left.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{Record, State, Upload, remove_if_there};
use crate::Objects;
use crate::folder::private;

/// The uploads of a folder, with what a crash left half done completed or taken back.
pub(super) fn uploads(folder: &Path, objects: &Objects) -> io::Result<Vec<Upload>> {
    let paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    let extension = |path: &Path, wanted: &str| path.extension().is_some_and(|extension| extension == wanted);
    let mut uploads = Vec::new();
    for path in &paths {
        if extension(path, "json") {
            match Record::read(path) {
                Ok(record) => uploads.extend(upload(folder, record, objects)?),
                Err(error) => tracing::error!("a record cannot be read and is left ({error}): {}", path.display()),
            }
        } else if extension(path, "new") || (extension(path, "part") && !path.with_extension("json").is_file()) {
            // It was never begun, or was being removed.
            remove_if_there(path)?;
        }
    }
    Ok(uploads)
}

fn upload(folder: &Path, record: Record, objects: &Objects) -> io::Result<Option<Upload>> {
    let part = folder.join(format!("{}.part", record.id));
    let there = part.is_file();
    if let State::Stored { sha256, stored_unix_ms, .. } = &record.state {
        if there {
            objects.place(&part, sha256)?;
        }
        let touched = *stored_unix_ms;
        let offset = record.length;
        let upload = Upload::new(folder, record, offset);
        upload.touch(touched);
        return Ok(Some(upload));
    }
    if !there {
        tracing::error!("upload {} has lost its bytes and is removed", record.id);
        remove_if_there(&folder.join(format!("{}.json", record.id)))?;
        return Ok(None);
    }
    let file = private(false).open(&part)?;
    let metadata = file.metadata()?;
    let counts = record.unchecked_from.unwrap_or(u64::MAX).min(record.length).min(metadata.len());
    if counts < metadata.len() {
        file.set_len(counts)?;
        file.sync_all()?;
    }
    let touched = metadata.mtime().saturating_mul(1000).max(record.created_unix_ms);
    let unchecked = record.unchecked_from.is_some();
    let upload = Upload::new(folder, record, counts);
    upload.touch(touched);
    if unchecked {
        upload.change(|record| record.unchecked_from = None)?;
    }
    Ok(Some(upload))
}
