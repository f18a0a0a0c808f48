//! A map on which the place of a transmitter is picked.

use leptos::html::Div;
use leptos::prelude::*;

use crate::leaflet::Map;
use crate::outlines;
use crate::place::{Place, Station, Surveyed};
use crate::place_fields::PlaceForm;

/// The map, its place and margin, and the receivers that tell where one is.
#[component]
pub(crate) fn PickMap(id: String, form: PlaceForm, receivers: RwSignal<Vec<Station>>) -> impl IntoView {
    let element = NodeRef::<Div>::new();
    let made = StoredValue::new_local(None::<Map>);
    element.on_load(move |element| {
        let map = Map::new(&element, true);
        outlines::draw(&map);
        map.on_click(move |place| form.pick(place));
        // What is there when the map opens; afterwards it stays where the user moved it.
        let source = form.place().get_untracked();
        let receivers_first = receivers.get_untracked();
        let places = receivers_first.iter().map(|station| station.place).chain(source.map(|source| source.place));
        map.fit(&places.collect::<Vec<_>>());
        draw_source(&map, form);
        draw_receivers(&map, receivers);
        made.set_value(Some(map));
        // It opens below the button, where a small screen ends.
        element.scroll_into_view_with_bool(false);
    });
    on_cleanup(move || {
        if let Some(map) = made.try_update_value(Option::take).flatten() {
            map.remove();
        }
    });
    view! {
        <div class="pick">
            <p class="small">"Click where the transmitter stands. The circle is how far that may be off, as the field says."</p>
            <div class="desk-map" id=id role="group" aria-label="Map to pick the transmitter's place on; the fields take it as numbers" node_ref=element></div>
        </div>
    }
}

fn draw_source(map: &Map, form: PlaceForm) {
    let (group, place) = (map.group(), form.place());
    Effect::new(move |_| {
        group.clear();
        if let Some(Surveyed { place, error_m }) = place.get() {
            group.circle(place, error_m, "margin");
            group.sign(place, "source chosen", "");
        }
    });
}

fn draw_receivers(map: &Map, receivers: RwSignal<Vec<Station>>) {
    let (map, group) = (map.clone(), map.group());
    Effect::new(move |was_empty: Option<bool>| {
        group.clear();
        let stations = receivers.get();
        for Station { name, place } in &stations {
            group.sign(*place, "receiver", name);
        }
        // They may come after the map.
        if was_empty == Some(true) {
            map.fit(&stations.iter().map(|station| station.place).collect::<Vec<Place>>());
        }
        stations.is_empty()
    });
}
