//! The correlation of the pair in view, over lag.

use heimdall_page::format;
use heimdall_pipeline::{Curve, PairReport};
use leptos::html::Canvas;
use leptos::prelude::*;
use plotters::prelude::*;
use plotters_canvas::CanvasBackend;

use crate::browser::{canvas, dom};
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
    let element = NodeRef::<Canvas>::new();
    let shown = Memo::new(move |_| {
        let index = state.active_pair.get().unwrap_or(0);
        state.session.with(|session| session.report.as_ref().and_then(|report| report.pairs.get(index)).map(Shown::of))
    });
    Effect::new(move |_| {
        state.theme.track();
        let (Some(element), Some(shown)) = (element.get(), shown.get()) else { return };
        // A plot that fails leaves the table, which holds the same answer.
        let _drawn = draw(&element, &shown);
    });
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
            <canvas node_ref=element role="img" aria-label=text></canvas>
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

    /// Lag in milliseconds and correlation.
    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let place = |index: usize| (self.curve.start_s + self.curve.step_s * index as f64) * 1e3;
        self.curve.values.iter().enumerate().map(move |(index, value)| (place(index), f64::from(*value)))
    }
}

fn colour(name: &str) -> RGBColor {
    let text = dom::css_value(name);
    let part = |at: usize| text.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(128);
    RGBColor(part(1), part(3), part(5))
}

fn draw(element: &web_sys::HtmlCanvasElement, shown: &Shown) -> Option<()> {
    let ratio = canvas::pixel_ratio();
    canvas::fit(element);
    let scaled = |css: f64| (css * ratio).round() as u32;
    let area = CanvasBackend::with_canvas_object(element.clone())?.into_drawing_area();
    let (ink, line, accent) = (colour("--muted"), colour("--line"), colour("--signal"));
    let low = shown.curve.start_s * 1e3;
    let high = low + shown.curve.step_s * 1e3 * shown.curve.values.len().saturating_sub(1).max(1) as f64;
    let top = shown.curve.values.iter().fold(0.0_f32, |top, value| top.max(*value));
    let mut chart = ChartBuilder::on(&area)
        .margin(scaled(4.0))
        .x_label_area_size(scaled(32.0))
        .y_label_area_size(scaled(34.0))
        .build_cartesian_2d(low..high, 0.0..f64::from(top.max(0.05)) * 1.1)
        .ok()?;
    let font = ("system-ui", 11.0 * ratio).into_font().color(&ink);
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(line)
        .x_labels(5)
        .y_labels(3)
        .x_label_formatter(&|value| format::number(*value, if high - low < 1.0 { 2 } else { 1 }))
        .y_label_formatter(&|value| format::number(*value, 1))
        .x_desc("lag, ms")
        .label_style(font.clone())
        .axis_desc_style(font)
        .draw()
        .ok()?;
    let lag = shown.lag_s * 1e3;
    let marker = [(lag, 0.0), (lag, f64::from(top.max(0.05)) * 1.1)];
    chart.draw_series(LineSeries::new(marker, line.stroke_width(scaled(1.0)))).ok()?;
    chart.draw_series(LineSeries::new(shown.points(), accent.stroke_width(scaled(1.5)))).ok()?;
    area.present().ok()
}
