//! The parts of Leaflet 1.9 that the page uses. Coordinates go in as `[lat, lon]`, Leaflet's order.

use heimdall_page::link::View;
use heimdall_recording::Position;
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

#[wasm_bindgen]
extern "C" {
    /// `L.Map`.
    #[derive(Clone)]
    pub(crate) type Map;
    #[wasm_bindgen(js_namespace = L, js_name = map)]
    fn new_map(element: &HtmlElement, options: &Object) -> Map;
    #[wasm_bindgen(method, js_name = setView)]
    fn set_view(this: &Map, center: &Array, zoom: f64) -> Map;
    #[wasm_bindgen(method, js_name = invalidateSize)]
    pub(crate) fn invalidate_size(this: &Map, animate: bool) -> Map;
    #[wasm_bindgen(method, js_name = getCenter)]
    fn get_center(this: &Map) -> Object;
    #[wasm_bindgen(method, js_name = getZoom)]
    fn get_zoom(this: &Map) -> f64;
    #[wasm_bindgen(method, js_name = fitBounds)]
    fn fit_bounds(this: &Map, bounds: &Array, options: &Object) -> Map;
    #[wasm_bindgen(method, js_name = createPane)]
    fn create_pane(this: &Map, name: &str) -> HtmlElement;
    #[wasm_bindgen(method, js_name = on)]
    fn on_map(this: &Map, event: &str, handler: &Function) -> Map;

    /// `L.Layer` and everything that is one.
    #[derive(Clone)]
    pub(crate) type Layer;
    #[wasm_bindgen(method, js_name = addTo)]
    fn add_to_map(this: &Layer, map: &Map) -> Layer;
    #[wasm_bindgen(method, js_name = addTo)]
    fn add_to_group(this: &Layer, group: &Group) -> Layer;
    #[wasm_bindgen(method)]
    pub(crate) fn remove(this: &Layer) -> Layer;
    #[wasm_bindgen(method, js_name = on)]
    fn on_layer(this: &Layer, event: &str, handler: &Function) -> Layer;
    #[wasm_bindgen(method, js_name = bindTooltip)]
    fn bind_tooltip(this: &Layer, text: &HtmlElement, options: &Object) -> Layer;

    /// `L.LayerGroup`.
    #[wasm_bindgen(extends = Layer)]
    #[derive(Clone)]
    pub(crate) type Group;
    #[wasm_bindgen(js_namespace = L, js_name = layerGroup)]
    fn new_group() -> Group;
    #[wasm_bindgen(method, js_name = clearLayers)]
    pub(crate) fn clear(this: &Group) -> Group;

    /// `L.Marker`.
    #[wasm_bindgen(extends = Layer)]
    #[derive(Clone)]
    pub(crate) type Marker;
    #[wasm_bindgen(js_namespace = L, js_name = marker)]
    fn new_marker(position: &Array, options: &Object) -> Marker;
    #[wasm_bindgen(method, js_name = setLatLng)]
    fn set_lat_lng(this: &Marker, position: &Array) -> Marker;
    #[wasm_bindgen(method, js_name = getLatLng)]
    fn get_lat_lng(this: &Marker) -> Object;
    #[wasm_bindgen(method, js_name = getElement)]
    pub(crate) fn element(this: &Marker) -> Option<HtmlElement>;

    #[wasm_bindgen(js_namespace = L, js_name = polygon)]
    fn new_polygon(rings: &Array, options: &Object) -> Layer;
    #[wasm_bindgen(js_namespace = L, js_name = polyline)]
    fn new_polyline(lines: &Array, options: &Object) -> Layer;
    #[wasm_bindgen(js_namespace = L, js_name = tileLayer)]
    fn new_tiles(template: &str, options: &Object) -> Layer;
    #[wasm_bindgen(js_namespace = L, js_name = divIcon)]
    fn div_icon(options: &Object) -> Object;
    #[wasm_bindgen(js_namespace = L, js_name = svg)]
    fn svg(options: &Object) -> Object;
    #[wasm_bindgen(js_namespace = ["L", "control"], js_name = scale)]
    fn scale(options: &Object) -> Layer;
}

/// A JavaScript object out of pairs.
fn options(pairs: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (key, value) in pairs {
        super::dom::report(Reflect::set(&object, &(*key).into(), value));
    }
    object
}

fn lat_lng(position: Position) -> Array {
    Array::of2(&position.latitude_deg.into(), &position.longitude_deg.into())
}

/// `[lon, lat]` vertices in Leaflet's order.
fn vertices(line: &[[f64; 2]]) -> JsValue {
    line.iter().map(|[lon, lat]| Array::of2(&(*lat).into(), &(*lon).into())).collect::<Array>().into()
}

fn position_of(lat_lng: &JsValue) -> Option<Position> {
    let number = |name: &str| Reflect::get(lat_lng, &name.into()).ok().and_then(|value| value.as_f64());
    let (lat, lon) = (number("lat")?, number("lng")?);
    // Leaflet counts on past the date line.
    Position::new(lat, (lon + 180.0).rem_euclid(360.0) - 180.0)
}

/// A handler that lives as long as the page: the map does too.
fn handler(action: impl Fn(JsValue) + 'static) -> Function {
    Closure::<dyn Fn(JsValue)>::new(action).into_js_value().unchecked_into()
}

impl Map {
    /// A map of the world without any layer.
    pub(crate) fn new(element: &HtmlElement) -> Self {
        let renderer = svg(&options(&[("padding", 0.4.into())]));
        let map = new_map(
            element,
            &options(&[
                ("renderer", renderer.into()),
                ("zoomSnap", 0.25.into()),
                ("minZoom", 1.5.into()),
                ("maxZoom", 18.into()),
                ("worldCopyJump", true.into()),
                ("attributionControl", true.into()),
            ]),
        );
        map.set_view(&Array::of2(&48.into(), &10.into()), 3.5);
        map
    }

    /// A bar of so many kilometres or miles; to be removed before another takes its place.
    pub(crate) fn scale(&self, imperial: bool) -> Layer {
        let choice = [("imperial", imperial.into()), ("metric", (!imperial).into()), ("maxWidth", 120.into())];
        scale(&options(&choice)).add_to_map(self)
    }

    /// A drawing level of its own; higher ones lie over lower ones.
    pub(crate) fn pane(&self, name: &str, level: u32) {
        let pane = self.create_pane(name);
        super::dom::report(pane.style().set_property("z-index", &level.to_string()));
        super::dom::report(pane.style().set_property("pointer-events", "none"));
    }

    /// Shows a rectangle, `[lon, lat]` of two corners, with room for the legend and for a name at the right edge.
    pub(crate) fn fit(&self, corners: [[f64; 2]; 2]) {
        let top_left = Array::of2(&60.into(), &28.into());
        let bottom_right = Array::of2(&110.into(), &84.into());
        let bounds: Array = vertices(&corners).unchecked_into();
        self.fit_bounds(
            &bounds,
            &options(&[
                ("paddingTopLeft", top_left.into()),
                ("paddingBottomRight", bottom_right.into()),
                ("maxZoom", 13.into()),
                ("animate", false.into()),
            ]),
        );
    }

    /// Shows so much around a place.
    pub(crate) fn go_to(&self, view: View) {
        self.set_view(&lat_lng(view.center), view.zoom);
    }

    /// Calls `action` with what the map shows, whenever it has come to rest.
    pub(crate) fn on_moved(&self, action: impl Fn(View) + 'static) {
        let map = self.clone();
        let moved = move |_| {
            if let Some(center) = position_of(&map.get_center()) {
                action(View { center, zoom: map.get_zoom() });
            }
        };
        self.on_map("moveend", &handler(moved));
    }

    /// Calls `action` with the place of each click.
    pub(crate) fn on_click(&self, action: impl Fn(Position) + 'static) {
        let clicked = move |event: JsValue| {
            let place = Reflect::get(&event, &"latlng".into()).ok();
            if let Some(position) = place.and_then(|place| position_of(&place)) {
                action(position);
            }
        };
        self.on_map("click", &handler(clicked));
    }

    /// An empty group on the map.
    pub(crate) fn group(&self) -> Group {
        let group = new_group();
        group.add_to_map(self);
        group
    }

    /// Map tiles from an address template.
    pub(crate) fn tiles(&self, template: &str) -> Layer {
        new_tiles(template, &options(&[("attribution", "Tiles: the address in the settings".into())])).add_to_map(self)
    }
}

/// Options of a shape whose colours come from the style sheet.
fn shape(pane: &str, class: &str) -> Object {
    options(&[
        ("pane", pane.into()),
        ("className", class.into()),
        ("interactive", false.into()),
        ("smoothFactor", 0.7.into()),
    ])
}

impl Group {
    /// A filled polygon of rings of `[lon, lat]`.
    pub(crate) fn polygon(&self, rings: &[Vec<[f64; 2]>], pane: &str, class: &str) {
        let rings: Array = rings.iter().map(|ring| vertices(ring)).collect();
        new_polygon(&rings, &shape(pane, class)).add_to_group(self);
    }

    /// Open lines of `[lon, lat]`.
    pub(crate) fn lines(&self, lines: &[Vec<[f64; 2]>], pane: &str, class: &str, attribution: &str) {
        let lines: Array = lines.iter().map(|line| vertices(line)).collect();
        let options = shape(pane, class);
        super::dom::report(Reflect::set(&options, &"noClip".into(), &false.into()));
        super::dom::report(Reflect::set(&options, &"attribution".into(), &attribution.into()));
        // An invisible fill would catch clicks and hide what lies below.
        super::dom::report(Reflect::set(&options, &"fill".into(), &false.into()));
        new_polyline(&lines, &options).add_to_group(self);
    }

    /// A name on the map.
    pub(crate) fn label(&self, place: Position, class: &str, name: &str) {
        Marker::new(place, class, name, name, false).add_to_group(self);
    }

    /// A sign that does not move, with a label for the pointer.
    pub(crate) fn sign(&self, position: Position, class: &str, label: &str) {
        let marker = Marker::new(position, class, "", label, false);
        if let Some(text) = super::dom::element("span", "", label) {
            marker.bind_tooltip(
                &text,
                &options(&[("direction", "top".into()), ("offset", Array::of2(&0.into(), &(-8).into()).into())]),
            );
        }
        marker.add_to_group(self);
    }
}

impl Marker {
    /// A marker drawn by the style sheet, with a name beside it.
    pub(crate) fn new(position: Position, class: &str, name: &str, label: &str, draggable: bool) -> Self {
        let text = super::dom::element("span", "marker-name", name).map_or(JsValue::FALSE, JsValue::from);
        let icon = div_icon(&options(&[
            ("className", class.into()),
            ("html", if name.is_empty() { JsValue::FALSE } else { text }),
            ("iconSize", Array::of2(&24.into(), &24.into()).into()),
        ]));
        new_marker(
            &lat_lng(position),
            &options(&[
                ("icon", icon.into()),
                ("draggable", draggable.into()),
                ("keyboard", draggable.into()),
                ("title", label.into()),
                ("alt", label.into()),
                ("autoPan", true.into()),
            ]),
        )
    }

    /// Puts the marker on the map.
    pub(crate) fn show(&self, map: &Map) {
        self.add_to_map(map);
    }

    /// Moves the marker.
    pub(crate) fn set_position(&self, position: Position) {
        self.set_lat_lng(&lat_lng(position));
    }

    /// Calls `action` with the name of the event and the place, while the marker is dragged and when it is let go.
    pub(crate) fn on_drag(&self, action: impl Fn(&str, Position) + Clone + 'static) {
        for event in ["dragstart", "drag", "dragend"] {
            let (marker, action) = (self.clone(), action.clone());
            let moved = move |_| {
                if let Some(position) = position_of(&marker.get_lat_lng()) {
                    action(event, position);
                }
            };
            self.on_layer(event, &handler(moved));
        }
    }
}
