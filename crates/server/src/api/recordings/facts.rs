//! What a stored file is, read by the same code as in the page.

use std::path::PathBuf;
use std::rc::Rc;

use axum::http::StatusCode;
use heimdall_recording::{Content, InputFile, Recording, TypedFacts, open};
use serde_json::Value;

use crate::problem::{Outcome, Problem};
use crate::stored::StoredFile;

/// The recordings in a stored file.
pub(crate) async fn read(path: PathBuf, name: String, meta: Option<String>) -> Outcome<Vec<Recording>> {
    let found = tokio::task::spawn_blocking(move || recordings(path, name, meta)).await;
    let found = found.map_err(|error| Problem::internal("Reading a recording", error))?;
    found.map_err(|reason| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, reason))
}

/// The facts as the catalogue keeps them.
pub(crate) fn json(recordings: &[Recording]) -> Outcome<Value> {
    serde_json::to_value(recordings).map_err(|error| Problem::internal("Writing down facts", error))
}

fn recordings(path: PathBuf, name: String, meta: Option<String>) -> Result<Vec<Recording>, String> {
    let gone = |error: std::io::Error| format!("The stored file cannot be read ({error}); upload it again: {name}");
    let file = StoredFile::open(&path).map_err(gone)?;
    let mut files = Vec::new();
    if let Some(text) = meta {
        let stem = name.strip_suffix(".sigmf-data").unwrap_or(&name);
        files.push(InputFile { name: format!("{stem}.sigmf-meta"), source: Rc::new(text.into_bytes()) });
    }
    files.push(InputFile { name: name.clone(), source: Rc::new(file) });
    let contents = open(&files, &TypedFacts::default()).map_err(|error| error.to_string())?;
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
