//! `.sigmf-collection`: recordings that belong together, by name.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SavedSession;
use crate::bytes::Bytes;
use crate::error::shown;
use crate::{Error, Recording};

/// Missing recordings that a sentence names.
const MOST_NAMED: usize = 5;

/// A collection's list of recordings; the recordings themselves are other files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collection {
    /// Name of the collection's file.
    pub name: String,
    /// The SigMF recordings, in the collection's order.
    pub streams: Vec<Stream>,
    /// What the collection says of itself.
    pub description: Option<String>,
    /// Settings and answers that it was saved with.
    pub saved: Option<SavedSession>,
}

/// A recording that a collection names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Base name of its files.
    pub name: String,
    /// SHA-512 of its `.sigmf-meta`, hexadecimal, lower case.
    pub sha512: Option<String>,
}

impl Collection {
    /// A sentence where recordings of the collection are not among the files `names`.
    #[must_use]
    pub fn notice(&self, names: &[String]) -> Option<String> {
        let missing = self.missing(names);
        let some: Vec<&str> = missing.iter().take(MOST_NAMED).map(String::as_str).collect();
        let more = if missing.len() > some.len() { " and others" } else { "" };
        (!missing.is_empty()).then(|| {
            format!(
                "{} of the {} recordings of this collection are not there ({}{more}); drop them too: {}",
                missing.len(),
                self.streams.len(),
                some.join(", "),
                self.name
            )
        })
    }

    /// A sentence where `recording` is one of the collection's and its metadata are not those that the collection was
    /// written for.
    #[must_use]
    pub fn contradicts(&self, recording: &Recording) -> Option<String> {
        let is = recording.metadata_sha512.as_ref()?;
        let base = crate::filename::base_name(&recording.name);
        let is_of = |stream: &&Stream| {
            let name = crate::filename::base_name(&stream.name);
            let rest =
                base.get(name.len()..).filter(|_| base.get(..name.len()).is_some_and(|b| b.eq_ignore_ascii_case(name)));
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let stated = self.streams.iter().find(is_of)?.sha512.as_ref()?;
        (stated != is).then(|| {
            format!("Its metadata were changed since the collection was written (the hash differs): {}", self.name)
        })
    }

    /// The streams for which no file of `names` is there (`<stream>.sigmf-meta` or `.sigmf`,
    /// without folders and case).
    fn missing(&self, names: &[String]) -> Vec<String> {
        let lower = |name: &str| crate::filename::base_name(name).to_ascii_lowercase();
        let there: Vec<String> = names.iter().map(|name| lower(name)).collect();
        let is_there = |stream: &str| {
            let stream = lower(stream);
            there
                .iter()
                .any(|name| name.strip_prefix(&stream).is_some_and(|end| matches!(end, "" | ".sigmf-meta" | ".sigmf")))
        };
        self.streams.iter().map(|stream| &stream.name).filter(|name| !is_there(name)).cloned().collect()
    }
}

/// Reads a collection; streams are objects with a name (SigMF 1.1 on) or pairs of name and hash.
pub(crate) fn open(text: &str, file: &Bytes) -> Result<Collection, Error> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| file.corrupt(0, format!("JSON that cannot be read ({error})")))?;
    let collection = value.get("collection").unwrap_or(&Value::Null);
    let read = |stream: &Value| {
        let name = stream.get("name").or_else(|| stream.get(0)).unwrap_or(stream);
        let sha512 = stream.get("hash").or_else(|| stream.get(1)).and_then(Value::as_str);
        Some(Stream { name: shown(name.as_str()?), sha512: sha512.map(str::to_ascii_lowercase) })
    };
    let streams = collection.get("core:streams").and_then(Value::as_array);
    let Some(streams) = streams else {
        return Err(file.corrupt(0, "The collection has no \"core:streams\""));
    };
    Ok(Collection {
        name: file.name.to_owned(),
        streams: streams.iter().filter_map(read).collect(),
        saved: SavedSession::read(collection),
        description: collection.get("core:description").and_then(Value::as_str).map(str::to_owned),
    })
}
