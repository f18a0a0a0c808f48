//! The parts of Leaflet 1.9 that the desk uses; the page has loaded it. Colours come from the style sheet.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

use crate::page::report;
use crate::place::Place;

#[wasm_bindgen]
extern "C" {
    /// `L.Map`.
    #[derive(Clone)]
    pub(crate) type Map;
    #[wasm_bindgen(js_namespace = L, js_name = map)]
    fn new_map(element: &HtmlElement, options: &Object) -> Map;
    #[wasm_bindgen(method, js_name = setView)]
    fn set_view(this: &Map, center: &Array, zoom: f64) -> Map;
    #[wasm_bindgen(method, js_name = getZoom)]
    fn zoom(this: &Map) -> f64;
    #[wasm_bindgen(method, js_name = fitBounds)]
    fn fit_bounds(this: &Map, bounds: &Array, options: &Object) -> Map;
    #[wasm_bindgen(method, js_name = createPane)]
    fn create_pane(this: &Map, name: &str) -> HtmlElement;
    #[wasm_bindgen(method, js_name = on)]
    fn on_map(this: &Map, event: &str, handler: &Function) -> Map;
    #[wasm_bindgen(method)]
    pub(crate) fn remove(this: &Map) -> Map;

    /// `L.Layer` and everything that is one.
    #[derive(Clone)]
    pub(crate) type Layer;
    #[wasm_bindgen(method, js_name = addTo)]
    fn add_to_map(this: &Layer, map: &Map) -> Layer;
    #[wasm_bindgen(method, js_name = addTo)]
    fn add_to_group(this: &Layer, group: &Group) -> Layer;
    #[wasm_bindgen(method, js_name = on)]
    fn on_layer(this: &Layer, event: &str, handler: &Function) -> Layer;

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
    #[wasm_bindgen(method, js_name = getElement)]
    fn element(this: &Marker) -> Option<HtmlElement>;
    #[wasm_bindgen(method, js_name = setZIndexOffset)]
    fn set_z_index_offset(this: &Marker, offset: f64) -> Marker;

    #[wasm_bindgen(js_namespace = L, js_name = polygon)]
    fn new_polygon(rings: &Array, options: &Object) -> Layer;
    #[wasm_bindgen(js_namespace = L, js_name = polyline)]
    fn new_polyline(lines: &Array, options: &Object) -> Layer;
    #[wasm_bindgen(js_namespace = L, js_name = circle)]
    fn new_circle(center: &Array, options: &Object) -> Layer;
    #[wasm_bindgen(js_namespace = L, js_name = divIcon)]
    fn div_icon(options: &Object) -> Object;
    #[wasm_bindgen(js_namespace = ["L", "control"], js_name = scale)]
    fn scale(options: &Object) -> Layer;
}

/// Zoom at which a single place is shown: near enough to tell it, far enough to see a coast or a border.
const CLOSE_ZOOM: f64 = 7.0;

/// A JavaScript object out of pairs.
fn options(pairs: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (key, value) in pairs {
        report(Reflect::set(&object, &(*key).into(), value));
    }
    object
}

fn lat_lng(place: Place) -> Array {
    Array::of2(&place.latitude_deg.into(), &place.longitude_deg.into())
}

/// `[lon, lat]` vertices in Leaflet's order.
fn vertices(line: &[[f64; 2]]) -> JsValue {
    line.iter().map(|[lon, lat]| Array::of2(&(*lat).into(), &(*lon).into())).collect::<Array>().into()
}

/// Where an event of the map happened.
fn place_of(event: &JsValue) -> Option<Place> {
    let place = Reflect::get(event, &"latlng".into()).ok()?;
    let number = |name: &str| Reflect::get(&place, &name.into()).ok().and_then(|value| value.as_f64());
    // Leaflet counts on past the date line.
    Place::new(number("lat")?, (number("lng")? + 180.0).rem_euclid(360.0) - 180.0)
}

fn handler(action: impl Fn(JsValue) + 'static) -> Function {
    Closure::<dyn Fn(JsValue)>::new(action).into_js_value().unchecked_into()
}

impl Map {
    /// A map of Europe without any layer. With `wheel` the mouse's wheel zooms; without, it scrolls what is around.
    pub(crate) fn new(element: &HtmlElement, wheel: bool) -> Self {
        let map = new_map(
            element,
            &options(&[
                ("zoomSnap", 0.25.into()),
                ("minZoom", 0.into()),
                ("maxZoom", 18.into()),
                ("worldCopyJump", true.into()),
                ("scrollWheelZoom", wheel.into()),
            ]),
        );
        map.set_view(&Array::of2(&48.into(), &10.into()), 3.5);
        scale(&options(&[("imperial", false.into()), ("maxWidth", 120.into())])).add_to_map(&map);
        map
    }

    /// A drawing level of its own; higher ones lie over lower ones.
    pub(crate) fn pane(&self, name: &str, level: u32) {
        let pane = self.create_pane(name);
        report(pane.style().set_property("z-index", &level.to_string()));
        report(pane.style().set_property("pointer-events", "none"));
    }

    /// Shows all of these; stays where there are none.
    pub(crate) fn fit(&self, places: &[Place]) {
        if !places.is_empty() {
            let corners: Array = places.iter().map(|place| lat_lng(*place)).collect();
            let padding = Array::of2(&36.into(), &36.into());
            let options =
                options(&[("padding", padding.into()), ("maxZoom", CLOSE_ZOOM.into()), ("animate", false.into())]);
            self.fit_bounds(&corners, &options);
        }
    }

    /// Moves to a place, and nearer where it is far.
    pub(crate) fn look_at(&self, place: Place) {
        self.set_view(&lat_lng(place), self.zoom().max(CLOSE_ZOOM));
    }

    /// Calls `action` with the place of each click.
    pub(crate) fn on_click(&self, action: impl Fn(Place) + 'static) {
        let clicked = move |event: JsValue| {
            if let Some(place) = place_of(&event) {
                action(place);
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
}

/// Options of a shape that is only looked at.
fn shape(pane: &str, class: &str) -> [(&'static str, JsValue); 3] {
    [("pane", pane.into()), ("className", class.into()), ("interactive", false.into())]
}

impl Group {
    /// A filled polygon of rings of `[lon, lat]`.
    pub(crate) fn polygon(&self, rings: &[Vec<[f64; 2]>], pane: &str, class: &str) {
        let rings: Array = rings.iter().map(|ring| vertices(ring)).collect();
        new_polygon(&rings, &options(&shape(pane, class))).add_to_group(self);
    }

    /// Open lines of `[lon, lat]`.
    pub(crate) fn lines(&self, lines: &[Vec<[f64; 2]>], pane: &str, class: &str, attribution: &str) {
        let lines: Array = lines.iter().map(|line| vertices(line)).collect();
        let options = options(&shape(pane, class));
        report(Reflect::set(&options, &"attribution".into(), &attribution.into()));
        report(Reflect::set(&options, &"fill".into(), &false.into()));
        new_polyline(&lines, &options).add_to_group(self);
    }

    /// A circle on the ground.
    pub(crate) fn circle(&self, center: Place, radius_m: f64, class: &str) {
        let options = options(&shape("overlayPane", class));
        report(Reflect::set(&options, &"radius".into(), &radius_m.into()));
        new_circle(&lat_lng(center), &options).add_to_group(self);
    }

    /// A sign drawn by the style sheet, with a name beside it where that is not empty. Clicks go to the map.
    pub(crate) fn sign(&self, place: Place, class: &str, name: &str) {
        let name = name_element(name).map_or(JsValue::FALSE, JsValue::from);
        self.marker(place, class, name, ("interactive", false.into()));
    }

    /// A sign that does something when it is clicked, with a label for the pointer.
    pub(crate) fn button(&self, place: Place, class: &str, label: &str, action: impl Fn() + 'static) -> Marker {
        let marker = self.marker(place, class, JsValue::FALSE, ("title", label.into()));
        marker.on_layer("click", &handler(move |_| action()));
        marker
    }

    fn marker(&self, place: Place, class: &str, html: JsValue, option: (&str, JsValue)) -> Marker {
        let size = Array::of2(&24.into(), &24.into());
        let icon = div_icon(&options(&[("className", class.into()), ("html", html), ("iconSize", size.into())]));
        // Fields and lists say the same and are what the keyboard reaches.
        let marker =
            new_marker(&lat_lng(place), &options(&[("icon", icon.into()), ("keyboard", false.into()), option]));
        marker.add_to_group(self);
        marker
    }
}

fn name_element(name: &str) -> Option<HtmlElement> {
    if name.is_empty() {
        return None;
    }
    let element: HtmlElement = web_sys::window()?.document()?.create_element("span").ok()?.dyn_into().ok()?;
    element.set_class_name("marker-name");
    element.set_text_content(Some(name));
    Some(element)
}

impl Marker {
    /// Marks it as the one that is meant, above all others, or takes that back.
    pub(crate) fn choose(&self, chosen: bool) {
        self.set_z_index_offset(if chosen { 1000.0 } else { 0.0 });
        if let Some(element) = self.element() {
            report(element.class_list().toggle_with_force("chosen", chosen));
        }
    }
}
