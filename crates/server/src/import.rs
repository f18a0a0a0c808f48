//! A session from a tar archive with a SigMF collection or in the classic layout, read while it arrives.

mod arrays;
mod classic;
mod member;
mod part;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use axum::http::StatusCode;
use heimdall_catalogue::{Actor, Catalogue};
use serde_json::Value;
use tokio::io::AsyncRead;

use crate::problem::{Outcome, Problem};
pub(crate) use part::Part;

/// Key of a collection: what was told of recordings whose metadata go as they came, by their names.
pub(crate) const TOLD: &str = "heimdall:told";
/// Most recordings of an archive.
const MOST: usize = 64;
/// Metadata of the classic layout.
const METADATA: [&str; 3] = ["metadata.json", "metadata.yaml", "metadata.yml"];
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
    /// What is to be added to the session's notes.
    pub(crate) remark: Option<String>,
}

impl Contents {
    /// The metadata that belongs to samples.
    pub(crate) fn meta(&self, stem: &str) -> Option<&str> {
        self.metas.iter().find(|(of, _)| of == stem).map(|(_, text)| text.as_str())
    }

    /// What was told of samples beside their metadata.
    pub(crate) fn told(&self, stem: &str) -> Outcome<BTreeMap<String, String>> {
        let Some(told) = self.collection.get(TOLD).and_then(|all| all.get(stem)) else { return Ok(BTreeMap::new()) };
        let wrong = |error| refused(format!("{TOLD} of this collection cannot be read ({error}): {stem}"));
        serde_json::from_value(told.clone()).map_err(wrong)
    }
}

/// What an archive in the classic layout holds.
#[derive(Default)]
struct Classic {
    /// Arrays by their names without the extension.
    arrays: Vec<(String, Part)>,
    /// Name and text of the metadata.
    metadata: Option<(String, String)>,
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
    let mut classic = Classic::default();
    let mut total: u64 = 0;
    while let Some(member) = member::next(&mut archive, limits.idle).await? {
        let name = member.name.rsplit('/').next().unwrap_or_default().to_owned();
        if name.starts_with('.') {
            member::skip(&mut archive, member, limits.idle).await?;
        } else if let Some(list) = [(".sigmf-data", &mut contents.data), (".npy", &mut classic.arrays)]
            .into_iter()
            .find_map(|(ending, list)| Some((name.strip_suffix(ending)?, list)))
        {
            let (stem, list) = list;
            if member.length > limits.bytes || list.len() >= MOST {
                let detail = format!("This archive has more or larger recordings than this server takes: {name}");
                return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
            }
            total = total.saturating_add(member.length);
            // Before it is on the disk.
            limits.catalogue.may_store(&limits.actor, total).await?;
            let part = part::receive(&mut archive, member, folder, limits.idle).await?;
            list.push((stem.to_owned(), part));
        } else if let Some(stem) = name.strip_suffix(".sigmf-meta") {
            let text = text(&mut archive, member, limits).await?;
            contents.metas.push((stem.to_owned(), text));
        } else if name.ends_with(".sigmf-collection") {
            let text = text(&mut archive, member, limits).await?;
            let json: Value = serde_json::from_str(&text)
                .map_err(|error| refused(format!("This collection is no JSON ({error}); export it again: {name}")))?;
            contents.collection = json.get("collection").cloned().unwrap_or_default();
        } else if METADATA.contains(&name.as_str()) {
            if classic.metadata.is_some() {
                return Err(refused("This archive holds several sessions; send one at a time"));
            }
            classic.metadata = Some((name, text(&mut archive, member, limits).await?));
        } else {
            member::skip(&mut archive, member, limits.idle).await?;
        }
    }
    if contents.data.is_empty() && !classic.arrays.is_empty() {
        let folder = folder.to_owned();
        let made = tokio::task::spawn_blocking(move || arrays::collection(classic, &folder)).await;
        return made.map_err(|error| Problem::internal("Reading an archive", error))?;
    }
    if contents.data.is_empty() {
        return Err(refused(
            "There is no .sigmf-data in this archive, and no .npy; send a tar of a SigMF collection, or of the classic layout",
        ));
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
