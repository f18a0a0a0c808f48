//! Versions and the list of models on disk.

use std::path::Path;

use anyhow::{Context, Result};
use heimdall_model::{ModelCard, ModelIndex};

const CARD_FILE: &str = "metadata.json";
const INDEX_FILE: &str = "index.json";

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
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
    let failed = || format!("cannot write {}", path.display());
    let file = std::fs::File::create(&partial).with_context(failed)?;
    serde_json::to_writer_pretty(&file, index).with_context(failed)?;
    file.sync_all().with_context(failed)?;
    std::fs::rename(&partial, &path).with_context(failed)
}

/// A version's card.
pub(super) fn card(folder: &Path) -> Result<ModelCard> {
    Ok(ModelCard::parse(&read(&folder.join(CARD_FILE))?)?)
}

/// Writes everything beside its place and the card last: a folder with a card is whole.
pub(super) fn write_version(folder: &Path, files: &[(&str, Vec<u8>)], card: &ModelCard) -> Result<()> {
    let parent = folder.parent().context("the version's folder has a name")?;
    let partial = parent.join(format!(".{}.partial", card.version));
    let wrote = |path: &Path, bytes: &[u8]| {
        std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    std::fs::create_dir_all(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
    for (name, bytes) in files {
        wrote(&partial.join(name), bytes)?;
    }
    wrote(&partial.join(CARD_FILE), &serde_json::to_vec_pretty(card)?)?;
    std::fs::rename(&partial, folder).with_context(|| format!("cannot make {}", folder.display()))
}
