//! How a published version was learned; nothing for versions that do not tell.

use heimdall_desk::course::Course;
use heimdall_model::{LEARNING_FILE, ModelCard};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Shared, fetch};
use crate::chart::Chart;

#[component]
pub(super) fn Learning(folder: String, card: ModelCard) -> impl IntoView {
    let Shared { trouble, .. } = expect_context();
    let fetched = RwSignal::new(Course::default());
    if card.file(LEARNING_FILE).is_some() {
        spawn_local(async move {
            match fetch::text(&format!("{folder}/{LEARNING_FILE}")).await {
                Ok(text) => fetched.set(Course::parse(&text)),
                Err(sentence) => trouble.set(Some(sentence)),
            }
        });
    }
    let course = Memo::new(move |_| fetched.get());
    move || {
        (!course.with(Course::is_empty)).then(|| {
            view! {
                <figure>
                    <figcaption><b>"How it learned"</b>" " {course.with(Course::line)}</figcaption>
                    <Chart course/>
                </figure>
            }
        })
    }
}
