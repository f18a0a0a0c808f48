//! What lies under the desk's maps: the outlines of the page, which the browser has already. Tiles are the choice of
//! the page's user, and the desk fetches none.

use gloo_net::http::Request;
use heimdall_page::topology::{self, Outlines};
use leptos::task::spawn_local;

use crate::leaflet::Map;
use crate::page::report;

const OUTLINES: &str = "assets/vendor/world-atlas/countries-50m.json";

/// Draws land and borders as soon as they are there; a map without them still takes clicks.
pub(crate) fn draw(map: &Map) {
    map.pane("land", 210);
    map.pane("borders", 220);
    let map = map.clone();
    spawn_local(async move {
        match fetch().await {
            Ok(outlines) => {
                let group = map.group();
                for polygon in &outlines.land {
                    group.polygon(polygon, "land", "land");
                }
                group.lines(&outlines.borders, "borders", "border", "Outlines: Natural Earth");
            }
            Err(sentence) => report::<()>(Err(sentence.into())),
        }
    });
}

async fn fetch() -> Result<Outlines, String> {
    let failed = |error: gloo_net::Error| format!("The outlines of the map could not be loaded: {error}.");
    let text = Request::get(OUTLINES).send().await.map_err(failed)?.text().await.map_err(failed)?;
    topology::decode(&text)
}
