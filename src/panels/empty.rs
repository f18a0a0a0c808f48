//! What the page says before anything was dropped.

use leptos::prelude::*;

use super::samples::OtherSamples;

/// What goes in, in the order of how far it leads.
const INPUTS: [(&str, &str); 4] = [
    (
        "Time differences",
        "IQ recordings of the same transmission from three or more receivers with GNSS clocks: KiwiSDR WAV, SigMF.",
    ),
    ("Levels", "Recordings without a good clock still compare in strength: WAV, RF64, SigMF, NumPy, raw cu8 … cf32."),
    ("Positions", "receivers.csv with receiver, lat, lon. Or click on the map; a station is remembered by its name."),
    ("No recording at all", "A CSV of level_dbm or bearing_deg by receiver gives a region too."),
];

/// What index.html shows as well, until this program has been fetched.
const INTRO: &str = include_str!("../../assets/intro.html");

#[component]
pub(crate) fn Empty() -> impl IntoView {
    let inputs = INPUTS.map(|(name, what)| view! { <div><dt>{name}</dt><dd>{what}</dd></div> });
    view! {
        <section class="empty">
            <svg class="diagram" viewBox="0 0 420 120" aria-hidden="true" inner_html=DIAGRAM></svg>
            <h2>"Drop recordings anywhere, or open them"</h2>
            <p>{INTRO.trim()}</p>
            <dl class="inputs">{inputs}</dl>
            <OtherSamples/>
            <p class="small">"Files stay on this machine: the page reads them here and works without a network."</p>
        </section>
    }
}

/// Three receivers, one emitter, and the hyperbolas between; text, since nothing of it changes.
const DIAGRAM: &str = "\
<g class='waves'><circle cx='236' cy='58' r='18'/><circle cx='236' cy='58' r='40'/>\
<circle cx='236' cy='58' r='66'/><circle cx='236' cy='58' r='96'/></g>\
<path class='curve' d='M 168 2 C 214 34, 248 76, 262 118'/><path class='curve' d='M 312 4 C 262 34, 216 74, 196 118'/>\
<ellipse class='guess' cx='236' cy='58' rx='15' ry='8' transform='rotate(-18 236 58)'/>\
<circle class='emitter' cx='236' cy='58' r='3.5'/>\
<g class='stations'><path d='M 60 92 l 7 12 h -14 z'/><path d='M 118 16 l 7 12 h -14 z'/>\
<path d='M 372 82 l 7 12 h -14 z'/></g>";
