//! What the browser remembers between visits: positions by station name, the tile address, and how things are to be
//! shown. Nothing else.

use heimdall_page::preferences::Preferences;
use heimdall_recording::Position;
use web_sys::Storage;

use super::dom;

const PLACES: &str = "heimdall.places";
const TILES: &str = "heimdall.tiles";
/// `index.html` reads it as well, before the first paint.
const PREFERENCES: &str = "heimdall.preferences";

/// Absent where the user forbids it.
fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// Remembered positions.
pub(crate) fn places() -> Vec<(String, Position)> {
    let text = storage().and_then(|storage| storage.get_item(PLACES).ok()?);
    let places: Vec<(String, Position)> = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let valid = |place: &(String, Position)| Position::new(place.1.latitude_deg, place.1.longitude_deg).is_some();
    places.into_iter().filter(valid).collect()
}

/// Replaces what is remembered.
pub(super) fn remember(places: &[(String, Position)]) {
    let Some(storage) = storage() else { return };
    if places.is_empty() {
        dom::report(storage.remove_item(PLACES));
    } else if let Ok(text) = serde_json::to_string(places) {
        dom::report(storage.set_item(PLACES, &text));
    }
}

/// How things are to be shown.
pub(crate) fn preferences() -> Preferences {
    let text = storage().and_then(|storage| storage.get_item(PREFERENCES).ok()?);
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Remembers how things are to be shown.
pub(super) fn prefer(preferences: Preferences) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&preferences)) {
        dom::report(storage.set_item(PREFERENCES, &text));
    }
}

/// Address template of map tiles, empty where none is set.
pub(crate) fn tile_url() -> String {
    storage().and_then(|storage| storage.get_item(TILES).ok()?).unwrap_or_default()
}

/// Remembers the address template.
pub(crate) fn set_tile_url(address: &str) {
    if let Some(storage) = storage() {
        dom::report(storage.set_item(TILES, address));
    }
}
