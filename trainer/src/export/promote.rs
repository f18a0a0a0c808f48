//! `heimdall promote`: puts a published version in use, a newer one or one from before.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use heimdall_model::Promotion;

use super::disk;
use crate::print::print;

/// Which version.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of all models.
    models: PathBuf,
    /// The constellation's folder in it.
    constellation: String,
    /// The version.
    version: String,
    /// Why, kept in the list of models; needed for a version that failed a check.
    #[arg(long)]
    because: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { models, constellation, version, because } = arguments;
    // A blank is no reason.
    let because = because.as_ref().filter(|reason| !reason.trim().is_empty());
    let _changing = disk::Changing::begin(models)?;
    let mut index = disk::index(models)?;
    let promotion = Promotion { version: version.clone(), at: super::now(), reason: because.cloned() };
    index.promote(constellation, promotion)?;
    let card = disk::card(&models.join(constellation).join(version))?;
    let failed: Vec<&str> =
        card.checks.iter().filter(|check| !check.passed).map(|check| check.sentence.as_str()).collect();
    ensure!(
        failed.is_empty() || because.is_some(),
        "{version} failed: {}. Say why it is to be used all the same: --because REASON",
        failed.join("; ")
    );
    disk::write_index(models, &index)?;
    print(&format!("{constellation} {version} is in use\n"))?;
    Ok(ExitCode::SUCCESS)
}
