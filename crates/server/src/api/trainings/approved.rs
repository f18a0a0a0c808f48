//! Sessions that may be learned from.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use heimdall_catalogue::{Id, Receiver, ReceiverDraft, Session, SessionFilter, SessionRecording, SessionState};

use crate::AppState;
use crate::problem::{Outcome, Problem};
use crate::trainings::{METADATA_FOLDER, TrainingFile, TrainingSession, TrainingSource};

/// Ending of the half of a SigMF recording that has the samples, and of the other one.
const SIGMF: [&str; 2] = [".sigmf-data", ".sigmf-meta"];

/// All approved sessions with known transmitters.
pub(super) async fn sessions(state: &AppState) -> Outcome<Vec<TrainingSession>> {
    let receivers =
        state.catalogue.entries::<Receiver>().await?.into_iter().map(|receiver| (receiver.id, receiver)).collect();
    let state_is = Some(SessionState::Approved);
    let mut filter = SessionFilter { state: state_is, source_known: Some(true), ..SessionFilter::default() };
    let mut sessions = Vec::new();
    loop {
        let page = state.catalogue.sessions(&filter).await?;
        for session in page.items {
            sessions.extend(one(state, &receivers, session).await?);
        }
        match page.next {
            Some(next) => filter.after = Some(next),
            None => return Ok(sessions),
        }
    }
}

async fn one(
    state: &AppState,
    receivers: &HashMap<Id, Receiver>,
    session: Session,
) -> Outcome<Option<TrainingSession>> {
    let Some(position) = session.position else { return Ok(None) };
    let mut files = Vec::new();
    for recording in state.catalogue.recordings(session.id).await? {
        let receiver = recording.draft.receiver.and_then(|id| receivers.get(&id));
        files.extend(recorded(state, &session, recording, receiver)?);
    }
    let source = TrainingSource { lat: position.place.latitude_deg, lon: position.place.longitude_deg };
    Ok(Some(TrainingSession { id: session.id.to_string(), source, files }))
}

/// The samples, and the metadata that came with them. What was surveyed counts more than what who gave a file told, and
/// that more than what the file says.
fn recorded(
    state: &AppState,
    session: &Session,
    recording: SessionRecording,
    receiver: Option<&Receiver>,
) -> Outcome<Vec<TrainingFile>> {
    let surveyed = |Receiver { draft: ReceiverDraft { name, place, .. }, .. }: &Receiver| {
        let position = format!("{}, {}", place.latitude_deg, place.longitude_deg);
        BTreeMap::from([("station".to_owned(), name.clone()), ("position".to_owned(), position)])
    };
    let draft = recording.draft;
    let mut facts = draft.told;
    facts.extend(receiver.map(surveyed).unwrap_or_default());
    let stored = state.objects.path(draft.sha256.as_str()).and_then(|path| std::path::absolute(path).ok());
    let path = stored.ok_or_else(|| Problem::internal("Finding a recording", &draft.sha256))?;
    let [data, meta] = SIGMF;
    let metadata = draft.sigmf_meta.map(|text| {
        let stem = draft.file_name.strip_suffix(data).unwrap_or(&draft.file_name);
        let place: PathBuf =
            [METADATA_FOLDER, &session.id.to_string(), &format!("{}{meta}", recording.id)].iter().collect();
        TrainingFile { name: format!("{stem}{meta}"), path: place, facts: BTreeMap::new(), text: Some(text) }
    });
    let samples = TrainingFile { name: draft.file_name.clone(), path, facts, text: None };
    Ok(metadata.into_iter().chain([samples]).collect())
}
