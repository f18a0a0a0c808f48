//! The scene as the solver sees it.

use heimdall_pipeline::{Refusal, Scene};
use heimdall_recording::{Fact, Origin, Question, Recording, ReportRow};

use super::{Entry, FileId, GroupState, Place, Session};

impl Session {
    pub(super) fn has_evidence(&self) -> bool {
        !self.reports.is_empty() || self.entries.iter().any(|entry| entry.failed.is_none())
    }

    /// Everything but the samples.
    pub(super) fn scene(&self) -> Scene {
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

    /// Files of the open groups, and JSON of what is known of them: centre frequency, start of the first recording,
    /// length of the longest; each recording as `[receiver, which of the files, Recording]`; the plan.
    pub fn lent(&self) -> (Vec<FileId>, String) {
        let open = self.groups.iter().filter(|group| group.state == GroupState::Open);
        let files: Vec<FileId> = open.flat_map(|group| group.files.iter().map(|(file, _)| *file)).collect();
        let recordings = || self.entries.iter().map(|entry| &entry.scene.recording);
        let length =
            |recording: &Recording| Some(recording.sample_count as f64 / recording.sample_rate_hz.as_ref()?.value);
        let center_frequency_hz = recordings().find_map(|r| Some(r.center_frequency_hz.as_ref()?.value));
        let start_ns = recordings().filter_map(|r| Some(r.start_time_unix_ns.as_ref()?.value)).min();
        let duration_s = recordings().filter_map(length).max_by(f64::total_cmp);
        let shown = |number: Option<f64>| number.map_or_else(|| "null".to_owned(), |number| number.to_string());
        let [frequency, start, duration] =
            [center_frequency_hz, start_ns.map(|ns| ns as f64 * 1e-6), duration_s].map(shown);
        let usable = self.entries.iter().filter(|entry| entry.failed.is_none());
        let lent = usable.filter_map(|entry| {
            let file = files.iter().position(|file| *file == entry.file)?;
            Some((self.receiver_of(entry), file, &entry.scene.recording))
        });
        let recordings = serde_json::to_string(&lent.collect::<Vec<_>>()).unwrap_or_default();
        let plan = serde_json::to_string(&self.plan).unwrap_or_default();
        let facts = format!(
            r#"{{"center_frequency_hz":{frequency},"start_unix_ms":{start},"duration_s":{duration},"recordings":{recordings},"plan":{plan}}}"#
        );
        (files, facts)
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
