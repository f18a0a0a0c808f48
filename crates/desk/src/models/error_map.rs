//! Held-out scenes where they were, coloured by how far off the network placed them.

use heimdall_desk::scale::{LogScale, round_below};
use heimdall_localize::Geodesy;
use heimdall_model::{Constellation, HeldOut};
use heimdall_page::{colour, format};
use leptos::prelude::*;
use plotters::element::PathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::canvas::{Paper, Picture, colour as ink};

/// Height of the strip with the scales below the map, CSS pixels.
const STRIP: f64 = 40.0;
/// Between the picture's edge and the outermost place.
const MARGIN: f64 = 12.0;

/// Places in metres east and north.
struct Places {
    /// With the error at each, the worst last: it is drawn on top.
    scenes: Vec<([f64; 2], f64)>,
    receivers: Vec<([f64; 2], String)>,
}

#[component]
pub(super) fn ErrorMap(held_out: HeldOut, constellation: Constellation) -> impl IntoView {
    let quantile = |share| held_out.error_quantile_m(share).unwrap_or_default();
    let (median_m, p90_m, worst_m) = (quantile(0.5), quantile(0.9), quantile(1.0));
    let scale = LogScale::over(quantile(0.02), worst_m);
    let text = format!(
        "{} held-out scenes: median error {}, nine in ten below {}, the worst {}.",
        held_out.scenes.len(),
        format::distance(median_m),
        format::distance(p90_m),
        format::distance(worst_m)
    );
    let places = Places::of(&held_out, &constellation);
    let draw = move |paper: &Paper| draw(paper, &places, scale);
    let label = format!("Map of errors. {text}");
    view! {
        <figure>
            <figcaption><b>"Where it errs"</b>" " {format::tied(&text)}</figcaption>
            <Picture class="map-of-errors" text=label draw/>
        </figure>
    }
}

impl Places {
    fn of(held_out: &HeldOut, constellation: &Constellation) -> Self {
        let (frame, geodesy) = (constellation.frame(), Geodesy::default());
        let place = |position| frame.east_north_m(&geodesy, position);
        let mut scenes: Vec<_> = held_out.scenes.iter().map(|scene| (place(scene.position()), scene.error_m)).collect();
        scenes.sort_by(|one, other| one.1.total_cmp(&other.1));
        let receivers = constellation.receivers.iter().map(|site| (place(site.position), site.name.clone())).collect();
        Self { scenes, receivers }
    }

    /// South-west and north-east corner.
    fn corners(&self) -> [[f64; 2]; 2] {
        let all = self.scenes.iter().map(|(place, _)| place).chain(self.receivers.iter().map(|(place, _)| place));
        let none = [[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]];
        all.fold(none, |[[west, south], [east, north]], [x, y]| {
            [[west.min(*x), south.min(*y)], [east.max(*x), north.max(*y)]]
        })
    }
}

fn draw(paper: &Paper, places: &Places, scale: LogScale) -> Option<()> {
    let area = &paper.area;
    let (width, height) = area.dim_in_pixel();
    let margin = f64::from(paper.scaled(MARGIN));
    let bottom = f64::from(height) - f64::from(paper.scaled(STRIP));
    let (muted, line) = (ink("--muted"), ink("--line"));
    area.draw(&Rectangle::new([(0, 0), (width as i32 - 1, bottom as i32)], ink("--land").filled())).ok()?;

    // North is up and a kilometre is as long in both directions.
    let [[west, south], [east, north]] = places.corners();
    let inner = [f64::from(width) - 2.0 * margin, bottom - 2.0 * margin];
    let pixels_per_m = (inner[0] / (east - west).max(1.0)).min(inner[1] / (north - south).max(1.0));
    let (middle_x, middle_y) = (0.5 * (west + east), 0.5 * (south + north));
    let pixel = |[x, y]: [f64; 2]| {
        let column = 0.5 * f64::from(width) + (x - middle_x) * pixels_per_m;
        let row = 0.5 * bottom - (y - middle_y) * pixels_per_m;
        (column.round() as i32, row.round() as i32)
    };
    let rim = ink("--ink").mix(0.35).stroke_width(1);
    for (place, error_m) in &places.scenes {
        let [red, green, blue] = colour::viridis((255.0 * scale.place(*error_m)).round() as u8);
        let (at, radius) = (pixel(*place), paper.scaled(3.0));
        area.draw(&Circle::new(at, radius, RGBColor(red, green, blue).filled())).ok()?;
        area.draw(&Circle::new(at, radius, rim)).ok()?;
    }
    for (place, _) in &places.receivers {
        let (at, size) = (pixel(*place), paper.scaled(6.0));
        area.draw(&TriangleMarker::new(at, size + paper.scaled(1.5), ink("--panel").filled())).ok()?;
        area.draw(&TriangleMarker::new(at, size, ink("--signal").filled())).ok()?;
    }

    // Colours, and a length.
    let style = paper.text(muted);
    let (left, top) = (margin as i32, bottom as i32 + paper.scaled(8.0) as i32);
    let (bar, thick) = ((0.56 * f64::from(width)) as i32, paper.scaled(8.0) as i32);
    for step in 0..bar {
        let [red, green, blue] = colour::viridis((255 * step / bar.max(1)) as u8);
        let column = [(left + step, top), (left + step, top + thick)];
        area.draw(&PathElement::new(column, RGBColor(red, green, blue).stroke_width(1))).ok()?;
    }
    for tick_m in scale.ticks_m() {
        let (share, at) = (scale.place(tick_m), left + (scale.place(tick_m) * f64::from(bar)) as i32);
        // The outermost stay within the picture.
        let side = if share <= 0.0 {
            HPos::Left
        } else if share >= 1.0 {
            HPos::Right
        } else {
            HPos::Center
        };
        let below = (at, top + thick + paper.scaled(3.0) as i32);
        area.draw(&Text::new(short(tick_m), below, style.pos(Pos::new(side, VPos::Top)))).ok()?;
    }
    let length_m = round_below(0.28 * f64::from(width) / pixels_per_m);
    let right = width as i32 - margin as i32;
    let start = right - (length_m * pixels_per_m) as i32;
    let stroke = muted.stroke_width(paper.scaled(1.5));
    let (tip, level) = (paper.scaled(4.0) as i32, top + thick);
    let ends = [(start, level - tip), (start, level), (right, level), (right, level - tip)];
    area.draw(&PathElement::new(ends, stroke)).ok()?;
    let below = ((start + right) / 2, level + paper.scaled(3.0) as i32);
    area.draw(&Text::new(short(length_m), below, style.pos(Pos::new(HPos::Center, VPos::Top)))).ok()?;
    let frame = [(0, 0), (width as i32 - 1, bottom as i32)];
    area.draw(&Rectangle::new(frame, line.stroke_width(1))).ok()?;
    area.present().ok()
}

/// A round distance without needless digits.
fn short(metres: f64) -> String {
    if metres < 1e3 { format!("{metres:.0} m") } else { format!("{:.0} km", metres / 1e3) }
}
