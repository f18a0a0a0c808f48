//! What the versions that were tried say of the scene in the page.

use heimdall_desk::trial::{Comparison, Tried};
use heimdall_page::format;
use leptos::prelude::*;

use super::Shared;

#[component]
pub(super) fn ComparisonTable() -> impl IntoView {
    let Shared { trial, .. } = expect_context();
    move || {
        let (comparison, tried) = (trial.comparison(), trial.version());
        if tried.is_none() && comparison.rows().len() < 2 {
            return None;
        }
        let waiting = tried.filter(|version| comparison.of(version).is_none()).map(|version| {
            view! { <tr><th scope="row">{version}</th><td colspan="4">"waits for recordings, or is at work"</td></tr> }
        });
        let rows = comparison.rows().iter().map(|tried| row(&comparison, tried)).collect_view();
        let head = ["version", "mean of the fix", "from the first", "95 % region", "fastest run here"]
            .map(|name| view! { <th scope="col">{name}</th> });
        Some(view! {
            <p class="small">"The scene in the page, by version. This page uses the version tried until it is told otherwise or loaded again."</p>
            <div class="scrolls" id="desk-comparison" role="region" aria-label="Versions on the scene in the page" tabindex="0">
                <table>
                    <thead><tr>{head}</tr></thead>
                    <tbody>{rows}{waiting}</tbody>
                </table>
            </div>
        })
    }
}

fn row(comparison: &Comparison, tried: &Tried) -> AnyView {
    let name = view! { <th scope="row">{tried.version.clone()}</th> };
    match &tried.outcome {
        Err(sentence) => view! { <tr>{name}<td colspan="4" class="wraps">{sentence.clone()}</td></tr> }.into_any(),
        Ok(fixed) => {
            let run = comparison.run_s(&tried.version).map(|run_s| format!("{} ms", format::number(1e3 * run_s, 1)));
            view! {
                <tr>
                    {name}
                    <td class="coordinates">{format::coordinates(fixed.mean)}</td>
                    <td>{comparison.distance_m(tried).map_or_else(|| "–".to_owned(), format::distance)}</td>
                    <td>{fixed.area_95_km2.map(format::area)}</td>
                    <td>{run}</td>
                </tr>
            }
            .into_any()
        }
    }
}
