//! What a version did on scenes that it has never seen; nothing for versions that do not tell.

use heimdall_model::{HELD_OUT_FILE, HeldOut, ModelCard};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::calibration::Calibration;
use super::error_map::ErrorMap;
use super::{Shared, fetch};

#[component]
pub(super) fn HeldOutPart(folder: String, card: ModelCard) -> impl IntoView {
    let Shared { trouble, .. } = expect_context();
    let held_out = RwSignal::new(None::<HeldOut>);
    if card.file(HELD_OUT_FILE).is_some() {
        spawn_local(async move {
            let text = fetch::text(&format!("{folder}/{HELD_OUT_FILE}")).await;
            match text.and_then(|text| HeldOut::parse(text.as_bytes()).map_err(|error| error.to_string())) {
                Ok(found) => held_out.set(Some(found)),
                Err(sentence) => trouble.set(Some(sentence)),
            }
        });
    }
    move || {
        held_out.get().filter(|held_out| !held_out.scenes.is_empty()).map(|held_out| {
            let constellation = card.constellation.clone();
            view! {
                <div class="pictures">
                    <ErrorMap held_out=held_out.clone() constellation/>
                    <Calibration held_out/>
                </div>
            }
        })
    }
}
