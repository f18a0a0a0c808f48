//! The spectrogram of a row, which opens the waterfall.

use heimdall_page::colour;
use leptos::html::Canvas;
use leptos::prelude::*;

use crate::browser::canvas;
use crate::state::state;

/// Fetches the waterfall, a program of its own, when it is first wanted: in the browser's own words, which are shorter.
const LOOK: &str = "import('./waterfall.js').then(w=>w.default().then(()=>w.look(this.dataset.look)))";

#[component]
pub(crate) fn Picture(id: String) -> impl IntoView {
    let state = state();
    let (label, look) = (format!("Look at the spectrogram of {id}"), id.clone());
    let element = NodeRef::<Canvas>::new();
    let thumbnail = state.part(move |session| {
        let entry = session.entries.iter().find(|entry| entry.scene.id == id);
        entry.map(|entry| entry.scene.survey.thumbnail.clone())
    });
    Effect::new(move |_| {
        let (Some(element), Some(picture)) = (element.get(), thumbnail.get()) else { return };
        canvas::put_pixels(&element, &colour::pixels(&picture.values), picture.width, picture.height);
    });
    view! {
        <button type="button" class="thumbnail" aria-label=label data-look=look onclick=LOOK>
            <canvas node_ref=element></canvas>
        </button>
    }
}
