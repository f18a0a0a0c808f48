//! What lies under everything: offline outlines, or tiles where the user gave an address.

use std::cell::RefCell;
use std::rc::Rc;

use heimdall_page::preferences::Units;
use heimdall_page::session::Event;
use heimdall_page::topology;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::leaflet::{Group, Layer, Map};
use crate::browser::{dom, fetch, pool};
use crate::state::State;

/// From this zoom on coarse outlines look coarse.
const CLOSE: f64 = 4.5;
/// Polygons drawn without a break.
const TOGETHER: usize = 24;

pub(super) fn draw(map: &Map, state: State) {
    outlines(map.clone(), state);
    scale(map.clone(), state);
    let (map, shown) = (map.clone(), Rc::new(RefCell::new(None::<Layer>)));
    Effect::new(move |_| {
        let template = state.tile_url.get();
        if let Some(old) = shown.take() {
            old.remove();
        }
        if !template.is_empty() {
            shown.replace(Some(map.tiles(&template)));
        }
    });
}

fn scale(map: Map, state: State) {
    let imperial = Memo::new(move |_| state.preferences.get().units == Units::Imperial);
    Effect::new(move |old: Option<Layer>| {
        old.into_iter().for_each(|old| {
            old.remove();
        });
        map.scale(imperial.get())
    });
}

/// Coarse outlines first, so that the page is light; fine ones replace them once the workers are loaded, somebody looks
/// closely, and no answer is on its way.
fn outlines(map: Map, state: State) {
    let rests = state.part(|session| session.activity().is_none_or(|activity| activity.background));
    let closely = Memo::new(move |_| rests.get() && state.view.get().is_some_and(|view| view.zoom >= CLOSE));
    let coarse = Rc::new(RefCell::new(None::<Group>));
    let (first, kept) = (map.clone(), Rc::clone(&coarse));
    spawn_local(async move {
        kept.replace(layer(&first, false).await.ok());
    });
    Effect::new(move |begun: Option<bool>| {
        if begun == Some(true) || !closely.get() {
            return begun.unwrap_or(false);
        }
        let (map, coarse) = (map.clone(), Rc::clone(&coarse));
        spawn_local(fine_outlines(map, coarse, state));
        true
    });
}

async fn fine_outlines(map: Map, coarse: Rc<RefCell<Option<Group>>>, state: State) {
    pool::loaded().await;
    match layer(&map, true).await {
        Ok(_) => coarse.take().into_iter().for_each(|coarse| {
            coarse.remove();
        }),
        Err(error) => state.send(Event::Failed(format!("The outlines of the map could not be loaded: {error}."))),
    }
}

async fn layer(map: &Map, fine: bool) -> Result<Group, String> {
    let outlines = topology::decode(&fetch::base_map(fine).await?)?;
    let group = map.group();
    for polygons in outlines.land.chunks(TOGETHER) {
        for polygon in polygons {
            group.polygon(polygon, "land", "land");
        }
        dom::breathe().await;
    }
    group.lines(&outlines.borders, "borders", "border", "Outlines: Natural Earth");
    Ok(group)
}
