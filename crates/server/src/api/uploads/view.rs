//! An upload as JSON.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::uploads::{Recognised, State, Upload, Uploads};

/// What is known of an upload.
#[derive(Serialize, ToSchema)]
#[schema(as = Upload)]
pub(super) struct View {
    /// Its name in addresses.
    id: String,
    /// Who began it.
    owner: String,
    /// The file's name.
    filename: String,
    /// Bytes of the whole file.
    length: u64,
    /// Bytes that have arrived.
    offset: u64,
    /// `receiving` or `stored`.
    state: &'static str,
    /// All that the client said of the file.
    metadata: BTreeMap<String, String>,
    /// When it was begun, RFC 3339.
    #[schema(format = DateTime)]
    created: String,
    /// When it is removed unless more arrives, RFC 3339. A stored file stays.
    #[schema(format = DateTime)]
    expires: String,
    /// SHA-256 of the stored file: its name among the objects.
    object: Option<String>,
    /// True where the same content was stored before.
    duplicate: Option<bool>,
    /// What the stored file is.
    recognised: Option<Recognised>,
}

impl View {
    pub(super) fn of(uploads: &Uploads, upload: &Upload) -> Self {
        let time = |unix_ms| Timestamp::from_millisecond(unix_ms).unwrap_or(Timestamp::MAX).to_string();
        let offset = upload.offset();
        let record = upload.record();
        let (state, object, duplicate, recognised) = match record.state {
            State::Receiving => ("receiving", None, None, None),
            State::Stored { sha256, duplicate, recognised, .. } => {
                ("stored", Some(sha256), Some(duplicate), Some(recognised))
            }
        };
        Self {
            filename: record.metadata.get("filename").unwrap_or_default().to_owned(),
            id: record.id,
            owner: record.owner,
            length: record.length,
            offset,
            state,
            metadata: record.metadata.pairs().clone(),
            created: time(record.created_unix_ms),
            expires: time(uploads.expires_unix_ms(upload)),
            object,
            duplicate,
            recognised,
        }
    }
}
