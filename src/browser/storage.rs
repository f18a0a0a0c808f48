//! What the browser remembers between visits: positions by station name, and the tile address. Nothing else.

use heimdall_recording::Position;
use web_sys::Storage;

use super::dom;

const PLACES: &str = "heimdall.places";
const TILES: &str = "heimdall.tiles";

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
