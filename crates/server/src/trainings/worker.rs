//! The queue and the one that works it off.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::process::Child;
use tokio::sync::{Mutex, Notify, broadcast, watch};

use super::store::Store;
use super::{
    Course, Places, Stage, Stations, TrainingError, TrainingRequest, TrainingSession, TrainingState, Wish, process,
};

/// How often the course of the training under way is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Events that a slow listener may be behind.
const BEHIND: usize = 256;
/// Exit status of `heimdall export` where a check failed.
const NOT_PROMOTED: i32 = 3;
/// Characters of a log's end that a failure's sentence quotes.
const QUOTED: usize = 400;

/// A training as the API shows it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct TrainingView {
    /// Its name in addresses.
    pub id: String,
    /// What was asked for.
    pub request: TrainingRequest,
    /// Where it stands.
    pub state: TrainingState,
    /// Its course so far.
    pub course: Course,
}

/// A training as the list shows it: without its course, which is long.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct TrainingSummary {
    /// Its name in addresses.
    pub id: String,
    /// What was asked for.
    pub request: TrainingRequest,
    /// Where it stands.
    pub state: TrainingState,
}

/// All trainings. Clones share them.
#[derive(Clone, Debug)]
pub struct Trainings {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    places: Places,
    store: Store,
    /// Held while a stage changes, so that a wish and the worker do not cross.
    stage: Mutex<()>,
    /// Held while the list of models may change.
    publishing: Mutex<()>,
    /// Something may be waiting, or the one under way is to stop.
    wake: Notify,
    /// The training whose program runs, also where it is no longer to.
    under_way: watch::Sender<Option<String>>,
    /// Ids of trainings that changed.
    changed: broadcast::Sender<String>,
}

impl Trainings {
    /// Opens the folder; what was running when the last server ended is put in the queue again.
    ///
    /// # Errors
    /// The disk.
    pub fn open(places: Places) -> Result<Self, TrainingError> {
        let store = Store::open(places.trainings.clone())?;
        for id in store.ids()? {
            // Of one that is damaged its own page tells; the others must not wait for it.
            let Ok(state) = store.state(&id).inspect_err(|error| tracing::error!("training {id}: {error}")) else {
                continue;
            };
            if state.stage.is_over() {
                store.forget_scenes(&id)?;
            } else if state.stage == Stage::Running {
                let sentence = "goes on after the server was started again".into();
                store.set_state(&id, &TrainingState { stage: Stage::Queued, since: now(), sentence, ..state })?;
            }
        }
        let shared = Shared {
            places,
            store,
            stage: Mutex::new(()),
            publishing: Mutex::new(()),
            wake: Notify::new(),
            under_way: watch::Sender::new(None),
            changed: broadcast::channel(BEHIND).0,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Ids of trainings as they change.
    pub fn changes(&self) -> broadcast::Receiver<String> {
        self.shared.changed.subscribe()
    }

    /// Names of the worlds.
    ///
    /// # Errors
    /// The disk.
    pub fn worlds(&self) -> Result<Vec<String>, TrainingError> {
        let folder = &self.shared.places.worlds;
        let entries = std::fs::read_dir(folder).map_err(TrainingError::disk("read", folder))?;
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut worlds: Vec<String> = names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect();
        worlds.sort_unstable();
        Ok(worlds)
    }

    /// Puts a training in the queue, which learns from `sessions` beside what it simulates, for `stations` instead of
    /// the world's.
    ///
    /// # Errors
    /// A request that cannot be followed, or the disk.
    pub async fn add(
        &self,
        request: &TrainingRequest,
        stations: Option<&Stations>,
        sessions: &[TrainingSession],
    ) -> Result<TrainingView, TrainingError> {
        let Shared { places, store, .. } = &*self.shared;
        request.validate()?;
        process::world(places, request)?;
        process::first_checkpoint(places, request)?;
        let _one = self.shared.stage.lock().await;
        let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%3f").to_string();
        let taken = store.ids()?;
        let id = (0..).map(|n: u32| format!("{stamp}-{n}")).find(|id| !taken.contains(id)).unwrap_or(stamp.clone());
        let ids = sessions.iter().map(|session| session.id.clone()).collect();
        let state = TrainingState { stage: Stage::Queued, since: now(), sentence: String::new(), sessions: ids };
        store.add(&id, request, stations, sessions, &state)?;
        self.tell(&id);
        self.view(&id)
    }

    /// One training.
    ///
    /// # Errors
    /// Where there is none, or its files are damaged.
    pub fn view(&self, id: &str) -> Result<TrainingView, TrainingError> {
        let store = &self.shared.store;
        Ok(TrainingView {
            id: id.to_owned(),
            request: store.request(id)?,
            state: store.state(id)?,
            course: store.course(id),
        })
    }

    /// All trainings, the newest first; one whose files are damaged is left out.
    ///
    /// # Errors
    /// The disk.
    pub fn list(&self) -> Result<Vec<TrainingSummary>, TrainingError> {
        let store = &self.shared.store;
        let summary = |id: String| {
            let (request, state) = (store.request(&id).ok()?, store.state(&id).ok()?);
            Some(TrainingSummary { id, request, state })
        };
        Ok(store.ids()?.into_iter().rev().filter_map(summary).collect())
    }

    /// What its programs said.
    ///
    /// # Errors
    /// Where there is no such training.
    pub fn log(&self, id: &str) -> Result<String, TrainingError> {
        self.shared.store.state(id)?;
        Ok(self.shared.store.log(id))
    }

    /// Puts a published version in use; the inner error is the sentence with which that was refused.
    ///
    /// # Errors
    /// Where the program cannot be started.
    pub async fn promote(
        &self,
        constellation: &str,
        version: &str,
        because: Option<&str>,
    ) -> Result<Result<(), String>, TrainingError> {
        // Beside a training that publishes, one of both lists would be lost.
        let _one = self.shared.publishing.lock().await;
        process::promote(&self.shared.places, constellation, version, because).await
    }

    /// Pauses, resumes or cancels.
    ///
    /// # Errors
    /// Where that makes no sense in its stage, or the disk.
    pub async fn wish(&self, id: &str, wish: Wish) -> Result<(), TrainingError> {
        let _one = self.shared.stage.lock().await;
        let state = self.shared.store.state(id)?;
        let Some(stage) = wish.applied(state.stage) else {
            let wish = match wish {
                Wish::Pause => "paused",
                Wish::Resume => "resumed",
                Wish::Cancel => "cancelled",
            };
            return Err(TrainingError::Stage { stage: format!("{:?}", state.stage).to_lowercase(), wish });
        };
        self.shared.store.set_state(id, &TrainingState { stage, since: now(), sentence: String::new(), ..state })?;
        // Of one whose program still runs, that is done when it has ended.
        if stage.is_over() && self.shared.under_way.borrow().as_deref() != Some(id) {
            self.shared.store.forget_scenes(id)?;
        }
        self.tell(id);
        Ok(())
    }

    /// Deletes a training that is over, with planes and checkpoints; versions it published stay.
    ///
    /// # Errors
    /// Where it is not over, or the disk.
    pub async fn remove(&self, id: &str) -> Result<(), TrainingError> {
        let mut under_way = self.shared.under_way.subscribe();
        loop {
            {
                let _one = self.shared.stage.lock().await;
                let stage = self.shared.store.state(id)?.stage;
                if !stage.is_over() {
                    return Err(TrainingError::Stage { stage: format!("{stage:?}").to_lowercase(), wish: "deleted" });
                }
                if under_way.borrow_and_update().as_deref() != Some(id) {
                    self.shared.store.remove(id)?;
                    self.tell(id);
                    return Ok(());
                }
            }
            // Its program has not ended yet and would write on. The sender is ours: this cannot fail.
            let _ = under_way.wait_for(|now| now.as_deref() != Some(id)).await;
        }
    }

    /// Works the queue off, one after another, for as long as the server lives.
    pub async fn work(&self) {
        let mut told = HashSet::new();
        loop {
            self.end_runs(&mut told).await;
            let next = {
                let _one = self.shared.stage.lock().await;
                self.take_next()
            };
            match next {
                Ok(Some((id, request))) => {
                    told.remove(&id);
                    self.follow(&id, &request).await;
                }
                Ok(None) => self.shared.wake.notified().await,
                Err(error) => {
                    tracing::error!("the queue of trainings cannot be read: {error}");
                    tokio::time::sleep(10 * LOOK).await;
                }
            }
        }
    }

    /// Tells a tracking server of runs that are over and could not say so: their program was killed, or this server with
    /// it. Between two trainings, so that nothing else writes what a run has told.
    async fn end_runs(&self, told: &mut HashSet<String>) {
        let Shared { places, store, .. } = &*self.shared;
        let ids = store.ids().unwrap_or_default();
        let ends = [(Stage::Published, "finished"), (Stage::Failed, "failed"), (Stage::Cancelled, "killed")];
        for (stage, ended) in ends {
            let is_new = |id: &&String| !told.contains(*id) && store.state(id).is_ok_and(|state| state.stage == stage);
            let new = ids.iter().filter(is_new).filter_map(|id| Some((id.clone(), store.tracked(id)?)));
            let (new, runs): (Vec<_>, Vec<_>) = new.unzip();
            if !runs.is_empty()
                && let Err(sentence) = process::track(places, ended, &runs).await
            {
                tracing::warn!("a tracking server is told at the next start what it missed: {sentence}");
            }
            told.extend(new);
        }
    }

    fn tell(&self, id: &str) {
        // Nobody may be listening.
        let _ = self.shared.changed.send(id.to_owned());
        self.shared.wake.notify_one();
    }

    fn take_next(&self) -> Result<Option<(String, TrainingRequest)>, TrainingError> {
        let store = &self.shared.store;
        while let Some(id) = store.next()? {
            let state = store.state(&id)?;
            match store.request(&id) {
                Ok(request) => {
                    store.set_state(&id, &TrainingState { stage: Stage::Running, since: now(), ..state })?;
                    self.shared.under_way.send_replace(Some(id.clone()));
                    self.tell(&id);
                    return Ok(Some((id, request)));
                }
                // Those behind it go on.
                Err(error) => {
                    let sentence = error.to_string();
                    store.set_state(&id, &TrainingState { stage: Stage::Failed, since: now(), sentence, ..state })?;
                    self.tell(&id);
                }
            }
        }
        Ok(None)
    }

    /// From training to a published version; ends early where a user says so.
    async fn follow(&self, id: &str, request: &TrainingRequest) {
        let result = self.run(id, request).await;
        let _one = self.shared.stage.lock().await;
        self.settle(id, result);
        self.shared.under_way.send_replace(None);
    }

    /// Keeps how a training's program ended, unless a user had ended or paused it.
    fn settle(&self, id: &str, result: Result<String, String>) {
        let store = &self.shared.store;
        let Ok(state) = store.state(id) else { return };
        let mut stage = state.stage;
        if stage == Stage::Running {
            let (end, sentence) = match result {
                Ok(sentence) => (Stage::Published, sentence),
                Err(sentence) => (Stage::Failed, sentence),
            };
            stage = end;
            if let Err(error) = store.set_state(id, &TrainingState { stage, since: now(), sentence, ..state }) {
                tracing::error!("the end of training {id} cannot be kept: {error}");
            }
            self.tell(id);
        }
        if stage.is_over()
            && let Err(error) = store.forget_scenes(id)
        {
            // Tried again when the server starts.
            tracing::error!("scenes of training {id} stay for now: {error}");
        }
    }

    /// Gives the sentence of its end, or of its failure.
    async fn run(&self, id: &str, request: &TrainingRequest) -> Result<String, String> {
        let Shared { places, store, .. } = &*self.shared;
        let sentence = |error: TrainingError| error.to_string();
        if !process::is_trained(store, id) {
            let status = self.wait(id, process::train(places, store, id, request).map_err(sentence)?).await?;
            if status != 0 {
                return Err(format!("training ended with {status}: {}", self.last_words(id)));
            }
        }
        let _one = self.shared.publishing.lock().await;
        match self.wait(id, process::publish(places, store, id).map_err(sentence)?).await? {
            0 | NOT_PROMOTED => Ok(self.last_words(id)),
            status => Err(format!("publishing ended with {status}: {}", self.last_words(id))),
        }
    }

    /// Waits for a program and tells of its progress; kills it where the training is no longer to run.
    async fn wait(&self, id: &str, mut child: Child) -> Result<i32, String> {
        // Waiting would close it, and the child ends with that.
        let _tied = child.stdin.take();
        let mut rows = 0;
        loop {
            tokio::select! {
                ended = child.wait() => {
                    let status = ended.map_err(|error| error.to_string())?;
                    return status.code().ok_or_else(|| "the program was killed".to_owned());
                }
                () = tokio::time::sleep(LOOK) => {}
            }
            let goes_on = match self.shared.store.state(id) {
                Ok(state) => state.stage == Stage::Running,
                Err(TrainingError::Unknown(_)) => false,
                // A disk that stumbles is no wish.
                Err(_) => true,
            };
            if !goes_on {
                child.kill().await.map_err(|error| error.to_string())?;
                return Err("stopped".into());
            }
            let now = self.shared.store.course(id).rows.len();
            if now != rows {
                rows = now;
                let _ = self.shared.changed.send(id.to_owned());
            }
        }
    }

    /// The last line that its programs said.
    fn last_words(&self, id: &str) -> String {
        let log = self.shared.store.log(id);
        let line = log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("without a word");
        // Progress is written over: what counts stands behind the last carriage return.
        let line = line.rsplit('\r').next().unwrap_or(line);
        line.chars().filter(|c| !c.is_control()).take(QUOTED).collect()
    }
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
