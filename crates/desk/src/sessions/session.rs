//! A session, as the API has it.

use heimdall_page::format;
use serde::{Deserialize, Serialize};

use crate::place::Surveyed;
use crate::undo::{Deleted, Way};

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) draft: Draft,
    /// Where its source is, also where that is a transmitter of the catalogue.
    pub(super) position: Option<Surveyed>,
    /// "pending", "approved" or "rejected".
    pub(super) state: String,
    pub(super) decision: Option<Decision>,
    pub(super) created_by: String,
    pub(super) revision: i64,
    pub(super) deleted: Option<String>,
    pub(super) recordings: u64,
    pub(super) bytes: f64,
}

/// What is said of a session, and what an edit replaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) center_frequency_hz: f64,
    /// RFC 3339, with up to nine decimals of a second.
    pub(super) start: String,
    pub(super) duration_s: f64,
    pub(super) notes: String,
    pub(super) constellation: Option<String>,
    pub(super) source: Source,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Source {
    Unknown,
    Transmitter { transmitter: String },
    Position(Surveyed),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Decision {
    pub(super) by: String,
    pub(super) reason: Option<String>,
}

impl Session {
    /// As it is noted once it is deleted.
    pub(super) fn deleted(&self) -> Deleted {
        Deleted { id: self.id.clone(), title: self.draft.title.clone(), way: Way::Undelete }
    }

    /// "5 files, 12.3 MB".
    pub(super) fn size(&self) -> String {
        let files = if self.recordings == 1 { "1 file".to_owned() } else { format!("{} files", self.recordings) };
        format!("{files}, {:.1} MB", self.bytes / 1e6)
    }

    /// Frequency, time, length, size and who gave it; lines break between them only.
    pub(super) fn facts(&self) -> String {
        let Draft { center_frequency_hz, start, duration_s, .. } = &self.draft;
        let start: String = start.chars().take(19).map(|letter| if letter == 'T' { ' ' } else { letter }).collect();
        let (start, by) = (format!("{start} UTC"), format!("by {}", self.created_by));
        let facts = [format::frequency(*center_frequency_hz), start, format::duration(*duration_s), self.size(), by];
        facts.map(|fact| fact.replace(' ', "\u{a0}")).join(" · ")
    }
}
