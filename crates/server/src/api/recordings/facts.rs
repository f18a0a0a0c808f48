//! What a stored file is, read by the same code as in the page.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use axum::http::StatusCode;
use heimdall_catalogue::{Id, Receiver};
use heimdall_recording::{Content, InputFile, Recording, TypedFacts, open};
use serde_json::Value;

use crate::AppState;
use crate::problem::{Outcome, Problem};
use crate::stored::StoredFile;

/// What is told of a file beside it, by the keys of `heimdall locate --fact`.
pub(crate) type Told = BTreeMap<String, String>;

/// The recordings in a stored file, of which more may be `told` than it says.
pub(crate) async fn read(path: PathBuf, name: String, meta: Option<String>, told: &Told) -> Outcome<Vec<Recording>> {
    let mut typed = TypedFacts::default();
    for (key, value) in told {
        let wrong =
            |error: heimdall_recording::Error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string());
        typed.set(key, value).map_err(wrong)?;
    }
    let found = tokio::task::spawn_blocking(move || recordings(path, name, meta, &typed)).await;
    let found = found.map_err(|error| Problem::internal("Reading a recording", error))?;
    found.map_err(|reason| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, reason))
}

/// The facts as the catalogue keeps them.
pub(crate) fn json(recordings: &[Recording]) -> Outcome<Value> {
    serde_json::to_value(recordings).map_err(|error| Problem::internal("Writing down facts", error))
}

/// The receiver of the catalogue that is called as the station of a file's recording; none for several recordings.
pub(crate) async fn receiver(state: &AppState, found: &[Recording]) -> Outcome<Option<Id>> {
    let [Recording { station: Some(station), .. }] = found else { return Ok(None) };
    let receivers = state.catalogue.entries::<Receiver>().await?;
    Ok(receivers.into_iter().find(|receiver| receiver.draft.name == station.value).map(|receiver| receiver.id))
}

fn recordings(path: PathBuf, name: String, meta: Option<String>, typed: &TypedFacts) -> Result<Vec<Recording>, String> {
    let gone = |error: std::io::Error| format!("The stored file cannot be read ({error}); upload it again: {name}");
    let file = StoredFile::open(&path).map_err(gone)?;
    let mut files = Vec::new();
    if let Some(text) = meta {
        let stem = name.strip_suffix(".sigmf-data").unwrap_or(&name);
        files.push(InputFile { name: format!("{stem}.sigmf-meta"), source: Rc::new(text.into_bytes()) });
    }
    files.push(InputFile { name: name.clone(), source: Rc::new(file) });
    let contents = open(&files, typed).map_err(|error| error.to_string())?;
    let recordings: Vec<Recording> = contents
        .into_iter()
        .filter_map(|content| match content {
            Content::Recording(recording) => Some(recording),
            _ => None,
        })
        .collect();
    if recordings.is_empty() {
        return Err(format!("This file holds no recording; attach one with samples: {name}"));
    }
    Ok(recordings)
}
