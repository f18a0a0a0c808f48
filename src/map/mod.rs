//! The map: receivers, regions, ellipse, best guess, and the hyperbola of the pair in view.

mod answer;
mod base;
mod receivers;

use std::cell::Cell;

use heimdall_page::session::Event;
use heimdall_recording::Origin;
use leptos::html::Div;
use leptos::prelude::*;

use crate::browser::dom;
use crate::browser::leaflet::Map;
use crate::state::{State, state};

/// Drawing levels: each part has its own, so that order of drawing does not matter.
const PANES: [(&str, u32); 5] =
    [("land", 210), ("regions", 410), ("ellipses", 420), ("hyperbolas", 430), ("borders", 220)];

/// The map with its legend.
#[component]
pub(crate) fn MapPanel() -> impl IntoView {
    let state = state();
    let element = NodeRef::<Div>::new();
    element.on_load(move |element| {
        let map = Map::new(&element);
        for (name, level) in PANES {
            map.pane(name, level);
        }
        base::draw(&map, state);
        answer::draw(&map, state);
        receivers::draw(&map, state);
        place_by_click(&map, state);
        follow_view(&map, state);
        fit_on_paper(&map, state);
    });
    let placing = move || state.placing.get().map(|receiver| view! { <Placing receiver/> });
    view! {
        <section class="map-panel" aria-label="Map" class:placing=move || state.placing.get().is_some() class:tiled=move || !state.tile_url.get().is_empty()>
            <div id="map" node_ref=element></div>
            {placing}
            <Legend/>
        </section>
    }
}

/// The map goes where a link says, and the address says where the map went.
fn follow_view(map: &Map, state: State) {
    map.on_moved(move |view| state.view.set(Some(view)));
    let map = map.clone();
    Effect::new(move |_| state.wanted_view.get().into_iter().for_each(|view| map.go_to(view)));
}

/// On paper the map has another size: it shows all there, and afterwards what it showed before.
fn fit_on_paper(map: &Map, state: State) {
    let (map, shown) = (map.clone(), Cell::new(None));
    dom::on_print(move |paper| {
        if paper {
            shown.set(state.view.get_untracked());
        }
        map.invalidate_size(false);
        if paper {
            answer::show_all(&map, state);
        } else {
            shown.take().into_iter().for_each(|view| map.go_to(view));
        }
    });
}

fn place_by_click(map: &Map, state: State) {
    map.on_click(move |position| {
        if let Some(receiver) = state.placing.try_update(Option::take).flatten() {
            state.send(Event::Placed(receiver, position, Origin::Map));
        }
    });
}

/// What a click on the map will do.
#[component]
fn Placing(receiver: String) -> impl IntoView {
    let state = state();
    view! {
        <p class="map-hint" role="status">
            "Click where " <b>{receiver}</b> " stands. "
            <button type="button" class="link" on:click=move |_| state.placing.set(None)>"Leave it"</button>
        </p>
    }
}

/// Meaning of the signs, shown with an answer.
#[component]
fn Legend() -> impl IntoView {
    let state = state();
    let answered = state.part(|session| session.report.as_ref().is_some_and(|report| report.fix.mean.is_some()));
    let entry = |class, text| view! { <li><i class=class aria-hidden="true"></i>{text}</li> };
    move || {
        answered.get().then(|| {
            view! {
                <ul class="legend" aria-label="Legend">
                    {entry("swatch region-50", "50 %")}
                    {entry("swatch region-68", "68 %")}
                    {entry("swatch region-95", "95 % region")}
                    {entry("swatch line-ellipse", "95 % ellipse")}
                    {entry("swatch sign-mode", "most likely")}
                    {entry("swatch sign-mean", "mean")}
                    {state.truth.get().map(|_| entry("swatch sign-truth", "known"))}
                </ul>
            }
        })
    }
}
