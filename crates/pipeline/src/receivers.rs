//! The scene's receivers: who they are, where they are, and which recording speaks for each.

use heimdall_localize::{Geodesy, LocalFrame};
use heimdall_recording::{Fact, Origin, Position, Recording};

use crate::{Scene, SceneRecording};

/// Where scenes in local metres are laid on the ellipsoid; at their size nothing else matters.
pub(crate) const LOCAL_ORIGIN: LocalFrame = LocalFrame { origin: Position { latitude_deg: 0.0, longitude_deg: 0.0 } };

/// One receiver of the scene.
#[derive(Clone, Debug)]
pub(crate) struct SceneReceiver {
    pub(crate) name: String,
    pub(crate) position: Option<Fact<Position>>,
    /// Index of its recording.
    pub(crate) recording: Option<usize>,
    /// Mean of its reported levels, dBm, and their σ.
    pub(crate) level: Option<(f64, f64)>,
    /// Bearing and σ, degrees.
    pub(crate) bearing: Option<(f64, f64)>,
    pub(crate) switched_off: bool,
    /// Why it cannot take part.
    pub(crate) why_not: Option<String>,
}

/// Station name of a recording, else its file name without extension.
pub(crate) fn station(recording: &Recording) -> String {
    let stem = || recording.name.rsplit_once('.').map_or(recording.name.as_str(), |(stem, _)| stem).to_string();
    recording.station.as_ref().map_or_else(stem, |station| station.value.clone())
}

/// Receivers of the scene in the order of their recordings, then those known by reports alone.
pub(crate) fn receivers(scene: &Scene) -> Vec<SceneReceiver> {
    let mut receivers: Vec<SceneReceiver> = Vec::new();
    for (index, entry) in scene.recordings.iter().enumerate() {
        let name = unique(&receivers, &station(&entry.recording));
        let twin = scene.recordings.iter().take(index).find(|earlier| same_samples(earlier, entry));
        let why_not = twin
            .map(|twin| format!("{} holds the same samples as {}.", entry.recording.name, twin.recording.name))
            .or_else(|| unusable(entry));
        receivers.push(SceneReceiver {
            position: position(scene, &name, &entry.recording),
            recording: Some(index),
            level: None,
            bearing: None,
            switched_off: scene.settings.switched_off.contains(&name),
            why_not,
            name,
        });
    }
    add_reports(scene, &mut receivers);
    receivers
}

/// Name of the receiver that a recording speaks for.
pub(crate) fn name_of(scene: &Scene, id: &str) -> Option<String> {
    let speaks = |receiver: &SceneReceiver| {
        receiver.recording.and_then(|index| scene.recordings.get(index)).is_some_and(|entry| entry.id == id)
    };
    receivers(scene).into_iter().find(speaks).map(|receiver| receiver.name)
}

fn unique(receivers: &[SceneReceiver], name: &str) -> String {
    let taken = |candidate: &str| receivers.iter().any(|receiver| receiver.name == candidate);
    let numbered = |n: usize| if n == 1 { name.to_string() } else { format!("{name} ({n})") };
    (1..).map(numbered).find(|candidate| !taken(candidate)).unwrap_or_else(|| name.to_string())
}

fn same_samples(a: &SceneRecording, b: &SceneRecording) -> bool {
    !a.survey.silent
        && a.survey.fingerprint == b.survey.fingerprint
        && a.recording.sample_count == b.recording.sample_count
}

/// Why a recording cannot be used at all.
pub(crate) fn unusable(entry: &SceneRecording) -> Option<String> {
    use heimdall_recording::Question;
    let asked = |question| entry.recording.questions.contains(&question);
    if asked(Question::IsItIq) {
        Some("It looks like audio or real channels, not IQ. Answer 'treat as IQ' if it is.".into())
    } else if asked(Question::SampleFormat) {
        Some("Its sample format is not known.".into())
    } else if entry.recording.sample_rate_hz.is_none() {
        Some("Its sample rate is not known.".into())
    } else if entry.recording.sample_count == 0 {
        Some("It holds no samples.".into())
    } else if entry.survey.silent {
        Some("It is silent: every sample is zero.".into())
    } else {
        None
    }
}

/// What the user placed or typed wins, then a dropped table, then the recording itself.
fn position(scene: &Scene, name: &str, recording: &Recording) -> Option<Fact<Position>> {
    let own = recording.position.clone();
    if own.as_ref().is_some_and(|fact| fact.origin >= Origin::Remembered) {
        return own;
    }
    let row = scene.receivers.iter().find(|row| row.name.eq_ignore_ascii_case(name));
    row.map(|row| Fact::new(row.position, Origin::Sidecar)).or(own)
}

fn add_reports(scene: &Scene, receivers: &mut Vec<SceneReceiver>) {
    let geodesy = Geodesy::default();
    for row in &scene.reports {
        let known = receivers.iter().position(|receiver| receiver.name.eq_ignore_ascii_case(&row.receiver));
        let index = known.unwrap_or_else(|| {
            receivers.push(SceneReceiver {
                name: row.receiver.clone(),
                position: None,
                recording: None,
                level: None,
                bearing: None,
                switched_off: scene.settings.switched_off.contains(&row.receiver),
                why_not: None,
            });
            receivers.len() - 1
        });
        let Some(receiver) = receivers.get_mut(index) else { continue };
        let local = row.local_enu_m.map(|place| LOCAL_ORIGIN.position(&geodesy, place));
        let table = scene.receivers.iter().find(|known| known.name.eq_ignore_ascii_case(&row.receiver));
        let place = row.position.or(local).or(table.map(|known| known.position));
        if receiver.position.is_none() {
            receiver.position = place.map(|position| Fact::new(position, Origin::Sidecar));
        }
        receiver.bearing = row.bearing_deg.map(|b| (b, row.bearing_sigma_deg.unwrap_or(5.0))).or(receiver.bearing);
    }
    for receiver in receivers {
        let own = |row: &&heimdall_recording::ReportRow| row.receiver.eq_ignore_ascii_case(&receiver.name);
        let levels: Vec<(f64, f64)> = scene
            .reports
            .iter()
            .filter(own)
            .filter_map(|row| Some((row.level_dbm?, row.level_sigma_db.unwrap_or(1.0))))
            .collect();
        let count = levels.len() as f64;
        if !levels.is_empty() {
            // Several readings share the path, so averaging them does not make the level more certain.
            let mean = |pick: fn(&(f64, f64)) -> f64| levels.iter().map(pick).sum::<f64>() / count;
            receiver.level = Some((mean(|l| l.0), mean(|l| l.1)));
        }
    }
}

/// True where positions are in local metres, not on the globe.
pub(crate) fn is_local(scene: &Scene) -> bool {
    scene.recordings.is_empty() && scene.reports.iter().any(|row| row.position.is_none() && row.local_enu_m.is_some())
}
