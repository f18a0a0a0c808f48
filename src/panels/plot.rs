//! The correlation of the pair in view, over lag.

use heimdall_page::format;
use heimdall_page::plot::{self, plot};
use heimdall_pipeline::{Curve, PairReport};
use leptos::prelude::*;

use crate::state::state;

/// What the plot needs of a pair.
#[derive(Clone, PartialEq)]
struct Shown {
    name: String,
    curve: Curve,
    lag_s: f64,
    sigma_s: f64,
    peak: f64,
}

#[component]
pub(crate) fn Plot() -> impl IntoView {
    let state = state();
    let shown = Memo::new(move |_| {
        let index = state.active_pair.get().unwrap_or(0);
        state.session.with(|session| session.report.as_ref().and_then(|report| report.pairs.get(index)).map(Shown::of))
    });
    let drawing = move || {
        let shown = shown.get()?;
        let curve = &shown.curve;
        let drawn = plot(curve.start_s * 1e3, curve.step_s * 1e3, &curve.values, shown.lag_s * 1e3);
        Some(drawn.lines("lag, ms"))
    };
    let text = move || {
        shown.get().map(|shown| {
            format!(
                "{}: correlation {} at {} ± {} µs",
                shown.name,
                format::number(shown.peak, 2),
                format::lag(shown.lag_s, shown.sigma_s),
                format::microseconds(shown.sigma_s)
            )
        })
    };
    view! {
        <figure class="plot">
            <figcaption>{text}</figcaption>
            <svg viewBox=format!("0 0 {} {}", plot::WIDTH, plot::HEIGHT) role="img" aria-label=text inner_html=move || drawing().unwrap_or_default()></svg>
        </figure>
    }
}

impl Shown {
    fn of(pair: &PairReport) -> Self {
        let [first, second] = &pair.receivers;
        Self {
            name: format!("{first} – {second}"),
            curve: pair.curve.clone(),
            lag_s: pair.lag_s,
            sigma_s: pair.sigma_s,
            peak: pair.peak,
        }
    }
}
