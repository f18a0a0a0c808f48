//! The data folder that is measured with.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use heimdall_catalogue::Catalogue;

use crate::many_sessions;

/// Sessions in the catalogue.
pub const SESSIONS: usize = 100_000;

/// A new data folder with the catalogue, which is made once, and these models.
pub async fn data(folder: &Path, models: &Path) -> Result<PathBuf> {
    let kept = folder.join(format!("catalogue-{SESSIONS}.sqlite"));
    if !kept.is_file() {
        make(&kept).await.with_context(|| format!("cannot make {}", kept.display()))?;
    }
    let data = folder.join("data");
    if data.is_dir() {
        fs::remove_dir_all(&data).with_context(|| format!("cannot empty {}", data.display()))?;
    }
    copy(models, &data.join("models")).with_context(|| format!("cannot copy {}", models.display()))?;
    fs::copy(&kept, data.join("catalogue.sqlite")).with_context(|| format!("cannot copy {}", kept.display()))?;
    Ok(data)
}

async fn make(path: &Path) -> Result<()> {
    println!("making a catalogue of {SESSIONS} sessions, once (minutes): {}", path.display());
    let partial = path.with_extension("partial");
    if partial.is_file() {
        fs::remove_file(&partial)?;
    }
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let catalogue = Catalogue::open(&partial).await?;
    many_sessions::fill(&catalogue, SESSIONS).await?;
    catalogue.close().await;
    Ok(fs::rename(&partial, path)?)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy(&from, &to)? } else { fs::copy(&from, &to).map(drop)? }
    }
    Ok(())
}
