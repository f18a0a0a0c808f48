//! What was asked of a version before it was promoted, and its errors beside those of the baselines.

use heimdall_model::{Estimate, MetricsCard, ModelCard};
use heimdall_page::format;
use leptos::prelude::*;

#[component]
pub(super) fn Results(card: ModelCard) -> impl IntoView {
    let checks: Vec<_> = card
        .checks
        .iter()
        .map(|check| {
            let mark = if check.passed { "passed: " } else { "failed: " };
            view! { <li class:failed=!check.passed>{mark} {check.sentence.clone()}</li> }
        })
        .collect();
    let rows: Vec<_> = card.metrics.iter().chain(&card.baselines).map(row).collect();
    let caption = card.metrics.first().map(|one| format!("{}, {} scenes in held-out blocks", one.world, one.scenes));
    let table = (!rows.is_empty()).then(|| {
        view! {
            <div class="scrolls">
                <table>
                    <caption>{caption}</caption>
                    <thead><tr><th scope="col">"method"</th><th scope="col">"RMSE"</th><th scope="col">"median"</th><th scope="col">"68 % holds"</th><th scope="col">"95 % holds"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <ul class="checks">{checks}</ul>
        {table}
    }
}

fn row(one: &MetricsCard) -> impl IntoView + use<> {
    let percent = |share: Option<Estimate>| share.map(|share| format!("{} %", format::number(share.value * 100.0, 1)));
    view! {
        <tr>
            <th scope="row">{one.method.clone()}</th>
            <td>{distance(one.rmse_m)}</td>
            <td>{distance(one.median_m)}</td>
            <td>{percent(one.coverage_68)}</td>
            <td>{percent(one.coverage_95)}</td>
        </tr>
    }
}

fn distance(estimate: Estimate) -> String {
    let Estimate { value, low, high } = estimate;
    if value < 1e3 {
        format!("{value:.0} m ({low:.0}–{high:.0})")
    } else {
        format!("{:.1} km ({:.1}–{:.1})", value / 1e3, low / 1e3, high / 1e3)
    }
}
