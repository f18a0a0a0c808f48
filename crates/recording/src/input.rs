//! Which dropped files belong together, and what a group of them gives.

use std::rc::Rc;

use crate::filename::split_extension;
use crate::{ByteSource, Collection, Error, ReceiverRow, Recording, ReportRow};

/// A file as it was dropped.
#[derive(Clone)]
pub struct InputFile {
    /// Its name; folders before it are allowed.
    pub name: String,
    /// Its bytes.
    pub source: Rc<dyn ByteSource>,
}

/// What was found in a group of files.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a handful of values, nearly all recordings")]
pub enum Content {
    /// Samples of one receiver.
    Recording(Recording),
    /// Surveyed positions of receivers.
    Receivers {
        /// Rows that could be read.
        rows: Vec<ReceiverRow>,
        /// What could not, by line.
        notices: Vec<String>,
    },
    /// Levels and bearings.
    Reports {
        /// Rows that could be read.
        rows: Vec<ReportRow>,
        /// What could not, by line.
        notices: Vec<String>,
    },
    /// A SigMF collection: names of recordings that belong together.
    Collection(Collection),
    /// A member of an archive that cannot be read while others can.
    Refused {
        /// Its name.
        name: String,
        /// Why.
        error: Error,
    },
}

/// Groups names of files that [`crate::open`] needs together: SigMF metadata and its data by stem,
/// without case. Metadata without a `.sigmf-data` takes the one other file of its stem
/// (`x.wav` for `x.sigmf-meta` or `x.wav.sigmf-meta`). Everything else stands alone.
/// Groups are in the order of their first file; indices refer to `names`.
#[must_use]
pub fn group(names: &[String]) -> Vec<Vec<usize>> {
    let lower: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let mut partner: Vec<Option<usize>> = vec![None; names.len()];
    for (index, name) in lower.iter().enumerate() {
        let Some(stem) = name.strip_suffix(".sigmf-meta") else {
            continue;
        };
        let free = |other: &usize| *other != index && partner.get(*other).is_some_and(Option::is_none);
        let data = |other: &usize| lower.get(*other).and_then(|name| name.strip_suffix(".sigmf-data")) == Some(stem);
        let dataset = |other: &usize| {
            lower.get(*other).is_some_and(|name| {
                let (other_stem, extension) = split_extension(name);
                let text = ["csv", "json", "txt", "md", "html", "png"].contains(&extension);
                let samples = !text && !extension.starts_with("sigmf");
                samples && (name == stem || other_stem == stem)
            })
        };
        let all = 0..names.len();
        let found = all.clone().filter(free).find(data).or_else(|| {
            let mut named = all.filter(free).filter(dataset);
            named.next().filter(|_| named.next().is_none())
        });
        if let Some(found) = found {
            for (a, b) in [(index, found), (found, index)] {
                if let Some(slot) = partner.get_mut(a) {
                    *slot = Some(b);
                }
            }
        }
    }
    let grouped = |(index, partner): (usize, &Option<usize>)| match *partner {
        None => Some(vec![index]),
        Some(other) if other > index => Some(vec![index, other]),
        Some(_) => None,
    };
    partner.iter().enumerate().filter_map(grouped).collect()
}
