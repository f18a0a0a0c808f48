//! Receivers as markers that can be dragged.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use heimdall_page::session::Event;
use heimdall_recording::{Origin, Position};
use leptos::prelude::*;

use crate::browser::leaflet::{Map, Marker};
use crate::state::State;

/// What a marker shows.
#[derive(Clone, PartialEq)]
struct Spot {
    name: String,
    position: Position,
    used: bool,
}

struct Shown {
    spot: Spot,
    marker: Marker,
}

#[derive(Default)]
struct Markers {
    shown: HashMap<String, Shown>,
    /// The marker in the user's hand is not moved by answers to where it was.
    dragged: Option<String>,
}

pub(super) fn draw(map: &Map, state: State) {
    let spots = state.part(|session| {
        let receivers = session.report.iter().flat_map(|report| &report.receivers);
        let spot = receivers.filter_map(|receiver| {
            let position = receiver.position.as_ref()?.value;
            Some(Spot { name: receiver.name.clone(), position, used: receiver.used })
        });
        spot.collect::<Vec<_>>()
    });
    let (map, markers) = (map.clone(), Rc::new(RefCell::new(Markers::default())));
    Effect::new(move |_| {
        let spots = spots.get();
        let gone = |name: &String| !spots.iter().any(|spot| spot.name == *name);
        for (_, old) in markers.borrow_mut().shown.extract_if(|name, _| gone(name)) {
            old.marker.remove();
        }
        for spot in spots {
            update(&map, &markers, spot, state);
        }
    });
}

fn update(map: &Map, markers: &Rc<RefCell<Markers>>, spot: Spot, state: State) {
    let mut borrowed = markers.borrow_mut();
    let dragged = borrowed.dragged.as_ref() == Some(&spot.name);
    match borrowed.shown.get_mut(&spot.name) {
        Some(shown) if shown.spot == spot => {}
        Some(shown) => {
            if !dragged {
                shown.marker.set_position(spot.position);
            }
            show_use(&shown.marker, spot.used);
            shown.spot = spot;
        }
        None => {
            let label = format!("Receiver {}; drag to move it", spot.name);
            let marker = Marker::new(spot.position, "receiver", &spot.name, &label, true);
            marker.show(map);
            show_use(&marker, spot.used);
            follow(&marker, spot.name.clone(), Rc::clone(markers), state);
            borrowed.shown.insert(spot.name.clone(), Shown { spot, marker });
        }
    }
}

fn show_use(marker: &Marker, used: bool) {
    if let Some(element) = marker.element() {
        element.set_class_name(&{
            let mut classes: Vec<String> = element.class_name().split(' ').map(str::to_owned).collect();
            classes.retain(|class| class != "unused");
            if !used {
                classes.push("unused".to_owned());
            }
            classes.join(" ")
        });
    }
}

/// The answer follows the marker while it is dragged.
fn follow(marker: &Marker, name: String, markers: Rc<RefCell<Markers>>, state: State) {
    marker.on_drag(move |event, position| {
        markers.borrow_mut().dragged = (event != "dragend").then(|| name.clone());
        if event != "dragstart" {
            let placed = Event::Placed(name.clone(), position, Origin::Map);
            let let_go = event == "dragend";
            state.send(if let_go { placed } else { Event::Dragged(name.clone(), position) });
        }
    });
}
