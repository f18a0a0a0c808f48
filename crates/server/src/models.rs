//! Tells listeners when the index of models has changed, whoever changed it.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::AppState;

/// Between two looks at the index.
const PERIOD: Duration = Duration::from_secs(1);

/// Looks at the index once a second, for ever.
pub(crate) async fn watch(state: AppState) {
    let own = state.folder.models().join("index.json");
    let pages = state.page.as_ref().map(|page| page.join("models").join("index.json"));
    let mut known = seen(&own, pages.as_ref()).await;
    loop {
        tokio::time::sleep(PERIOD).await;
        let now = seen(&own, pages.as_ref()).await;
        if now != known {
            known = now;
            state.events.publish("models", json!({ "index": "models/index.json" }));
        }
    }
}

/// Of the index that is served: which one, its length and time.
async fn seen(own: &Path, pages: Option<&PathBuf>) -> Option<(bool, u64, SystemTime)> {
    for (is_own, path) in [(true, Some(own)), (false, pages.map(PathBuf::as_path))] {
        let Some(path) = path else { continue };
        if let Ok(metadata) = tokio::fs::metadata(path).await {
            return Some((is_own, metadata.len(), metadata.modified().ok()?));
        }
    }
    None
}
