//! Tells listeners when the index of models has changed, whoever changed it.

use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::AppState;

/// Between two looks at the index.
const PERIOD: Duration = Duration::from_secs(1);

/// What can be seen of the index that is served: whether it is our own, its length and time.
pub(crate) type Seen = Option<(bool, u64, SystemTime)>;

/// Looks at the index once a second, for ever; `known` was seen before anybody could listen.
pub(crate) async fn watch(state: AppState, mut known: Seen) {
    loop {
        tokio::time::sleep(PERIOD).await;
        let now = look(&state).await;
        if now != known {
            known = now;
            state.events.publish("models", json!({ "index": "models/index.json" }));
        }
    }
}

/// Looks at the index.
pub(crate) async fn look(state: &AppState) -> Seen {
    let own = state.folder.models().join("index.json");
    let pages = state.page.as_ref().map(|page| page.join("models").join("index.json"));
    for (is_own, path) in [(true, Some(own)), (false, pages)] {
        let Some(path) = path else { continue };
        if let Ok(metadata) = tokio::fs::metadata(path).await {
            return Some((is_own, metadata.len(), metadata.modified().ok()?));
        }
    }
    None
}
