//! A version that this page alone uses, until told otherwise or loaded again.

use heimdall_desk::trial::{Comparison, list_with};
use heimdall_model::ModelIndex;
use leptos::prelude::*;

use crate::page;

/// Lives as long as the page, unlike the parts of the desk.
#[derive(Clone, Copy)]
pub(crate) struct Trial {
    /// Folder and version.
    tried: RwSignal<Option<(String, String)>>,
    comparison: RwSignal<Comparison>,
}

impl Trial {
    /// Nothing is tried; listens for answers from now on.
    pub(crate) fn provide() -> Self {
        let trial = Self { tried: RwSignal::new(None), comparison: RwSignal::default() };
        provide_context(trial);
        page::on_answer(move || {
            // Without a trial nobody compares.
            if trial.tried.with_untracked(Option::is_some)
                || !trial.comparison.with_untracked(|all| all.rows().is_empty())
            {
                trial.look();
            }
        });
        trial
    }

    /// Takes in what the page says of its scene.
    pub(super) fn look(self) {
        let Some(lent) = page::lent() else { return };
        let used = self.version_untracked();
        self.comparison.update(|comparison| comparison.take(&lent, used.as_deref()));
    }

    /// Lets the page use a version.
    pub(super) fn begin(self, index: &ModelIndex, folder: &str, version: &str) {
        self.look();
        if let Some(list) = list_with(index, folder, version) {
            self.tried.set(Some((folder.to_owned(), version.to_owned())));
            page::give_models(Some(list));
        }
    }

    /// Lets the page use what is in use.
    pub(super) fn end(self) {
        self.tried.set(None);
        page::give_models(None);
    }

    /// Whether the page uses this version now, which is in use or not.
    pub(super) fn uses(self, folder: &str, version: &str, in_use: bool) -> bool {
        self.tried.with(|tried| match tried {
            Some((other, tried)) if other == folder => tried == version,
            _ => in_use,
        })
    }

    /// The version that is tried.
    pub(super) fn version(self) -> Option<String> {
        self.tried.with(|tried| tried.as_ref().map(|(_, version)| version.clone()))
    }

    fn version_untracked(self) -> Option<String> {
        untrack(|| self.version())
    }

    /// What was said of the scene so far.
    pub(super) fn comparison(self) -> Comparison {
        self.comparison.get()
    }

    /// How long a run of a version took in this browser, milliseconds.
    pub(super) fn run_ms(self, version: &str) -> Option<f64> {
        self.comparison.with(|all| all.run_s(version)).map(|run_s| 1e3 * run_s)
    }
}

/// Says in the page's header that a version is tried.
#[component]
pub(crate) fn TrialNote() -> impl IntoView {
    let trial: Trial = expect_context();
    let note = move || {
        trial.version().map(|version| {
            view! {
                <span class="trial">{format!("Trying {version}")}</span>
                <button type="button" class="quiet" id="end-trial" aria-label=format!("Stop trying {version} in this page") on:click=move |_| trial.end()>"Stop"</button>
            }
        })
    };
    view! { <span id="trial" role="status">{note}</span> }
}
