//! The programs of a training: `heimdall train`, then `heimdall export`.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use super::store::{LOG_FILE, RUN_FOLDER, SESSIONS_FILE, Store};
use super::{Places, TrainingError, TrainingRequest};

/// The queue waits no longer for a tracking server; it is told again after the next start.
const TRACK_LIMIT: Duration = Duration::from_secs(60);
/// The checkpoint that a run goes on from.
const LAST_CHECKPOINT: &str = "last.safetensors";
/// The finished network of a run.
const FINISHED: &str = "model.safetensors";
/// The checkpoint of a published version.
const PUBLISHED_CHECKPOINT: &str = "checkpoint.safetensors";

/// The file of a world.
pub(super) fn world(places: &Places, request: &TrainingRequest) -> Result<PathBuf, TrainingError> {
    let path = places.worlds.join(format!("{}.json", request.world));
    if path.is_file() { Ok(path) } else { Err(TrainingError::World(request.world.clone())) }
}

/// The checkpoint that a training begins with, if any. Folders of models are named after constellations.
pub(super) fn first_checkpoint(places: &Places, request: &TrainingRequest) -> Result<Option<PathBuf>, TrainingError> {
    let Some(version) = &request.from_version else { return Ok(None) };
    let unknown = || TrainingError::Version(version.clone());
    if version.contains('/') {
        let path = places.models.join(version).join(PUBLISHED_CHECKPOINT);
        return if path.is_file() { Ok(Some(path)) } else { Err(unknown()) };
    }
    let folders = std::fs::read_dir(&places.models).map_err(|_| unknown())?;
    let paths = folders.flatten().map(|folder| folder.path().join(version).join(PUBLISHED_CHECKPOINT));
    let found: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    match found.as_slice() {
        [one] => Ok(Some(one.clone())),
        _ => Err(unknown()),
    }
}

/// Whether training is done and only publishing is left.
pub(super) fn is_trained(store: &Store, id: &str) -> bool {
    store.folder(id).join(RUN_FOLDER).join(FINISHED).is_file()
}

/// Starts training, or goes on with it.
pub(super) fn train(
    places: &Places,
    store: &Store,
    id: &str,
    request: &TrainingRequest,
) -> Result<Child, TrainingError> {
    let (folder, run) = (store.folder(id), store.folder(id).join(RUN_FOLDER));
    let mut arguments: Vec<OsString> = vec!["train".into(), world(places, request)?.into()];
    let mut flag = |name: &str, value: OsString| arguments.extend([name.into(), value]);
    flag("--out", run.clone().into());
    flag("--config", store.config(id).into());
    flag("--sessions", folder.join(SESSIONS_FILE).into());
    if let Some(table) = store.stations(id) {
        flag("--receivers", table.into());
    }
    if let Some(seed) = request.seed {
        flag("--seed", seed.to_string().into());
    }
    if let Some(scenes) = request.simulated_scenes {
        flag("--scenes", scenes.to_string().into());
    }
    if run.join(LAST_CHECKPOINT).is_file() {
        arguments.push("--resume".into());
    } else if let Some(checkpoint) = first_checkpoint(places, request)? {
        arguments.extend(["--from".into(), checkpoint.into()]);
    }
    start(places, &folder, arguments)
}

/// Publishes what was trained; it is used if it passes the checks.
pub(super) fn publish(places: &Places, store: &Store, id: &str) -> Result<Child, TrainingError> {
    let folder = store.folder(id);
    let arguments = vec![
        "export".into(),
        folder.join(RUN_FOLDER).into(),
        "--models".into(),
        places.models.clone().into(),
        "--weights".into(),
        "f16".into(),
    ];
    start(places, &folder, arguments)
}

/// Puts a published version in use. The sentence of a refusal, where it refuses.
pub(super) async fn promote(
    places: &Places,
    constellation: &str,
    version: &str,
    because: Option<&str>,
) -> Result<Result<(), String>, TrainingError> {
    let mut command = Command::new(&places.program);
    command.arg("promote").arg(&places.models);
    if let Some(reason) = because {
        // In one word: a reason may begin as a flag does.
        command.arg(format!("--because={reason}"));
    }
    // What comes from outside is never read as a flag.
    command.arg("--").args([constellation, version]).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.map_err(TrainingError::disk("start", &places.program))?;
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(if output.status.success() { Ok(()) } else { Err(said.trim().trim_start_matches("heimdall: ").to_owned()) })
}

/// Tells a tracking server that runs are over, and what it missed of them. The sentence where that was not all done.
pub(super) async fn track(places: &Places, ended: &str, runs: &[PathBuf]) -> Result<(), String> {
    let mut command = Command::new(&places.program);
    command.arg("track").args(["--ended", ended, "--"]).args(runs).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(TRACK_LIMIT, command.output()).await;
    let output = output.map_err(|_| "the tracking server does not answer".to_owned())?;
    let output = output.map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(said.trim().to_owned()) }
}

/// A child that ends when its standard input closes, and so with this process however that ends; its words go to the
/// training's log.
fn start(places: &Places, folder: &Path, arguments: Vec<OsString>) -> Result<Child, TrainingError> {
    let path = folder.join(LOG_FILE);
    let open = || -> std::io::Result<(File, File)> {
        let log = OpenOptions::new().create(true).append(true).open(&path)?;
        Ok((log.try_clone()?, log))
    };
    let (out, err) = open().map_err(TrainingError::disk("write", &path))?;
    let mut command = Command::new(&places.program);
    command.arg("--attached").args(arguments).stdin(Stdio::piped()).stdout(out).stderr(err).kill_on_drop(true);
    command.spawn().map_err(TrainingError::disk("start", &places.program))
}
