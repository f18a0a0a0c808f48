//! A session in the classic layout: `sessions/<id>/websdr_<n>.npy` (complex64) and `sessions/<id>/metadata.json`.
//!
//! An array holds samples only, so the metadata has the facts of each file, as the reader of recordings gives them.

use std::io::{self, Write};

use heimdall_catalogue::Session;
use heimdall_recording::Recording;
use serde_json::json;

use super::tar::Archive;
use super::{Source, samples};

pub(super) fn write(session: &Session, sources: &[Source], archive: &mut Archive<impl Write>) -> io::Result<()> {
    let folder = format!("sessions/{}", session.id);
    let mut files = Vec::new();
    for source in sources {
        let draft = &source.recording.draft;
        let recordings: Vec<Recording> = serde_json::from_value(draft.facts.clone()).map_err(io::Error::other)?;
        for recording in recordings {
            let name = format!("websdr_{}.npy", files.len() + 1);
            let header = header(recording.sample_count);
            let length = samples::length(&recording)?.saturating_add(header.len() as u64);
            archive.begin(&format!("{folder}/{name}"), length)?;
            archive.content(&header)?;
            samples::write(&source.path, &recording, &mut |bytes| archive.content(bytes))?;
            archive.end(length)?;
            files.push(json!({
                "file": name,
                "from": draft.file_name,
                "sha256": draft.sha256,
                "receiver": source.place,
                "facts": recording,
            }));
        }
    }
    let metadata = json!({ "session": session.draft, "source": session.position, "files": files });
    let mut text = serde_json::to_vec_pretty(&metadata)?;
    text.push(b'\n');
    archive.file(&format!("{folder}/metadata.json"), &text)
}

/// Of NumPy's format 1.0 (NEP 1): the data begin at a multiple of 64 bytes.
fn header(samples: u64) -> Vec<u8> {
    let dictionary = format!("{{'descr': '<c8', 'fortran_order': False, 'shape': ({samples},), }}");
    // Magic, version and length take ten bytes, the line's end one.
    let padded = (10 + dictionary.len() + 1).next_multiple_of(64) - 10;
    let length = u16::try_from(padded).unwrap_or(u16::MAX);
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend(length.to_le_bytes());
    header.extend(format!("{dictionary:<width$}\n", width = padded - 1).bytes());
    header
}
