//! The course of a training: its loss, and its error on scenes that it does not learn from.

use heimdall_desk::course::Course;
use leptos::prelude::*;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters_canvas::CanvasBackend;

use crate::canvas::{Paper, Picture, colour};

#[component]
pub(crate) fn Chart(course: Memo<Course>) -> impl IntoView {
    let text = Signal::derive(move || course.with(|course| format!("Course of the training. {}", course.line())));
    let drawn = Memo::new(move |_| course.with(|course| course.len() > 1));
    move || {
        let draw = move |paper: &Paper| course.with(|course| draw(paper, course));
        drawn.get().then(|| view! { <Picture class="course" text draw/> })
    }
}

fn draw(paper: &Paper, course: &Course) -> Option<()> {
    let (width, _) = paper.area.dim_in_pixel();
    let (left, right) = paper.area.split_horizontally(width / 2);
    let loss = course.points("loss");
    let error: Vec<(f64, f64)> = course.points("rmse_m").into_iter().map(|(x, y)| (x, y / 1e3)).collect();
    panel(paper, &left, "loss", &loss)?;
    panel(paper, &right, "RMSE, km", &error)?;
    paper.area.present().ok()
}

fn panel(paper: &Paper, area: &DrawingArea<CanvasBackend, Shift>, title: &str, points: &[(f64, f64)]) -> Option<()> {
    let (ink, line, accent) = (colour("--muted"), colour("--line"), colour("--signal"));
    let last = points.iter().map(|point| point.0).fold(0.1, f64::max);
    let low = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
    let margin = 0.08 * (high - low) + 1e-6;
    let font = paper.text(ink);
    let mut chart = ChartBuilder::on(area)
        .margin(paper.scaled(4.0))
        .margin_right(paper.scaled(14.0))
        .x_label_area_size(paper.scaled(38.0))
        .y_label_area_size(paper.scaled(38.0))
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
    let stroke = accent.stroke_width(paper.scaled(1.5));
    chart.draw_series(LineSeries::new(points.iter().copied(), stroke)).ok()?;
    let few = points.iter().filter(|_| points.len() < 12);
    chart.draw_series(few.map(|point| Circle::new(*point, paper.scaled(2.5), accent.filled()))).ok()?;
    Some(())
}
