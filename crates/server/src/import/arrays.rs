//! Arrays of the classic layout, as the SigMF collection that they say the same as.

use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use heimdall_recording::{Content, Fact, InputFile, Origin, Question, Recording, TypedFacts, open};
use sha2::{Digest, Sha256};

use super::classic::{FileFacts, Metadata};
use super::part::{Part, failed};
use super::{Classic, Contents, MOST, refused};
use crate::digest::hex;
use crate::export::{samples, sigmf};
use crate::problem::Outcome;
use crate::stored::StoredFile;

/// Decodes the arrays to files in `folder`, with metadata of their own. Blocks.
pub(super) fn collection(classic: Classic, folder: &Path) -> Outcome<Contents> {
    let Classic { mut arrays, metadata } = classic;
    let metadata = metadata.map(|(name, text)| Metadata::read(&name, &text)).transpose()?.unwrap_or_default();
    arrays.sort_by_key(|(stem, _)| (number(stem), stem.clone()));
    let remark = metadata.remark();
    let mut contents = Contents { remark, ..Contents::default() };
    for (stem, array) in &arrays {
        let facts = metadata.of(stem);
        let recordings = recordings(stem, array, &facts)?;
        let several = recordings.len() > 1;
        for (row, recording) in (1..).zip(&recordings) {
            if contents.data.len() >= MOST {
                return Err(refused(format!("This archive has more than {MOST} recordings; send fewer at a time")));
            }
            let stem = if several { format!("{stem}-{row}") } else { stem.clone() };
            let (part, meta) = decoded(&format!("{stem}.npy"), array, &facts, recording, folder).map_err(failed)?;
            contents.metas.push((stem.clone(), meta));
            contents.data.push((stem, part));
        }
    }
    contents.collection = metadata.collection;
    Ok(contents)
}

/// The number that ends a name, after which arrays are in order.
fn number(stem: &str) -> u64 {
    let digits = stem.len() - stem.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    stem.get(stem.len() - digits..).and_then(|text| text.parse().ok()).unwrap_or(u64::MAX)
}

/// The recordings of an array, a row each.
fn recordings(stem: &str, array: &Part, facts: &FileFacts) -> Outcome<Vec<Recording>> {
    let name = format!("{stem}.npy");
    let mut typed = TypedFacts::default();
    for (key, value) in &facts.told {
        typed.set(key, value).map_err(|error| refused(format!("{error}; correct the metadata of {name}")))?;
    }
    let file = StoredFile::open(&array.path).map_err(failed)?;
    let contents = open(&[InputFile { name: name.clone(), source: Rc::new(file) }], &typed);
    let mut found = Vec::new();
    for content in contents.map_err(|error| refused(error.to_string()))? {
        let Content::Recording(mut recording) = content else { continue };
        if recording.questions.contains(&Question::IsItIq) {
            return Err(refused(format!("This array holds real numbers and no IQ; save complex ones: {name}")));
        }
        let told = facts.full_scale_dbm.map(|level| Fact::new(level, Origin::Sidecar));
        recording.full_scale_dbm = told.or(recording.full_scale_dbm);
        recording.synthetic |= facts.synthetic;
        found.push(recording);
    }
    Ok(found)
}

/// The samples as a file of their own, and the text of their metadata.
fn decoded(
    name: &str,
    array: &Part,
    facts: &FileFacts,
    recording: &Recording,
    folder: &Path,
) -> io::Result<(Part, String)> {
    let (mut part, mut file) = Part::new(folder)?;
    let mut digest = Sha256::new();
    let sha512 = samples::write(&array.path, recording, &mut |bytes| {
        digest.update(bytes);
        file.write_all(bytes)
    })?;
    file.sync_all()?;
    part.sha256 = hex(&digest.finalize());
    let meta = sigmf::metadata(name, facts.place, recording, &sha512)?;
    Ok((part, serde_json::to_string_pretty(&meta)?))
}
