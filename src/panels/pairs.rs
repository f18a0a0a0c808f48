//! Pairs of receivers: time difference, its uncertainty, what the fix leaves over, and the correlation.

use heimdall_page::format;
use heimdall_pipeline::PairReport;
use leptos::prelude::*;

use super::plot::Plot;
use crate::state::{State, state};

/// Rows shown before 'show all'.
const FIRST_ROWS: usize = 28;

/// What a row shows.
#[derive(Clone, PartialEq)]
struct PairRow {
    index: usize,
    name: String,
    lag: String,
    sigma: String,
    terms: String,
    residual: String,
    disagrees: bool,
    /// The bar's left end and width, hundredths of the cell: the middle is 0, an end 4 σ.
    bar: Option<(u32, u32)>,
}

#[component]
pub(crate) fn Pairs() -> impl IntoView {
    let state = state();
    let all = RwSignal::new(false);
    let rows = state.part(|session| {
        let pairs = session.report.iter().flat_map(|report| &report.pairs);
        pairs.enumerate().map(|(index, pair)| row(index, pair)).collect::<Vec<_>>()
    });
    let shown =
        move || rows.get().into_iter().take(if all.get() { usize::MAX } else { FIRST_ROWS }).collect::<Vec<_>>();
    let hidden = move || rows.with(Vec::len).saturating_sub(FIRST_ROWS);
    move || {
        (!rows.with(Vec::is_empty)).then(|| {
            view! {
                <section class="pairs" aria-label="Time differences">
                    <h2>"Time differences"</h2>
                    <table id="pairs">
                        <thead>
                            <tr><th scope="col">"Pair"</th><th scope="col">"Lag, µs"</th><th scope="col">"± 1 σ"</th><th scope="col">"Residual"</th></tr>
                        </thead>
                        <tbody on:mouseleave=move |_| state.active_pair.set(None)>
                            {move || shown().into_iter().map(|row| table_row(row, state)).collect::<Vec<_>>()}
                        </tbody>
                    </table>
                    {move || (!all.get() && hidden() > 0).then(|| view! {
                        <button type="button" class="quiet" on:click=move |_| all.set(true)>{format!("Show {} more", hidden())}</button>
                    })}
                    <Plot/>
                </section>
            }
        })
    }
}

fn row(index: usize, pair: &PairReport) -> PairRow {
    let [first, second] = &pair.receivers;
    let micro = format::microseconds;
    PairRow {
        index,
        name: format!("{first} – {second}"),
        lag: format::lag(pair.lag_s, pair.sigma_s),
        sigma: micro(pair.sigma_s),
        terms: format!(
            "noise {} µs, scatter {} µs, propagation and position {} µs",
            micro(pair.thermal_sigma_s),
            micro(pair.scatter_sigma_s),
            micro(pair.bias_sigma_s)
        ),
        residual: pair.residual_s.map_or_else(|| "–".to_owned(), |residual| format::lag(residual, pair.sigma_s)),
        bar: pair.residual_s.map(|residual| bar(residual / pair.sigma_s)),
        disagrees: pair.residual_s.is_some_and(|residual| residual.abs() > 3.0 * pair.sigma_s),
    }
}

/// Left end and width of a bar from the middle.
fn bar(sigmas: f64) -> (u32, u32) {
    let share = (sigmas / 4.0).clamp(-1.0, 1.0) * 50.0;
    ((50.0 + share.min(0.0)).round() as u32, share.abs().round().max(1.0) as u32)
}

fn table_row(row: PairRow, state: State) -> impl IntoView {
    let index = row.index;
    let activate = move || state.active_pair.set(Some(index));
    view! {
        <tr
            class:active=move || state.active_pair.get() == Some(index)
            class:disagrees=row.disagrees
            on:mouseenter=move |_| activate()
        >
            <th scope="row">
                <button type="button" class="link" on:focus=move |_| activate() on:click=move |_| activate() title="Show its line on the map">
                    {row.name}
                </button>
            </th>
            <td>{row.lag}</td>
            <td title=row.terms.clone() aria-label=format!("{} ({})", row.sigma, row.terms)>{row.sigma.clone()}</td>
            <td class="residual">
                {row.residual}
                {row.bar.map(|(left, width)| view! { <i aria-hidden="true" style=format!("left:{left}%;width:{width}%")></i> })}
            </td>
        </tr>
    }
}
