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
    receivers: Vec<[f64; 2]>,
}

#[component]
pub(super) fn ErrorMap(held_out: HeldOut, constellation: Constellation) -> impl IntoView {
    let quantile = |share| held_out.error_quantile_m(share).unwrap_or_default();
    let (median_m, p90_m, worst_m) = (quantile(0.5), quantile(0.9), quantile(1.0));
    let scale = LogScale::over(quantile(0.02), worst_m);
    let text = format!(
        "{} held-out scenes, the brighter the farther off: median error {}, nine in ten below {}, the worst {}. \
         Triangles are receivers.",
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
        let receivers = constellation.receivers.iter().map(|site| place(site.position)).collect();
        Self { scenes, receivers }
    }

    /// South-west and north-east corner.
    fn corners(&self) -> [[f64; 2]; 2] {
        let all = self.scenes.iter().map(|(place, _)| place).chain(&self.receivers);
        let none = [[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]];
        all.fold(none, |[[west, south], [east, north]], [x, y]| {
            [[west.min(*x), south.min(*y)], [east.max(*x), north.max(*y)]]
        })
    }
}

/// The map's place on the paper: north is up, and a kilometre is as long in both directions.
struct Sheet {
    width: f64,
    /// Where the map ends and the scales begin.
    bottom: f64,
    margin: f64,
    pixels_per_m: f64,
    /// East and north of the middle, metres.
    middle_m: [f64; 2],
}

impl Sheet {
    fn new(paper: &Paper, places: &Places) -> Self {
        let (width, height) = paper.area.dim_in_pixel();
        let (width, margin) = (f64::from(width), f64::from(paper.scaled(MARGIN)));
        let bottom = f64::from(height) - f64::from(paper.scaled(STRIP));
        let [[west, south], [east, north]] = places.corners();
        let along = (width - 2.0 * margin) / (east - west).max(1.0);
        let up = (bottom - 2.0 * margin) / (north - south).max(1.0);
        let middle_m = [0.5 * (west + east), 0.5 * (south + north)];
        Self { width, bottom, margin, pixels_per_m: along.min(up), middle_m }
    }

    fn pixel(&self, [east, north]: [f64; 2]) -> (i32, i32) {
        let column = 0.5 * self.width + (east - self.middle_m[0]) * self.pixels_per_m;
        let row = 0.5 * self.bottom - (north - self.middle_m[1]) * self.pixels_per_m;
        (column.round() as i32, row.round() as i32)
    }
}

fn draw(paper: &Paper, places: &Places, scale: LogScale) -> Option<()> {
    let sheet = Sheet::new(paper, places);
    let area = &paper.area;
    let frame = [(0, 0), (sheet.width as i32 - 1, sheet.bottom as i32)];
    area.draw(&Rectangle::new(frame, ink("--land").filled())).ok()?;
    area.draw(&Rectangle::new(frame, ink("--line").stroke_width(1))).ok()?;
    let rim = ink("--ink").mix(0.35).stroke_width(1);
    for (place, error_m) in &places.scenes {
        let (at, radius) = (sheet.pixel(*place), paper.scaled(3.0));
        area.draw(&Circle::new(at, radius, shade(scale.place(*error_m)).filled())).ok()?;
        area.draw(&Circle::new(at, radius, rim)).ok()?;
    }
    for place in &places.receivers {
        let (at, size) = (sheet.pixel(*place), paper.scaled(6.0));
        area.draw(&TriangleMarker::new(at, size + paper.scaled(1.5), ink("--panel").filled())).ok()?;
        area.draw(&TriangleMarker::new(at, size, ink("--signal").filled())).ok()?;
    }
    colour_scale(paper, &sheet, scale)?;
    length_scale(paper, &sheet)?;
    area.present().ok()
}

fn shade(share: f64) -> RGBColor {
    let [red, green, blue] = colour::viridis((255.0 * share).round() as u8);
    RGBColor(red, green, blue)
}

/// Colours over errors, below the map on the left.
fn colour_scale(paper: &Paper, sheet: &Sheet, scale: LogScale) -> Option<()> {
    let pixels = |css: f64| paper.scaled(css) as i32;
    let (left, top) = (sheet.margin as i32, sheet.bottom as i32 + pixels(8.0));
    let (length, thick) = ((0.62 * sheet.width) as i32, pixels(8.0));
    for step in 0..length {
        let column = [(left + step, top), (left + step, top + thick)];
        let colour = shade(f64::from(step) / f64::from(length));
        paper.area.draw(&PathElement::new(column, colour.stroke_width(1))).ok()?;
    }
    let style = paper.text(ink("--muted"));
    for tick_m in scale.ticks_m() {
        let along = (scale.place(tick_m) * f64::from(length)) as i32;
        // The outermost stay within the picture, and those between them out of their way.
        let side = match along {
            along if along <= 0 => HPos::Left,
            along if along >= length => HPos::Right,
            along if along < pixels(62.0) || along > length - pixels(62.0) => continue,
            _ => HPos::Center,
        };
        let below = (left + along, top + thick + pixels(3.0));
        paper.area.draw(&Text::new(short(tick_m), below, style.pos(Pos::new(side, VPos::Top)))).ok()?;
    }
    Some(())
}

/// A round length, below the map on the right.
fn length_scale(paper: &Paper, sheet: &Sheet) -> Option<()> {
    let pixels = |css: f64| paper.scaled(css) as i32;
    let length_m = round_below(0.26 * sheet.width / sheet.pixels_per_m);
    let right = (sheet.width - sheet.margin) as i32;
    let left = right - (length_m * sheet.pixels_per_m) as i32;
    let level = sheet.bottom as i32 + pixels(16.0);
    let tip = level - pixels(4.0);
    let muted = ink("--muted");
    let ends = [(left, tip), (left, level), (right, level), (right, tip)];
    paper.area.draw(&PathElement::new(ends, muted.stroke_width(paper.scaled(1.5)))).ok()?;
    let style = paper.text(muted).pos(Pos::new(HPos::Center, VPos::Top));
    paper.area.draw(&Text::new(short(length_m), ((left + right) / 2, level + pixels(3.0)), style)).ok()
}

/// A round distance without needless digits.
fn short(metres: f64) -> String {
    if metres < 1e3 { format!("{metres:.0} m") } else { format!("{:.0} km", metres / 1e3) }
}
