//! Locating stored recordings, by the program itself as a child process: the page's answers, and a scene that goes wrong
//! takes nothing else with it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::process::Command;
use tokio::sync::Semaphore;

/// No scene may take longer.
const LIMIT: Duration = Duration::from_secs(60);
/// Exit status where there is a report and no fix.
const NO_FIX: i32 = 2;

/// A file under the name that its maker gave it.
#[derive(Clone, Debug)]
pub(crate) struct NamedFile {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// Locates, a few scenes at a time.
#[derive(Debug)]
pub struct Locator {
    program: PathBuf,
    models: PathBuf,
    /// Folder in which scenes are put together.
    scenes: PathBuf,
    turns: Semaphore,
}

impl Locator {
    /// Runs `program`, with the networks of the folder `models`.
    #[must_use]
    pub fn new(program: PathBuf, models: PathBuf, scenes: PathBuf) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { program, models, scenes, turns: Semaphore::new(cores) }
    }

    /// The report of a scene, byte for byte as `heimdall locate --format json` prints it.
    ///
    /// # Errors
    /// A sentence where there is none.
    pub(crate) async fn locate(&self, id: u64, files: &[NamedFile]) -> Result<Box<RawValue>, String> {
        let folder = self.scenes.join(id.to_string());
        let made = Folder::with(&folder, files).await;
        let failed = |error: std::io::Error| format!("the scene could not be put together on the server ({error})");
        let _folder = made.map_err(failed)?;
        let _turn = self.turns.acquire().await.map_err(|_| "the server is ending; ask again later")?;
        let mut command = Command::new(&self.program);
        command.args(["locate", "--format", "json"]);
        // A server that has published nothing has no networks to ask.
        if self.models.join("index.json").is_file() {
            command.arg("--models").arg(&self.models);
        }
        command.arg("--");
        command.args(files.iter().map(|file| folder.join(&file.name)));
        command.stdin(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(LIMIT, command.output()).await;
        let output =
            output.map_err(|_| format!("it took longer than {} s; give it shorter recordings", LIMIT.as_secs()))?;
        let output = output.map_err(|error| format!("the program could not be started ({error})"))?;
        if output.status.success() || output.status.code() == Some(NO_FIX) {
            return serde_json::from_slice(&output.stdout).map_err(|error| format!("the report is damaged ({error})"));
        }
        // Where it lies on the server is nobody's business.
        let said = String::from_utf8_lossy(&output.stderr).replace(&format!("{}/", folder.display()), "");
        Err(said.lines().last().unwrap_or("it ended without a word").trim_start_matches("heimdall: ").to_owned())
    }
}

/// A folder that goes with the scene.
struct Folder(PathBuf);

impl Folder {
    /// The files under their own names.
    async fn with(path: &Path, files: &[NamedFile]) -> std::io::Result<Self> {
        tokio::fs::create_dir_all(path).await?;
        let folder = Self(path.to_owned());
        for file in files {
            tokio::fs::symlink(std::path::absolute(&file.path)?, path.join(&file.name)).await?;
        }
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays is links, in a folder that is emptied when a server starts.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
