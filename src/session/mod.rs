//! What the page knows, and how it changes: events in, effects out, no browser.
//!
//! A solution is always one of the whole scene. Each change raises the generation; [`Session::handle`] then asks the
//! workers for what is missing, in this order: open, align, plan, extract, solve, hash. An answer to an older generation
//! is drawn only while nothing newer is there, and a channel is asked for again only when the plan's grid changed.

mod activity;
mod clocks;
mod event;
mod files;
mod history;
mod jobs;
mod network;
mod news;
mod places;
mod rows;
mod save;
mod scene;
mod solve;

use std::collections::{BTreeMap, HashMap};

use heimdall_pipeline::export::ExportFormat;
use heimdall_pipeline::network::{CardText, Errand, NetworkNews};
use heimdall_pipeline::{Checksums, Clocks, Plan, Report, Scene, SceneRecording, Settings};
use heimdall_recording::{Collection, Origin, Position, ReceiverRow, ReportRow, TypedFacts};

pub use activity::Activity;
pub use event::{Effect, Event, FileId, GroupId, JobId, Lane, Part};
pub use news::{News, NewsKind};
pub use places::Place;
pub use rows::{RecordingRow, ShownFact, TableRow};
pub use scene::{Lent, LentRecording};

use crate::preferences::Preferences;
use history::History;
use jobs::Job;

/// Files that are opened together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Names it.
    pub id: GroupId,
    /// Files with their names.
    pub files: Vec<(FileId, String)>,
    /// The user's answers.
    pub typed: TypedFacts,
    /// How far it is.
    pub state: GroupState,
    /// Sentences about its files.
    pub notices: Vec<String>,
    /// Recordings that should be among the files.
    pub collection: Option<Collection>,
}

/// How far a group of files is.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupState {
    /// A worker is on it.
    Opening,
    /// Cancelled before it was opened.
    Paused,
    /// Its contents are in the session.
    Open,
    /// It cannot be opened, for this reason.
    Refused(String),
}

/// A recording of the session.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Files that it came with.
    pub group: GroupId,
    /// File that holds its samples.
    pub file: FileId,
    /// Its place among the recordings of these files.
    pub place: usize,
    /// What goes to the solver.
    pub scene: SceneRecording,
    /// Why its samples could not be used, after it had been opened.
    pub failed: Option<String>,
}

/// Part of a group that was refused while the rest was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct PartRefusal {
    /// Files that it came with.
    pub group: GroupId,
    /// File name.
    pub name: String,
    /// A sentence.
    pub reason: String,
}

/// Something worth knowing about files that are in use but give no recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Names of the files.
    pub name: String,
    /// A sentence.
    pub sentence: String,
}

/// What the page knows.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// Files by group, in the order in which they came.
    pub groups: Vec<Group>,
    /// Recordings of the open groups.
    pub entries: Vec<Entry>,
    /// Refused parts of open groups.
    pub part_refusals: Vec<PartRefusal>,
    /// Rows of dropped receiver tables.
    pub receivers: Vec<(GroupId, ReceiverRow)>,
    /// Rows of dropped level and bearing tables.
    pub reports: Vec<(GroupId, ReportRow)>,
    /// What the user chose.
    pub settings: Settings,
    /// How things are to be shown.
    pub preferences: Preferences,
    /// Positions by station name, from the user or from an earlier visit.
    pub places: BTreeMap<String, Place>,
    /// The newest answer.
    pub report: Option<Report>,
    /// Generation of `report`.
    pub report_generation: u64,
    /// Rises with every change of the scene.
    pub generation: u64,
    /// True after 'cancel', until something changes or the user resumes.
    pub paused: bool,
    /// The solver's last failure, a sentence.
    pub trouble: Option<String>,
    /// Clocks aligned on a reference transmitter, and the scene that they are of.
    clocks: Option<(Scene, Option<Clocks>)>,
    /// What happened so far.
    pub news: Vec<News>,
    history: History,
    plan: Option<Plan>,
    planned_generation: u64,
    held: HashMap<String, Plan>,
    sums: BTreeMap<FileId, Checksums>,
    jobs: BTreeMap<JobId, Job>,
    wanted_export: Option<ExportFormat>,
    next_id: u32,
    /// Text of the list of models.
    models: Option<String>,
    /// The model's card that was fetched last.
    card: Option<CardText>,
    /// What is known of a network for the scene.
    network: NetworkNews,
    /// Rises with every change of `network`.
    network_revision: u64,
    /// Revision of the network that `report` holds.
    report_revision: u64,
    /// Generation that the last step about a network was asked for.
    stepped_generation: u64,
    /// What the network is to hear, and which samples it has heard of each recording.
    errand: Option<Errand>,
    listened: HashMap<String, String>,
    /// Errand that `network` answers.
    answered: Option<Errand>,
    /// Generation of that answer.
    answered_generation: u64,
}

impl Session {
    /// An empty session that knows positions and preferences from earlier visits.
    pub fn new(remembered: Vec<(String, Position)>, preferences: Preferences) -> Self {
        let place = |(name, position)| (name, Place { position, origin: Origin::Remembered });
        Self { places: remembered.into_iter().map(place).collect(), preferences, ..Self::default() }
    }

    /// Takes an event in; the effects are to be carried out in their order.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = Vec::new();
        let before = self.before(&event);
        self.take_in(event, &mut effects);
        before.into_iter().for_each(|before| self.keep(before));
        self.advance(&mut effects);
        effects
    }

    fn take_in(&mut self, event: Event, effects: &mut Vec<Effect>) {
        match event {
            Event::Dropped(files) => self.add_files(files, effects),
            Event::Answered(group, typed) => self.reopen(group, typed, effects),
            Event::Exchanged(recording) => self.exchange(&recording, effects),
            Event::Dismissed(group) => self.dismiss(group, effects),
            Event::Cleared => self.clear(effects),
            Event::Switched(receiver, on) => self.switch(receiver, on),
            Event::Placed(receiver, position, origin) => self.place(receiver, position, origin, effects),
            Event::Dragged(receiver, position) => self.place(receiver, position, Origin::Map, effects),
            Event::Forgot => self.forget(effects),
            Event::Set(settings) => self.set(settings),
            Event::Undone => self.undo(effects),
            Event::Redone => self.redo(effects),
            Event::Preferred(preferences) => {
                self.preferences = preferences;
                effects.push(Effect::Prefer(preferences));
            }
            Event::Failed(sentence) => self.note(NewsKind::Failure, sentence),
            Event::Told(sentence) => self.note(NewsKind::Done, sentence),
            Event::Cancelled => self.cancel(effects),
            Event::Resumed => self.resume(effects),
            Event::ExportWanted(format) => {
                self.wanted_export = Some(format);
                self.paused = false;
            }
            Event::SessionWanted => self.save(effects),
            Event::Replied(job, reply) => self.take_reply(job, reply, effects),
            Event::Died(job, message) => self.take_death(job, &message, effects),
            Event::SolverLost => self.held.clear(),
            Event::NetworkLost => self.listened.clear(),
            Event::Models(index) => self.take_models(index),
        }
    }

    fn fresh_id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id
    }

    /// Something changed that the solution depends on.
    fn changed(&mut self) {
        self.generation += 1;
        self.paused = false;
        self.trouble = None;
    }

    fn set(&mut self, settings: Settings) {
        if settings != self.settings {
            self.settings = settings;
            self.changed();
        }
    }

    fn switch(&mut self, receiver: String, on: bool) {
        self.settings.switched_off.retain(|name| *name != receiver);
        if !on {
            self.settings.switched_off.push(receiver);
        }
        self.changed();
    }

    /// True where nothing has been dropped.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Every file that gave no data, with its group and the reason.
    pub fn refusals(&self) -> Vec<PartRefusal> {
        let whole = self.groups.iter().filter_map(|group| match &group.state {
            GroupState::Refused(reason) => {
                Some(PartRefusal { group: group.id, name: group.name(), reason: reason.clone() })
            }
            _ => None,
        });
        let entries = self.entries.iter().filter_map(|entry| {
            let reason = entry.failed.clone()?;
            Some(PartRefusal { group: entry.group, name: entry.scene.id.clone(), reason })
        });
        whole.chain(self.part_refusals.iter().cloned()).chain(entries).collect()
    }

    /// What is worth knowing about tables and collections; a recording's row says its own.
    pub fn remarks(&self) -> Vec<Remark> {
        let names: Vec<String> =
            self.groups.iter().flat_map(|group| &group.files).map(|(_, name)| name.clone()).collect();
        let has_row = |group: &Group| self.entries.iter().any(|entry| entry.group == group.id);
        let remarks = self.groups.iter().filter(|group| !has_row(group)).flat_map(|group| {
            let missing = group.collection.as_ref().and_then(|collection| collection.notice(&names));
            let remark = |sentence| Remark { name: group.name(), sentence };
            group.notices.iter().cloned().chain(missing).map(remark).collect::<Vec<_>>()
        });
        remarks.collect()
    }
}

impl Group {
    /// Names of its files, for people.
    pub fn name(&self) -> String {
        let names: Vec<&str> = self.files.iter().map(|(_, name)| name.as_str()).collect();
        names.join(" + ")
    }
}

#[cfg(test)]
mod tests;
