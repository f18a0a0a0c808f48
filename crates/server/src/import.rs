//! A session from a tar archive with a SigMF collection, read while it arrives.

mod member;
mod part;

use std::path::Path;
use std::time::Duration;

use axum::http::StatusCode;
use heimdall_catalogue::{Actor, Catalogue};
use serde_json::Value;
use tokio::io::AsyncRead;

use crate::problem::{Outcome, Problem};
pub(crate) use part::Part;

/// Most recordings of an archive.
const MOST: usize = 64;
/// Longest metadata, bytes.
const MAX_TEXT: u64 = 16 << 20;

/// What an archive holds.
#[derive(Default)]
pub(crate) struct Contents {
    /// The `collection` of its `.sigmf-collection`.
    pub(crate) collection: Value,
    /// Text of each `.sigmf-meta`, by its name without the extension.
    metas: Vec<(String, String)>,
    /// The `.sigmf-data` in the archive's order, by their names without the extension.
    pub(crate) data: Vec<(String, Part)>,
}

impl Contents {
    /// The metadata that belongs to samples.
    pub(crate) fn meta(&self, stem: &str) -> Option<&str> {
        self.metas.iter().find(|(of, _)| of == stem).map(|(_, text)| text.as_str())
    }
}

/// What an archive may bring.
pub(crate) struct Limits {
    /// Bytes of one recording.
    pub(crate) bytes: u64,
    /// Time without a byte.
    pub(crate) idle: Duration,
    /// Who sends it, and where their quota is.
    pub(crate) actor: Actor,
    pub(crate) catalogue: Catalogue,
}

/// Reads an archive to its end. Samples go to files in `folder`, which vanish with the answer unless they are taken.
pub(crate) async fn read(mut archive: impl AsyncRead + Unpin, folder: &Path, limits: &Limits) -> Outcome<Contents> {
    let mut contents = Contents::default();
    let mut total: u64 = 0;
    while let Some(member) = member::next(&mut archive, limits.idle).await? {
        let name = member.name.rsplit('/').next().unwrap_or_default().to_owned();
        if name.starts_with('.') {
            member::skip(&mut archive, member, limits.idle).await?;
        } else if let Some(stem) = name.strip_suffix(".sigmf-data") {
            if member.length > limits.bytes || contents.data.len() >= MOST {
                let detail = format!("This archive has more or larger recordings than this server takes: {name}");
                return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
            }
            total = total.saturating_add(member.length);
            // Before it is on the disk.
            limits.catalogue.may_store(&limits.actor, total).await?;
            let part = part::receive(&mut archive, member, folder, limits.idle).await?;
            contents.data.push((stem.to_owned(), part));
        } else if let Some(stem) = name.strip_suffix(".sigmf-meta") {
            let text = text(&mut archive, member, limits).await?;
            contents.metas.push((stem.to_owned(), text));
        } else if name.ends_with(".sigmf-collection") {
            let text = text(&mut archive, member, limits).await?;
            let json: Value = serde_json::from_str(&text)
                .map_err(|error| refused(format!("This collection is no JSON ({error}); export it again: {name}")))?;
            contents.collection = json.get("collection").cloned().unwrap_or_default();
        } else {
            member::skip(&mut archive, member, limits.idle).await?;
        }
    }
    if contents.data.is_empty() {
        return Err(refused("There is no .sigmf-data in this archive; send a tar of a SigMF collection"));
    }
    Ok(contents)
}

async fn text(archive: &mut (impl AsyncRead + Unpin), mut member: member::Member, limits: &Limits) -> Outcome<String> {
    if member.length > MAX_TEXT {
        return Err(refused(format!("This metadata has more than 16 MiB; drop annotations: {}", member.name)));
    }
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; member::BUFFER]);
    loop {
        let count = member::piece(archive, &mut member, &mut buffer, limits.idle).await?;
        if count == 0 {
            break;
        }
        bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
    }
    String::from_utf8(bytes)
        .map_err(|_| refused(format!("This metadata is not UTF-8; write it again: {}", member.name)))
}

/// The archive is not what it should be.
pub(crate) fn refused(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
}
