//! The spectrogram of a row.

use heimdall_page::colour;
use leptos::html::Canvas;
use leptos::prelude::*;

use crate::browser::canvas;
use crate::state::state;

#[component]
pub(crate) fn Picture(id: String) -> impl IntoView {
    let state = state();
    let label = format!("Spectrogram of {id}: time to the right, frequency upwards");
    let element = NodeRef::<Canvas>::new();
    let thumbnail = state.part(move |session| {
        let entry = session.entries.iter().find(|entry| entry.scene.id == id);
        entry.map(|entry| entry.scene.survey.thumbnail.clone())
    });
    Effect::new(move |_| {
        let (Some(element), Some(picture)) = (element.get(), thumbnail.get()) else { return };
        canvas::put_pixels(&element, &colour::pixels(&picture.values), picture.width, picture.height);
    });
    view! { <canvas class="thumbnail" node_ref=element role="img" aria-label=label></canvas> }
}
