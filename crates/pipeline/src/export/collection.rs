//! A SigMF collection (1.2.0) that opens again to the same answer.

use heimdall_recording::{SavedSession, Stream};
use serde_json::{Value, json};

use crate::VERSION;

/// The collection of these SigMF recordings, with what Heimdall keeps in its own namespace.
pub fn collection(streams: &[Stream], saved: &SavedSession) -> String {
    let stream = |stream: &Stream| json!({"name": stream.name, "hash": stream.sha512});
    let mut members = saved.members();
    let core = [
        ("core:version", json!("1.2.0")),
        ("core:description", json!("Recordings of one transmission, and the settings that it was located with.")),
        ("core:streams", streams.iter().map(stream).collect::<Value>()),
        ("core:extensions", json!([{"name": "heimdall", "version": "1.0.0", "optional": true}])),
        ("heimdall:program", json!(VERSION)),
    ];
    members.extend(core.into_iter().map(|(name, value)| (name.to_owned(), value)));
    serde_json::to_string_pretty(&json!({"collection": members})).unwrap_or_default()
}
