//! Where the transmitters of the listed sessions are. The list says the same in words.

use std::collections::HashMap;

use leptos::html::Div;
use leptos::prelude::*;

use super::listing::Listing;
use super::session::Session;
use super::{Shelf, row_id};
use crate::focus::focus;
use crate::leaflet::{Map, Marker};
use crate::outlines;
use crate::place::Place;

/// The id of the map in the document.
const MAP: &str = "sessions-map";

/// A known transmitter.
#[derive(Clone, PartialEq)]
pub(super) struct Point {
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

impl Listing {
    /// The known transmitters of what is listed.
    pub(super) fn points(self) -> Memo<Vec<Point>> {
        let point = |session: &Session| {
            let (id, title, state) = (session.id.clone(), session.draft.title.clone(), session.state.clone());
            Some(Point { id, title, state, place: session.position?.place })
        };
        Memo::new(move |_| self.items.with(|sessions| sessions.iter().flatten().filter_map(point).collect()))
    }
}

/// The map, where any place is known.
#[component]
pub(super) fn SessionsMap(points: Memo<Vec<Point>>) -> impl IntoView {
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
    view! {
        <div class="desk-map" id=MAP role="group" aria-label="Transmitters of the sessions below" node_ref=element></div>
    }
}

/// What the signs mean, where there is a map.
#[component]
pub(super) fn Legend(points: Memo<Vec<Point>>) -> impl IntoView {
    let entry = |state: &'static str| {
        view! { <li><i class=format!("swatch source {state}") aria-hidden="true"></i>{state}</li> }
    };
    let entries = move || {
        let states = ["pending", "approved", "rejected"].into_iter();
        let shown = states.filter(|state| points.with(|points| points.iter().any(|point| point.state == *state)));
        shown.map(entry).collect_view()
    };
    view! { <ul class="signs" aria-label="Signs on the map">{entries}</ul> }
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
