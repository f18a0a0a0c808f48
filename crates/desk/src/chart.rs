//! The course of a training: its loss, and its error on scenes that it does not learn from.

use leptos::html::Canvas;
use leptos::prelude::*;
use plotters::prelude::*;
use plotters_canvas::CanvasBackend;
use serde::Deserialize;

/// Names of the columns and rows of numbers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Course {
    columns: Vec<String>,
    rows: Vec<Vec<Option<f64>>>,
}

impl Course {
    fn column(&self, name: &str) -> impl Iterator<Item = Option<f64>> + '_ {
        let index = self.columns.iter().position(|column| column == name);
        self.rows.iter().map(move |row| row.get(index?).copied().flatten())
    }

    fn points(&self, name: &str) -> Vec<(f64, f64)> {
        self.column("epochs").zip(self.column(name)).filter_map(|(x, y)| Some((x?, y?))).collect()
    }

    fn last(&self, name: &str) -> Option<f64> {
        self.column(name).flatten().last()
    }

    /// The newest numbers in words.
    pub(crate) fn line(&self) -> String {
        let part = |name: &str, show: fn(f64) -> String| self.last(name).map(show);
        let parts = [
            part("epochs", |value| format!("epoch {value:.2}")),
            part("loss", |value| format!("loss {value:.3}")),
            part("rmse_m", |value| format!("RMSE {:.2} km", value / 1e3)),
            part("coverage_68", |value| format!("68 % holds {:.0} %", value * 100.0)),
            part("coverage_95", |value| format!("95 % holds {:.0} %", value * 100.0)),
            part("learning_rate", |value| format!("rate {value:.1e}")),
            part("gradient_norm", |value| format!("gradient {value:.2}")),
            part("scenes_per_s", |value| format!("{value:.0} scenes/s")),
            part("remaining_s", |value| format!("{:.0} min to go", (value / 60.0).ceil())),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

#[component]
pub(crate) fn Chart(course: Memo<Course>) -> impl IntoView {
    let element = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let (Some(element), course) = (element.get(), course.get()) else { return };
        // A plot that fails leaves the line of text, which holds the same.
        let _drawn = draw(&element, &course);
    });
    let text = move || course.with(|course| format!("Course of the training. {}", course.line()));
    let empty = move || course.with(|course| course.rows.len() < 2);
    view! { <canvas node_ref=element class="course" class:hidden=empty role="img" aria-label=text></canvas> }
}

/// A colour of the page's style, such as `--ink`.
fn colour(name: &str) -> RGBColor {
    let style = web_sys::window().and_then(|window| {
        let root = window.document()?.document_element()?;
        window.get_computed_style(&root).ok()?
    });
    let text = style.and_then(|style| style.get_property_value(name).ok()).unwrap_or_default();
    let text = text.trim();
    let part = |at: usize| text.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(128);
    RGBColor(part(1), part(3), part(5))
}

fn draw(element: &web_sys::HtmlCanvasElement, course: &Course) -> Option<()> {
    let ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).clamp(1.0, 4.0);
    let size = |css: i32| (f64::from(css.max(1)) * ratio).round() as u32;
    element.set_width(size(element.client_width()));
    element.set_height(size(element.client_height()));
    let area = CanvasBackend::with_canvas_object(element.clone())?.into_drawing_area();
    let (left, right) = area.split_horizontally(size(element.client_width()) / 2);
    let loss = course.points("loss");
    let error: Vec<(f64, f64)> = course.points("rmse_m").into_iter().map(|(x, y)| (x, y / 1e3)).collect();
    panel(&left, "loss", &loss, ratio)?;
    panel(&right, "RMSE, km", &error, ratio)?;
    area.present().ok()
}

fn panel(
    area: &DrawingArea<CanvasBackend, plotters::coord::Shift>,
    title: &str,
    points: &[(f64, f64)],
    ratio: f64,
) -> Option<()> {
    let scaled = |css: f64| (css * ratio).round() as u32;
    let (ink, line, accent) = (colour("--muted"), colour("--line"), colour("--signal"));
    let last = points.iter().map(|point| point.0).fold(0.1, f64::max);
    let low = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
    let margin = 0.08 * (high - low) + 1e-6;
    let font = ("system-ui", 11.0 * ratio).into_font().color(&ink);
    let mut chart = ChartBuilder::on(area)
        .margin(scaled(4.0))
        .x_label_area_size(scaled(30.0))
        .y_label_area_size(scaled(38.0))
        .build_cartesian_2d(0.0..last, low - margin..high + margin)
        .ok()?;
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(line)
        .x_labels(4)
        .y_labels(4)
        .x_desc(format!("{title}, over epochs"))
        .label_style(font.clone())
        .axis_desc_style(font)
        .draw()
        .ok()?;
    chart.draw_series(LineSeries::new(points.iter().copied(), accent.stroke_width(scaled(1.5)))).ok()?;
    chart
        .draw_series(
            points.iter().filter(|_| points.len() < 12).map(|point| Circle::new(*point, scaled(2.5), accent.filled())),
        )
        .ok()?;
    Some(())
}
