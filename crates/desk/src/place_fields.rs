//! The place of a transmitter: typed, or picked on a map.

use leptos::prelude::*;

use crate::pick_map::PickMap;
use crate::place::{Place, Station, Surveyed};

/// A place as it is typed.
#[derive(Clone, Copy)]
pub(crate) struct PlaceForm {
    pub(crate) latitude: RwSignal<String>,
    pub(crate) longitude: RwSignal<String>,
    pub(crate) error_m: RwSignal<String>,
}

/// A number as people type it.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").replace('−', "-").parse::<f64>().ok().filter(|number| number.is_finite())
}

/// How well a place is known, metres.
fn margin(text: &str) -> Option<f64> {
    number(text).filter(|metres| (0.0..=1e6).contains(metres))
}

impl PlaceForm {
    /// Nothing typed, and the margin that a map gives.
    pub(crate) fn new() -> Self {
        let [latitude, longitude] = [(); 2].map(|()| RwSignal::default());
        Self { latitude, longitude, error_m: RwSignal::new("50".to_owned()) }
    }

    /// Takes a place from a map; five decimals are a metre.
    pub(crate) fn pick(self, place: Place) {
        self.latitude.set(format!("{:.5}", place.latitude_deg));
        self.longitude.set(format!("{:.5}", place.longitude_deg));
    }

    /// What the fields say, as far as that is a place.
    pub(crate) fn place(self) -> Signal<Option<Surveyed>> {
        Signal::derive(move || {
            let degrees = number(&self.latitude.get()).zip(number(&self.longitude.get()));
            let place = degrees.and_then(|(latitude, longitude)| Place::new(latitude, longitude))?;
            Some(Surveyed { place, error_m: margin(&self.error_m.get()).unwrap_or(0.0) })
        })
    }

    /// The place; nothing where both fields are empty, and a sentence where they hold none.
    pub(crate) fn read(self) -> Result<Option<Surveyed>, String> {
        if self.latitude.with_untracked(|text| text.trim().is_empty())
            && self.longitude.with_untracked(|text| text.trim().is_empty())
        {
            return Ok(None);
        }
        let Some(Surveyed { place, .. }) = self.place().get_untracked() else {
            return Err("Latitude and longitude are degrees such as 45.0703 and 7.6869; leave both empty where the transmitter is not known.".to_owned());
        };
        let error_m = margin(&self.error_m.get_untracked());
        let error_m = error_m.ok_or("How well the place is known is a number of metres.")?;
        Ok(Some(Surveyed { place, error_m }))
    }
}

/// Three fields and a map that opens below them.
#[component]
pub(crate) fn PlaceFields(prefix: &'static str, form: PlaceForm, receivers: RwSignal<Vec<Station>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let field = |name: &str, label: &'static str, placeholder: &'static str, text: RwSignal<String>| {
        let id = format!("{prefix}-{name}");
        view! {
            <label for=id.clone()>{label}</label>
            <input type="text" inputmode="decimal" id=id placeholder=placeholder prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event))/>
        }
    };
    let map_id = format!("{prefix}-map");
    let controls = map_id.clone();
    view! {
        {field("latitude", "Transmitter, latitude", "unknown", form.latitude)}
        {field("longitude", "longitude", "unknown", form.longitude)}
        {field("error", "known to, metres", "", form.error_m)}
        <span></span>
        <span>
            <button type="button" id=format!("{prefix}-pick") aria-expanded=move || open.get().to_string() aria-controls=controls on:click=move |_| open.update(|open| *open = !*open)>
                {move || if open.get() { "Close the map" } else { "Pick on a map" }}
            </button>
        </span>
        {move || open.get().then(|| view! { <PickMap id=map_id.clone() form receivers/> })}
    }
}
