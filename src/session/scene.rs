//! The scene as the solver sees it.

use heimdall_localize::Fix;
use heimdall_pipeline::network::NetworkReport;
use heimdall_pipeline::{Plan, Refusal, Scene, Spectrum};
use heimdall_recording::{Fact, Origin, Position, Question, Recording, ReportRow};
use serde::{Deserialize, Serialize};

use super::{Entry, FileId, GroupState, Place, Session};

/// What parts of the page that were loaded later may know of the scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lent {
    /// [`Session::generation`]: another number is another scene.
    pub generation: u64,
    /// The recordings that can be used.
    pub recordings: Vec<LentRecording>,
    /// What the experts take of them.
    pub plan: Option<Plan>,
    /// The answer, unless a newer one is on its way.
    pub fix: Option<Fix>,
    /// The network's part in it.
    pub network: Option<NetworkReport>,
}

/// A recording of the scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LentRecording {
    /// Name of the receiver.
    pub receiver: String,
    /// Which of the files beside it holds the samples.
    pub file: usize,
    /// What is known of it.
    pub recording: Recording,
    /// Its mean spectrum, from the first look.
    pub spectrum: Spectrum,
    /// Where the user or a table put its receiver, where they did.
    #[serde(default)]
    pub placed: Option<Position>,
}

impl LentRecording {
    /// Where its receiver is, as the solver takes it.
    pub fn position(&self) -> Option<Position> {
        self.placed.or_else(|| self.recording.position.as_ref().map(|fact| fact.value))
    }
}

impl Session {
    pub(super) fn has_evidence(&self) -> bool {
        !self.reports.is_empty() || self.entries.iter().any(|entry| entry.failed.is_none())
    }

    /// Everything but the samples.
    pub(super) fn scene(&self) -> Scene {
        let mut scene = self.bare_scene();
        if let Some(clocks) = self.clocks_in_force() {
            clocks.apply(&mut scene);
        }
        scene
    }

    /// The scene with the clocks that the recordings themselves have.
    pub(super) fn bare_scene(&self) -> Scene {
        let usable = self.entries.iter().filter(|entry| entry.failed.is_none());
        let refused = self.refusals().into_iter();
        Scene {
            recordings: usable.map(|entry| self.placed(entry)).collect(),
            receivers: self.receivers.iter().map(|(_, row)| row.clone()).collect(),
            reports: self.reports.iter().map(|(_, row)| self.placed_report(row)).collect(),
            collections: self.groups.iter().filter_map(|group| group.collection.clone()).collect(),
            refused: refused.map(|part| Refusal { name: part.name, reason: part.reason }).collect(),
            settings: self.settings.clone(),
            ..Scene::default()
        }
    }

    /// Files of the open groups, and what is known of them.
    pub fn lent(&self) -> (Vec<FileId>, Lent) {
        let open = self.groups.iter().filter(|group| group.state == GroupState::Open);
        let files: Vec<FileId> = open.flat_map(|group| group.files.iter().map(|(file, _)| *file)).collect();
        let usable = self.entries.iter().filter(|entry| entry.failed.is_none());
        let recordings = usable.filter_map(|entry| {
            let file = files.iter().position(|file| *file == entry.file)?;
            let (receiver, recording) = (self.receiver_of(entry), entry.scene.recording.clone());
            let (placed, spectrum) = (self.put(&receiver, &recording), entry.scene.survey.spectrum.clone());
            Some(LentRecording { receiver, file, recording, spectrum, placed })
        });
        let report = self.report.as_ref().filter(|_| !self.is_report_stale());
        let lent = Lent {
            generation: self.generation,
            recordings: recordings.collect(),
            plan: self.plan.clone(),
            fix: report.map(|report| report.fix.clone()),
            network: report.and_then(|report| report.network.clone()),
        };
        (files, lent)
    }

    /// The recording at the place where the user put its receiver, now or on an earlier visit.
    fn placed(&self, entry: &Entry) -> heimdall_pipeline::SceneRecording {
        let mut scene = entry.scene.clone();
        if let Some(place) = self.place_of(&self.receiver_of(entry)) {
            scene.recording.position = Some(Fact::new(place.position, place.origin));
            scene.recording.questions.retain(|question| *question != Question::Position);
        }
        scene
    }

    /// Where somebody put the receiver of a recording, as the solver settles it: by the page, by what was typed of the
    /// file, by a table.
    fn put(&self, receiver: &str, recording: &Recording) -> Option<Position> {
        if let Some(place) = self.place_of(receiver) {
            return Some(place.position);
        }
        let own = recording.position.as_ref().filter(|fact| fact.origin >= Origin::Remembered);
        let in_table = || self.receivers.iter().find(|(_, row)| row.name.eq_ignore_ascii_case(receiver));
        own.map(|fact| fact.value).or_else(|| in_table().map(|(_, row)| row.position))
    }

    /// A reported level or bearing at the place where the user put its receiver.
    fn placed_report(&self, row: &ReportRow) -> ReportRow {
        match self.place_of(&row.receiver).filter(|place| place.origin != Origin::Remembered) {
            Some(place) => ReportRow { position: Some(place.position), local_enu_m: None, ..row.clone() },
            None => row.clone(),
        }
    }

    /// A dropped table hides the memory of an older one; what the user does now hides both.
    fn place_of(&self, receiver: &str) -> Option<&Place> {
        let in_tables = || self.receivers.iter().any(|(_, row)| row.name.eq_ignore_ascii_case(receiver));
        self.places.get(receiver).filter(|place| place.origin != Origin::Remembered || !in_tables())
    }

    /// Name of the receiver that made a recording: as the solver named it, or as the recording says.
    pub fn receiver_of(&self, entry: &Entry) -> String {
        let reported = self.report.iter().flat_map(|report| &report.recordings);
        let known =
            reported.filter(|recording| recording.name == entry.scene.id).map(|recording| recording.receiver.clone());
        let station = entry.scene.recording.station.as_ref().map(|station| station.value.clone());
        known.into_iter().next().or(station).unwrap_or_else(|| entry.scene.id.clone())
    }
}
