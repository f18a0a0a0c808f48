//! Whether a version's regions hold what they say.

use heimdall_model::{CalibrationPoint, HeldOut, calibration};
use heimdall_page::format;
use leptos::prelude::*;
use plotters::prelude::*;

use crate::canvas::{Paper, Picture, colour};

#[component]
pub(super) fn Calibration(held_out: HeldOut) -> impl IntoView {
    let confidences: Vec<f64> = held_out.scenes.iter().map(|scene| scene.confidence).collect();
    let curve = calibration(&confidences);
    let text = sentence(&curve);
    let label = format!("Calibration curve. {text}");
    let draw = move |paper: &Paper| draw(paper, &curve);
    view! {
        <figure>
            <figcaption><b>"Whether it knows"</b>" " {format::tied(&text)}</figcaption>
            <Picture class="calibration" text=label draw/>
        </figure>
    }
}

fn sentence(curve: &[CalibrationPoint]) -> String {
    let held = |percent: usize| {
        curve.get(percent).map_or_else(String::new, |point| format!("{} %", format::number(100.0 * point.share, 1)))
    };
    let outside = curve.iter().filter(|point| !point.is_plausible()).count();
    let verdict = match outside {
        0 => "The curve stays within the band that chance allows.".to_owned(),
        outside => {
            format!("At {outside} of 99 levels the curve is outside the band that chance allows 95 % of the time.")
        }
    };
    format!("Its 50, 68 and 95 % regions hold {}, {} and {}. {verdict}", held(50), held(68), held(95))
}

fn draw(paper: &Paper, curve: &[CalibrationPoint]) -> Option<()> {
    let (ink, line, accent) = (colour("--muted"), colour("--line"), colour("--signal"));
    let font = paper.text(ink);
    let mut chart = ChartBuilder::on(&paper.area)
        .margin(paper.scaled(6.0))
        .margin_right(paper.scaled(16.0))
        .x_label_area_size(paper.scaled(36.0))
        .y_label_area_size(paper.scaled(36.0))
        .build_cartesian_2d(0.0..100.0, 0.0..100.0)
        .ok()?;
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(line)
        .x_labels(5)
        .y_labels(5)
        .x_desc("region holds by its own account, %")
        .y_desc("it held, % of scenes")
        .x_label_formatter(&|value| format!("{value:.0}"))
        .y_label_formatter(&|value| format!("{value:.0}"))
        .label_style(font.clone())
        .axis_desc_style(font)
        .draw()
        .ok()?;
    let along =
        |of: fn(&CalibrationPoint) -> f64| curve.iter().map(move |point| (100.0 * point.confidence, 100.0 * of(point)));
    let band: Vec<(f64, f64)> = along(|point| point.low).chain(along(|point| point.high).rev()).collect();
    chart.draw_series([Polygon::new(band, colour("--station").mix(0.22))]).ok()?;
    chart.draw_series(LineSeries::new([(0.0, 0.0), (100.0, 100.0)], ink.stroke_width(paper.scaled(1.0)))).ok()?;
    chart.draw_series(LineSeries::new(along(|point| point.share), accent.stroke_width(paper.scaled(2.0)))).ok()?;
    paper.area.present().ok()
}
