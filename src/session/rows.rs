//! What the page shows of each receiver and recording, out of files, answers and report.

use heimdall_pipeline::network::OcclusionReport;
use heimdall_pipeline::{LevelReport, ReceiverReport, RecordingReport};
use heimdall_recording::{Fact, Position, Question, TimeGrade, TypedFacts};

use super::{Entry, GroupId, Session};
use crate::format;
use crate::preferences::Preferences;

/// A recording in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingRow {
    /// Unique name: the file's.
    pub id: String,
    /// Files that it came with.
    pub group: GroupId,
    /// Receiver that made it.
    pub receiver: String,
    /// False where the user switched the receiver off.
    pub on: bool,
    /// Why it takes no part in the answer.
    pub why_not: Option<String>,
    /// "−63.2 dBFS", "SNR 21.3 dB" …, the numbers that one compares.
    pub key_facts: Vec<String>,
    /// Everything that is known.
    pub facts: Vec<ShownFact>,
    /// Quality of its clock.
    pub grade: TimeGrade,
    /// Why.
    pub grade_reason: String,
    /// What only the user can answer.
    pub questions: Vec<Question>,
    /// What the user answered before.
    pub typed: TypedFacts,
    /// I and Q are exchanged.
    pub exchanged: bool,
    /// Sentences worth showing.
    pub notices: Vec<String>,
}

/// A fact as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownFact {
    /// What it is.
    pub name: &'static str,
    /// The value with its unit.
    pub value: String,
    /// Where it was learnt.
    pub origin: &'static str,
}

/// A receiver that sent no recording but a level or a bearing.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// Its name.
    pub receiver: String,
    /// False where the user switched it off.
    pub on: bool,
    /// Why it takes no part in the answer.
    pub why_not: Option<String>,
    /// Level and bearing.
    pub key_facts: Vec<String>,
}

impl Session {
    /// Names of the recordings in the list.
    pub fn recording_ids(&self) -> Vec<String> {
        self.entries.iter().filter(|entry| entry.failed.is_none()).map(|entry| entry.scene.id.clone()).collect()
    }

    /// A recording of the list.
    pub fn recording_row(&self, id: &str) -> Option<RecordingRow> {
        let entry = self.entries.iter().find(|entry| entry.scene.id == id)?;
        let receiver = self.receiver_of(entry);
        let report = self.report.as_ref();
        let reported = report.and_then(|report| report.recordings.iter().find(|recording| recording.name == id));
        let station = report.and_then(|report| report.receivers.iter().find(|other| other.name == receiver));
        let recording = &entry.scene.recording;
        let mut notices = recording.notices.clone();
        let more = reported.into_iter().flat_map(|reported| &reported.notices);
        notices.extend(more.filter(|notice| !recording.notices.contains(notice)).cloned());
        let group = self.groups.iter().find(|group| group.id == entry.group);
        notices.extend(group.into_iter().flat_map(|group| group.notices.iter().cloned()));
        let position = station.and_then(|station| station.position.as_ref());
        let questions = questions(entry, reported, position);
        // The question says the same, and takes the answer.
        let why_not = station.and_then(|station| station.why_not.clone());
        let why_not = why_not.filter(|_| !questions.contains(&Question::Position) || questions.len() > 1);
        Some(RecordingRow {
            id: id.to_owned(),
            group: entry.group,
            on: !self.settings.switched_off.contains(&receiver),
            why_not,
            key_facts: key_facts(entry, reported, station, self.preferences),
            facts: facts(entry, reported, position, self.preferences),
            grade: reported.map_or(recording.time_grade, |reported| reported.time_grade),
            grade_reason: reported.map_or(&recording.time_reason, |reported| &reported.time_reason).clone(),
            questions,
            typed: group.map(|group| group.typed.clone()).unwrap_or_default(),
            exchanged: recording.layout.iq_swapped,
            notices,
            receiver,
        })
    }

    /// Receivers that are known from tables only.
    pub fn table_rows(&self) -> Vec<TableRow> {
        let Some(report) = &self.report else { return Vec::new() };
        let has_recording = |name: &str| report.recordings.iter().any(|recording| recording.receiver == name);
        let tables = report.receivers.iter().filter(|receiver| !has_recording(&receiver.name));
        tables.map(|receiver| self.table_row(receiver)).collect()
    }

    fn table_row(&self, receiver: &ReceiverReport) -> TableRow {
        let bearing = |degrees: f64| format!("bearing {}°", format::number(degrees, 0));
        TableRow {
            receiver: receiver.name.clone(),
            on: !self.settings.switched_off.contains(&receiver.name),
            why_not: receiver.why_not.clone(),
            key_facts: receiver.level.iter().map(level).chain(receiver.bearing_deg.map(bearing)).collect(),
        }
    }
}

fn level(level: &LevelReport) -> String {
    format::decibels(level.level_db, if level.calibrated { "dBm" } else { "dB" })
}

/// "network: 1.2 km, ×1.4": how far the fix moves and its region grows where the network does not see the receiver.
fn occlusion(occlusion: &OcclusionReport, shown: Preferences) -> String {
    format!("network: {}, ×{}", shown.distance(occlusion.moved_m), format::number(occlusion.growth, 2))
}

fn key_facts(
    entry: &Entry,
    reported: Option<&RecordingReport>,
    station: Option<&ReceiverReport>,
    preferences: Preferences,
) -> Vec<String> {
    let level = reported.and_then(|reported| reported.level_dbfs).map(|level| format::decibels(level, "dBFS"));
    let ratio =
        reported.and_then(|reported| reported.snr_db).map(|ratio| format!("SNR {}", format::decibels(ratio, "dB")));
    let frequency = entry.scene.recording.center_frequency_hz.as_ref().map(|fact| format::frequency(fact.value));
    let rate = entry.scene.recording.sample_rate_hz.as_ref().map(|fact| format::rough_sample_rate(fact.value));
    let network = station.and_then(|station| station.occlusion.as_ref()).map(|seen| occlusion(seen, preferences));
    let known = [level, ratio, frequency, rate, network].into_iter().flatten();
    // A number and its unit stay on one line.
    known.map(|fact| fact.replace(' ', "\u{a0}")).collect()
}

fn facts(
    entry: &Entry,
    reported: Option<&RecordingReport>,
    position: Option<&Fact<Position>>,
    preferences: Preferences,
) -> Vec<ShownFact> {
    fn shown<T>(name: &'static str, fact: Option<&Fact<T>>, text: impl Fn(&T) -> String) -> Option<ShownFact> {
        fact.map(|fact| ShownFact { name, value: text(&fact.value), origin: format::origin(fact.origin) })
    }
    let plain = |name, value: Option<String>| value.map(|value| ShownFact { name, value, origin: "" });
    let recording = &entry.scene.recording;
    let start = reported.and_then(|reported| reported.start_time.as_ref());
    let length = reported.and_then(|reported| reported.duration_s);
    let sum = entry.scene.sha256.clone().filter(|sum| !sum.is_empty());
    [
        plain("Format", Some(recording.container.clone())),
        shown("Station", recording.station.as_ref(), String::clone),
        shown("Position", position.or(recording.position.as_ref()), |position| preferences.coordinates(*position)),
        shown("Start", start, |time| format::time(time)),
        plain("Length", length.map(format::duration)),
        shown("Sample rate", recording.sample_rate_hz.as_ref(), |rate| format!("{} S/s", format::number(*rate, 4))),
        shown("Frequency", recording.center_frequency_hz.as_ref(), |hertz| format::frequency(*hertz)),
        plain("Samples", Some(recording.sample_count.to_string())),
        plain("SHA-256", sum),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The position is no question any more where a table or the user gave it.
fn questions(entry: &Entry, reported: Option<&RecordingReport>, position: Option<&Fact<Position>>) -> Vec<Question> {
    let open = reported.map_or(&entry.scene.recording.questions, |reported| &reported.questions);
    open.iter().copied().filter(|question| *question != Question::Position || position.is_none()).collect()
}
