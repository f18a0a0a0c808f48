//! `heimdall locate FOLDER…`: each folder a scene.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use heimdall_localize::Verdict;
use heimdall_pipeline::Report;
use serde::Serialize;

use super::{Answer, Format, Locator, NO_FIX};
use crate::parallel;
use crate::print::print;

/// Scenes between two looks at the progress.
const AT_ONCE: usize = 4;

/// Locates the scene in each folder. A line of JSON each with `--format json`, else the answers below each other; what
/// cannot be located does not stop the others.
pub(super) fn run(folders: &[PathBuf], locator: &Locator) -> anyhow::Result<ExitCode> {
    let (mut failed, mut without_fix) = (0, 0);
    for (done, part) in folders.chunks(AT_ONCE).enumerate() {
        let answers = parallel::map(part.len(), |index| part.get(index).map(|folder| scene(folder, locator)));
        for (folder, answer) in part.iter().zip(answers.into_iter().flatten()) {
            let name = folder.display();
            match &answer {
                Ok(report) => without_fix += usize::from(report.fix.verdict == Verdict::NotLocatable),
                Err(error) => {
                    failed += 1;
                    eprintln!("heimdall: {name}: {error:#}");
                }
            }
            let text = match (locator.arguments.format, answer) {
                (Format::Json, answer) => {
                    serde_json::to_string(&Line { folder: name.to_string(), answer: Answer::of(answer) })?
                }
                (format, Ok(report)) => format!("{name}\n{}", format.write(&report).trim_end()),
                (_, Err(_)) => continue,
            };
            print(&format!("{text}\n"))?;
        }
        eprintln!("heimdall: {} of {} scenes", done * AT_ONCE + part.len(), folders.len());
    }
    Ok(match (failed, without_fix) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(NO_FIX),
        _ => ExitCode::FAILURE,
    })
}

/// A line of `--format json`.
#[derive(Serialize)]
struct Line {
    folder: String,
    #[serde(flatten)]
    answer: Answer,
}

/// The scene of a folder's files, of folders in it not.
fn scene(folder: &Path, locator: &Locator) -> anyhow::Result<Report> {
    locator.locate(&files(folder)?, locator.arguments.detail())
}

/// Files of a folder in the order of their names.
pub(super) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort_unstable();
    ensure!(!files.is_empty(), "there are no files in it");
    Ok(files)
}
