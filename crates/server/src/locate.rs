//! Locating stored recordings, by `heimdall locate` as child processes that stay: the page's answers, a network loaded
//! once, and a scene that goes wrong takes nothing with it but its own process.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::answering::{Answering, Question};

/// No scene may take longer.
const LIMIT: Duration = Duration::from_secs(60);
/// A process that nobody asked for so long ends, and gives back its memory.
const IDLE: Duration = Duration::from_secs(300);

/// A file under the name that its maker gave it.
#[derive(Clone, Debug)]
pub(crate) struct NamedFile {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// What is known of a scene once it was looked at: its report, or a sentence.
type Answer = Result<Box<RawValue>, String>;

/// A scene whose turn comes.
struct Job {
    question: Question,
    answer: oneshot::Sender<Answer>,
}

/// Locates, as many scenes at a time as there are cores.
#[derive(Debug)]
pub struct Locator {
    /// Folder in which scenes are put together.
    scenes: PathBuf,
    jobs: mpsc::Sender<Job>,
}

impl Locator {
    /// Runs `program`, with the networks of the folder `models`. Needs a runtime.
    #[must_use]
    pub fn new(program: PathBuf, models: PathBuf, scenes: PathBuf) -> Self {
        let (jobs, queue) = mpsc::channel(1);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..at_once() {
            tokio::spawn(work(program.clone(), models.clone(), Arc::clone(&queue)));
        }
        Self { scenes, jobs }
    }

    /// The report of a scene, as `heimdall locate --format json` gives it, with `--brief` or without.
    ///
    /// # Errors
    /// A sentence where there is none.
    pub(crate) async fn locate(&self, id: u64, files: &[NamedFile], brief: bool) -> Answer {
        let folder = self.scenes.join(id.to_string());
        let made = Folder::with(&folder, files).await;
        let failed = |error: std::io::Error| format!("the scene could not be put together on the server ({error})");
        let _folder = made.map_err(failed)?;
        let files = files.iter().map(|file| folder.join(&file.name)).collect();
        let (answer, answered) = oneshot::channel();
        let ending = || "the server is ending; ask again later".to_owned();
        self.jobs.send(Job { question: Question { files, brief }, answer }).await.map_err(|_| ending())?;
        // Where it lies on the server is nobody's business.
        let hidden = |sentence: String| sentence.replace(&format!("{}/", folder.display()), "");
        answered.await.map_err(|_| ending())?.map_err(hidden)
    }
}

/// Scenes that are located at a time.
pub(crate) fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Answers jobs, one after the other, until nobody can ask any more.
async fn work(program: PathBuf, models: PathBuf, queue: Arc<Mutex<mpsc::Receiver<Job>>>) {
    let mut process: Option<Answering> = None;
    loop {
        let next = async { queue.lock().await.recv().await };
        let Job { question, answer } = match tokio::time::timeout(IDLE, next).await {
            Ok(Some(job)) => job,
            Ok(None) => return,
            Err(_) => {
                process = None;
                continue;
            }
        };
        let given = match tokio::time::timeout(LIMIT, ask(&mut process, &program, &models, &question)).await {
            Ok(given) => given,
            Err(_) => {
                process = None;
                Err(format!("it took longer than {} s; give it shorter recordings", LIMIT.as_secs()))
            }
        };
        // Who asked may have gone.
        let _ = answer.send(given);
    }
}

/// The answer of the process, or of a new one where there is none or it has ended since.
async fn ask(process: &mut Option<Answering>, program: &Path, models: &Path, question: &Question) -> Answer {
    if let Some(mut running) = process.take()
        && let Ok(given) = running.ask(question).await
    {
        *process = Some(running);
        return given;
    }
    let started = Answering::start(program, models);
    let mut running = started.map_err(|error| format!("the program could not be started ({error})"))?;
    let given = running.ask(question).await?;
    *process = Some(running);
    given
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
