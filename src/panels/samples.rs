//! Simulated scenes to try, each for what it teaches. All are fetched only when chosen.

use heimdall_page::session::Event;
use heimdall_pipeline::{Reference, ReferenceScheme, ReferenceSettings};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::{fetch, files};
use crate::state::{State, state};

/// A scene of the page's own.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// Folder, and the button's name.
    folder: &'static str,
    collection: &'static str,
    label: &'static str,
    /// What it teaches.
    lesson: &'static str,
    /// Transmitter to align the clocks on.
    reference: Option<&'static str>,
}

/// The one that the header offers.
pub(crate) const FIRST: Sample = Sample {
    folder: "synchronised",
    collection: "synthetic-145mhz",
    label: "Try the sample",
    lesson: "",
    reference: None,
};

const OTHERS: [Sample; 3] = [
    Sample {
        folder: "level-only",
        collection: "level-only",
        label: "Levels only",
        lesson: "without good clocks: a wide region, never a point",
        reference: None,
    },
    Sample {
        folder: "reference-aligned",
        collection: "reference-aligned",
        label: "Aligned on a reference",
        lesson: "computers' clocks, set by a transmitter of known place",
        reference: Some("48.32,11.5,145511000,12500"),
    },
    Sample {
        folder: "not-locatable",
        collection: "not-locatable",
        label: "Not locatable",
        lesson: "and why it is not",
        reference: None,
    },
];

/// Loads a sample as if its files had been dropped.
#[component]
pub(crate) fn SampleButton(sample: Sample) -> impl IntoView {
    let state = state();
    let loading = RwSignal::new(false);
    let id = if sample.folder == FIRST.folder { "try-sample".to_owned() } else { format!("try-{}", sample.folder) };
    view! {
        <button type="button" id=id disabled=move || loading.get() on:click=move |_| load(state, loading, sample)>
            {move || if loading.get() { "Loading the sample…" } else { sample.label }}
        </button>
    }
}

/// The samples beside the first.
#[component]
pub(crate) fn OtherSamples() -> impl IntoView {
    let rows =
        OTHERS.map(|sample| view! { <li><SampleButton sample/>" "<span class="small">{sample.lesson}</span></li> });
    view! {
        <h3>"Simulated scenes that show more"</h3>
        <ul class="samples">{rows}</ul>
    }
}

fn load(state: State, loading: RwSignal<bool>, sample: Sample) {
    loading.set(true);
    spawn_local(async move {
        match fetch::sample(sample.folder, sample.collection).await {
            Ok(contents) => {
                if let Some(Ok(reference)) = sample.reference.map(Reference::parse) {
                    let mut settings = state.session.with_untracked(|session| session.settings.clone());
                    settings.reference = Some(ReferenceSettings { reference, scheme: ReferenceScheme::Inside });
                    state.send(Event::Set(settings));
                }
                state.send(Event::Dropped(files::fetched(&contents)));
            }
            Err(error) => state.send(Event::Failed(format!("The sample could not be loaded: {error}."))),
        }
        loading.set(false);
    });
}
