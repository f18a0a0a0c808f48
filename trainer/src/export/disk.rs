//! Versions and the list of models on disk.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use heimdall_model::{ModelCard, ModelIndex};

const CARD_FILE: &str = "metadata.json";
const INDEX_FILE: &str = "index.json";

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Held while a folder of models changes: of two programs that read its list and write it anew, one would be lost.
pub(super) struct Changing {
    /// Its lock ends with the process, however that ends.
    _folder: File,
}

impl Changing {
    /// Waits for whoever is changing the folder.
    pub(super) fn begin(models: &Path) -> Result<Self> {
        let failed = || format!("cannot lock {}", models.display());
        let folder = File::open(models).with_context(failed)?;
        folder.lock().with_context(failed)?;
        Ok(Self { _folder: folder })
    }
}

/// The list of models in a folder; empty where there is none yet.
pub(super) fn index(models: &Path) -> Result<ModelIndex> {
    let path = models.join(INDEX_FILE);
    if !path.exists() {
        return Ok(ModelIndex::default());
    }
    ModelIndex::parse(&read(&path)?).with_context(|| path.display().to_string())
}

/// Puts a list in place of the one before, whole or not at all.
pub(super) fn write_index(models: &Path, index: &ModelIndex) -> Result<()> {
    let (path, partial) = (models.join(INDEX_FILE), models.join(format!(".{INDEX_FILE}.partial")));
    write(&partial, &serde_json::to_vec_pretty(index)?)?;
    std::fs::rename(&partial, &path).with_context(|| format!("cannot write {}", path.display()))?;
    sync(models)
}

/// A version's card.
pub(super) fn card(folder: &Path) -> Result<ModelCard> {
    Ok(ModelCard::parse(&read(&folder.join(CARD_FILE))?)?)
}

/// Writes everything beside its place and the card last: a folder with a card is whole.
pub(super) fn write_version(folder: &Path, files: &[(&str, Vec<u8>)], card: &ModelCard) -> Result<()> {
    let folder = std::path::absolute(folder)?;
    let parent = folder.parent().context("the version's folder has a name")?;
    let partial = parent.join(format!(".{}.partial", card.version));
    if partial.exists() {
        // Left by one that was killed, perhaps with files that this version does not have.
        std::fs::remove_dir_all(&partial).with_context(|| format!("cannot remove {}", partial.display()))?;
    }
    std::fs::create_dir_all(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
    for (name, bytes) in files {
        write(&partial.join(name), bytes)?;
    }
    write(&partial.join(CARD_FILE), &serde_json::to_vec_pretty(card)?)?;
    sync(&partial)?;
    std::fs::rename(&partial, &folder).with_context(|| format!("cannot make {}", folder.display()))?;
    sync(parent)
}

/// Writes a file; it is on the disk when this returns.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = File::create(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// Makes the names in a folder durable.
fn sync(folder: &Path) -> Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("cannot write {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_who_change_the_list_one_waits_for_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let first = Changing::begin(folder.path()).unwrap();
        let other = File::open(folder.path()).unwrap();
        assert!(other.try_lock().is_err(), "it is held");
        drop(first);
        other.try_lock().unwrap();
    }
}
