//! A SigMF collection (1.2.0) that opens again to the same answer.

use heimdall_recording::{SavedSession, Stream};
use serde_json::{Value, json};

use crate::VERSION;

/// The collection of these SigMF recordings, with what Heimdall keeps in its own namespace.
pub fn collection(streams: &[Stream], saved: &SavedSession) -> String {
    let stream = |stream: &Stream| json!({"name": stream.name, "hash": stream.sha512});
    let streams: Vec<Value> = streams.iter().map(stream).collect();
    let mut collection = json!({
        "core:version": "1.2.0",
        "core:description": "Recordings of one transmission, and the settings that it was located with.",
        "core:streams": streams,
        "core:extensions": [{"name": "heimdall", "version": "1.0.0", "optional": true}],
        "heimdall:program": VERSION,
    });
    if let (Value::Object(collection), Ok(Value::Object(saved))) = (&mut collection, serde_json::to_value(saved)) {
        collection.extend(saved);
    }
    let text = serde_json::to_string_pretty(&json!({"collection": collection}));
    text.unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"))
}
