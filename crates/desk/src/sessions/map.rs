//! Where the transmitters of the listed sessions are. The list says the same in words.

use std::collections::HashMap;

use leptos::html::Div;
use leptos::prelude::*;

use super::{Shelf, row_id};
use crate::focus::focus;
use crate::leaflet::{Map, Marker};
use crate::outlines;
use crate::place::Place;

/// The id of the map in the document.
const MAP: &str = "sessions-map";

/// A known transmitter.
#[derive(Clone, PartialEq)]
struct Point {
    id: String,
    title: String,
    state: String,
    place: Place,
}

impl Shelf {
    /// Shows a session of the list on the map.
    pub(super) fn seek(self, id: &str) {
        self.chosen.set(Some(id.to_owned()));
        // Also where the same was sought before and the map was moved since.
        self.sought.set(Some(id.to_owned()));
        focus(MAP);
    }

    /// Shows a session of the map in the list.
    fn find(self, id: &str) {
        self.chosen.set(Some(id.to_owned()));
        focus(row_id(id));
    }
}

/// The map, where any place is known.
#[component]
pub(super) fn SessionsMap() -> impl IntoView {
    let shelf: Shelf = expect_context();
    let points = Memo::new(move |_| {
        shelf.listing.items.with(|sessions| {
            let sessions = sessions.iter().flatten();
            let point = sessions.filter_map(|session| {
                let (id, title, state) = (session.id.clone(), session.draft.title.clone(), session.state.clone());
                Some(Point { id, title, state, place: session.position?.place })
            });
            point.collect::<Vec<_>>()
        })
    });
    let any = Memo::new(move |_| points.with(|points| !points.is_empty()));
    move || any.get().then(|| view! { <Drawn points/> })
}

#[component]
fn Drawn(points: Memo<Vec<Point>>) -> impl IntoView {
    let shelf: Shelf = expect_context();
    let element = NodeRef::<Div>::new();
    let made = StoredValue::new_local(None::<Map>);
    element.on_load(move |element| {
        // The wheel scrolls the list.
        let map = Map::new(&element, false);
        outlines::draw(&map);
        draw(&map, points, shelf);
        made.set_value(Some(map));
    });
    on_cleanup(move || {
        if let Some(map) = made.try_update_value(Option::take).flatten() {
            map.remove();
        }
    });
    let entry = |class, text| view! { <li><i class=class aria-hidden="true"></i>{text}</li> };
    view! {
        <div class="sessions-map">
            <div class="desk-map" id=MAP role="group" aria-label="Transmitters of the sessions below" node_ref=element></div>
            <ul class="legend" aria-hidden="true">
                {entry("swatch source pending", "pending")}
                {entry("swatch source approved", "approved")}
                {entry("swatch source rejected", "rejected")}
            </ul>
        </div>
    }
}

fn draw(map: &Map, points: Memo<Vec<Point>>, shelf: Shelf) {
    let (map, group) = (map.clone(), map.group());
    let markers = StoredValue::new_local(HashMap::<String, (Marker, Place)>::new());
    let seen = map.clone();
    Effect::new(move |fitted: Option<Vec<String>>| {
        group.clear();
        let points = points.get();
        let marker = |point: &Point| {
            let Point { id, title, state, place } = point;
            let clicked = id.clone();
            let (class, label) = (format!("source {state}"), format!("{title}, {state}"));
            let marker = group.button(*place, &class, &label, move || shelf.find(&clicked));
            (id.clone(), (marker, *place))
        };
        markers.set_value(points.iter().map(marker).collect());
        choose(markers, shelf.chosen.get_untracked());
        let ids: Vec<String> = points.iter().map(|point| point.id.clone()).collect();
        // A changed state or title must not move the map under the pointer.
        if fitted.as_ref() != Some(&ids) {
            seen.fit(&points.iter().map(|point| point.place).collect::<Vec<_>>());
        }
        ids
    });
    Effect::new(move |_| choose(markers, shelf.chosen.get()));
    Effect::new(move |_| {
        let place =
            shelf.sought.get().and_then(|id| markers.with_value(|markers| markers.get(&id).map(|(_, place)| *place)));
        if let Some(place) = place {
            map.look_at(place);
        }
    });
}

fn choose(markers: StoredValue<HashMap<String, (Marker, Place)>, LocalStorage>, chosen: Option<String>) {
    markers.with_value(|markers| {
        for (id, (marker, _)) in markers {
            marker.choose(chosen.as_ref() == Some(id));
        }
    });
}
