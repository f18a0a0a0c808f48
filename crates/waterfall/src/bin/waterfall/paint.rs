//! Everything that is drawn: pictures of the lanes, axes, selection, cursor, and the small picture of everything.

use heimdall_waterfall::selection::in_use;
use heimdall_waterfall::{Span, Tile, View, frequency_ticks, frequency_unit, text, time_ticks};
use leptos::prelude::GetUntracked;
use web_sys::CanvasRenderingContext2d;

use crate::dom::{self, report};
use crate::stage::{FOOT, GUTTER, LaneBox, Stage};

const FONT: &str = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/// Over pictures of any colours: light on dark.
const LIGHT: &str = "#ffffff";
const SHADE: &str = "rgba(0, 0, 0, .6)";

/// CSS pixels of a picture on which its levels would hide too much.
const NARROW: f64 = 420.0;

/// A canvas with its scale and the page's colours.
struct Brush<'a> {
    context: CanvasRenderingContext2d,
    /// Device pixels per CSS pixel.
    ratio: f64,
    theme: &'a Theme,
}

/// Colours that are light or dark with the page; asked for once a frame.
struct Theme {
    panel: String,
    raised: String,
    muted: String,
    line: String,
}

impl Theme {
    fn now() -> Self {
        let [panel, raised, muted, line] = ["--panel", "--raised", "--muted", "--line"].map(dom::css_value);
        Self { panel, raised, muted, line }
    }
}

/// A rectangle in CSS pixels.
#[derive(Clone, Copy)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Brush<'_> {
    fn fill(&self, colour: &str, area: Area) {
        self.context.set_fill_style_str(colour);
        let Area { x, y, width, height } = self.snapped(area);
        self.context.fill_rect(x, y, width, height);
    }

    /// In whole device pixels.
    fn snapped(&self, area: Area) -> Area {
        let edge = |value: f64| (value * self.ratio).round();
        let (x, y) = (edge(area.x), edge(area.y));
        Area { x, y, width: edge(area.x + area.width) - x, height: edge(area.y + area.height) - y }
    }

    fn line(&self, colour: &str, from: (f64, f64), to: (f64, f64)) {
        let middle = |value: f64| (value * self.ratio).floor() + 0.5;
        self.context.set_stroke_style_str(colour);
        self.context.set_line_width(self.ratio.round());
        self.context.begin_path();
        self.context.move_to(middle(from.0), middle(from.1));
        self.context.line_to(middle(to.0), middle(to.1));
        self.context.stroke();
    }

    /// An outline that shows on every colour.
    fn outline(&self, area: Area, dash: &[f64], colour: &str) {
        let Area { x, y, width, height } = self.snapped(area);
        for (colour, width_css, dash) in [(SHADE, 3.0, &[] as &[f64]), (colour, 1.5, dash)] {
            let dash: js_sys::Array =
                dash.iter().map(|length| wasm_bindgen::JsValue::from(length * self.ratio)).collect();
            report(self.context.set_line_dash(&dash));
            self.context.set_stroke_style_str(colour);
            self.context.set_line_width(width_css * self.ratio);
            self.context.stroke_rect(x, y, width, height);
        }
        report(self.context.set_line_dash(&js_sys::Array::new()));
    }

    fn font(&self, pixels: f64, weight: u32) {
        self.context.set_font(&format!("{weight} {}px {FONT}", pixels * self.ratio));
    }

    fn write(&self, colour: &str, text: &str, (x, y): (f64, f64), align: &str) {
        self.context.set_fill_style_str(colour);
        self.context.set_text_align(align);
        self.context.set_text_baseline("middle");
        report(self.context.fill_text(text, x * self.ratio, y * self.ratio));
    }

    /// Width of a text in CSS pixels.
    fn width(&self, text: &str) -> f64 {
        self.context.measure_text(text).map_or(0.0, |metrics| metrics.width() / self.ratio)
    }

    fn clipped(&self, area: Area, action: impl FnOnce()) {
        let Area { x, y, width, height } = self.snapped(area);
        self.context.save();
        self.context.begin_path();
        self.context.rect(x, y, width, height);
        self.context.clip();
        action();
        self.context.restore();
    }
}

impl From<LaneBox> for Area {
    fn from(place: LaneBox) -> Self {
        Self { x: place.left, y: place.top, width: place.width, height: place.height }
    }
}

/// Where a part of the axes lies in an area that shows `view`.
fn area_of(part: &View, view: &View, area: Area) -> Area {
    let (left, right) = (view.time.share(part.time.start), view.time.share(part.time.end));
    let (top, bottom) =
        (1.0 - view.frequency.share(part.frequency.end), 1.0 - view.frequency.share(part.frequency.start));
    Area {
        x: area.x + left * area.width,
        y: area.y + top * area.height,
        width: (right - left) * area.width,
        height: (bottom - top) * area.height,
    }
}

/// Draws all of it.
pub(crate) fn paint(stage: &mut Stage) {
    let ratio = dom::pixel_ratio();
    let theme = Theme::now();
    let brush = |canvas| dom::context(canvas).map(|context| Brush { context, ratio, theme: &theme });
    let (Some(main), Some(small)) = (brush(&stage.canvas), brush(&stage.minimap)) else { return };
    let visible = std::mem::take(&mut stage.wanted.visible);
    main.fill(
        &theme.panel,
        Area {
            x: 0.0,
            y: 0.0,
            width: f64::from(stage.canvas.client_width()),
            height: f64::from(stage.canvas.client_height()),
        },
    );
    for place in stage.boxes() {
        let tiles: Vec<Tile> = visible.iter().filter(|tile| tile.lane == place.lane).copied().collect();
        let view = stage.view;
        picture(&main, stage, &tiles, &view, place.into());
        marks(&main, stage, place);
    }
    stage.wanted.visible = visible;
    times(&main, stage);
    cursor(&main, stage);
    minimap(&small, stage);
}

/// The tiles of a lane, and coarser ones where they are not there yet.
fn picture(brush: &Brush, stage: &mut Stage, tiles: &[Tile], view: &View, area: Area) {
    brush.fill(&brush.theme.raised, area);
    let Some(first) = tiles.first() else { return };
    let Some(lane) = stage.lane(first.lane).cloned() else { return };
    let missing = tiles.iter().any(|tile| stage.cache.get(tile).is_none_or(|entry| !entry.has_done(1)));
    let stand_ins = if missing { stage.cache.stand_ins(first.lane, &first.grid) } else { Vec::new() };
    let Some(colours) = stage.colours(first.lane) else { return };
    brush.clipped(area, || {
        // An element is no finer than a pixel: every one is seen as it is.
        brush.context.set_image_smoothing_enabled(false);
        for tile in stand_ins.iter().chain(tiles) {
            let bounds = tile.bounds(&lane);
            let (Some(time), Some(frequency)) =
                (bounds.time.common(&view.time), bounds.frequency.common(&view.frequency))
            else {
                continue;
            };
            let Some(entry) = stage.cache.get_mut(tile).filter(|entry| entry.has_levels()) else { continue };
            entry.colour(&colours);
            let (width, height) = (f64::from(entry.width), f64::from(entry.height));
            // Of much coarser tiles only the part that is seen: canvases do not like huge sizes.
            let large = tile.grid != first.grid;
            let (part, from) = if large {
                let part = View { time, frequency };
                let from = area_of(&part, &bounds, Area { x: 0.0, y: 0.0, width, height });
                (part, from)
            } else {
                (bounds, Area { x: 0.0, y: 0.0, width, height })
            };
            let to = brush.snapped(area_of(&part, view, area));
            report(brush.context.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                &entry.canvas,
                from.x,
                from.y,
                from.width,
                from.height,
                to.x,
                to.y,
                to.width.max(1.0),
                to.height.max(1.0),
            ));
        }
    });
}

/// Marks of frequency, the receiver's name, what the experts use, and the selection.
fn marks(brush: &Brush, stage: &Stage, place: LaneBox) {
    let Some(lane) = stage.lane(place.lane) else { return };
    let Theme { muted: ink, line, .. } = brush.theme;
    let frequency = stage.view.frequency;
    brush.font(11.0, 400);
    let (_, unit) = frequency_unit(&frequency);
    let y_of = |value: f64| place.top + (1.0 - frequency.share(value)) * place.height;
    for tick in frequency_ticks(&frequency, (place.height / 24.0).max(1.0) as usize) {
        let y = y_of(tick.value);
        brush.line(line, (GUTTER - 4.0, y), (GUTTER - 1.0, y));
        // Half a line of text must fit.
        if y > place.top + 6.0 && y < place.top + place.height - 6.0 {
            brush.write(ink, &tick.label, (GUTTER - 7.0, y), "right");
        }
    }
    let area: Area = place.into();
    brush.clipped(area, || {
        if let Some(used) = stage.plan.as_ref().map(|plan| in_use(plan, stage.axes.origin_unix_ns, lane)) {
            brush.outline(area_of(&used, &stage.view, area), &[5.0, 4.0], "#ffd27a");
        }
        if let Some(selection) = stage.signals.selection.get_untracked() {
            let chosen = area_of(&selection, &stage.view, area);
            shade_around(brush, chosen, area);
            brush.outline(chosen, &[], LIGHT);
        }
    });
    brush.font(12.0, 600);
    let level = |dbfs: f32| text::number(f64::from(dbfs), 0);
    let range = stage.colours(place.lane).map(|colours| colours.range);
    let range = range.map(|range| format!("{} to {} dBFS", level(range.floor_dbfs), level(range.ceiling_dbfs)));
    let name = lane.receiver.clone();
    let name_width = brush.width(&name);
    brush.font(11.0, 400);
    let mut more = if lane.rate_known { String::new() } else { "rate not known, 1 MS/s assumed  ".to_owned() };
    // A narrow picture has room for a name only; the levels stand beside their sliders.
    if place.width > NARROW {
        more.push_str(&range.map_or_else(|| "…".to_owned(), |range| format!("{unit}  {range}")));
    } else {
        more.push_str(unit);
    }
    let plate =
        Area { x: place.left + 6.0, y: place.top + 6.0, width: name_width + brush.width(&more) + 22.0, height: 20.0 };
    if place.height > 40.0 {
        brush.fill(SHADE, plate);
        brush.write("rgba(255, 255, 255, .82)", &more, (plate.x + name_width + 15.0, plate.y + 10.5), "left");
        brush.font(12.0, 600);
        brush.write(LIGHT, &name, (plate.x + 7.0, plate.y + 10.5), "left");
    }
}

fn shade_around(brush: &Brush, inner: Area, outer: Area) {
    let shade = "rgba(0, 0, 0, .38)";
    let (left, right) =
        (inner.x.clamp(outer.x, outer.x + outer.width), (inner.x + inner.width).clamp(outer.x, outer.x + outer.width));
    let (top, bottom) = (
        inner.y.clamp(outer.y, outer.y + outer.height),
        (inner.y + inner.height).clamp(outer.y, outer.y + outer.height),
    );
    brush.fill(shade, Area { width: left - outer.x, ..outer });
    brush.fill(shade, Area { x: right, width: outer.x + outer.width - right, ..outer });
    brush.fill(shade, Area { x: left, y: outer.y, width: right - left, height: top - outer.y });
    brush.fill(shade, Area { x: left, y: bottom, width: right - left, height: outer.y + outer.height - bottom });
}

/// The common axis of time.
fn times(brush: &Brush, stage: &Stage) {
    let (Some(first), Some(last)) = (stage.boxes().first().copied(), stage.boxes().last().copied()) else { return };
    let y = last.top + last.height;
    let Theme { muted: ink, line, .. } = brush.theme;
    brush.font(11.0, 400);
    let time = stage.view.time;
    for tick in time_ticks(&time, (first.width / 110.0).max(1.0) as usize, stage.axes.origin_unix_ns) {
        let x = first.left + time.share(tick.value) * first.width;
        brush.line(line, (x, y), (x, y + 4.0));
        let half = brush.width(&tick.label) / 2.0;
        if x - half > GUTTER && x + half < first.left + first.width {
            brush.write(ink, &tick.label, (x, y + FOOT / 2.0 + 2.0), "center");
        }
    }
    let unit = if stage.axes.origin_unix_ns.is_some() { "UTC" } else { "" };
    brush.write(ink, unit, (GUTTER - 7.0, y + FOOT / 2.0 + 2.0), "right");
}

fn cursor(brush: &Brush, stage: &Stage) {
    let Some((x, y)) = stage.cursor.filter(|(x, _)| *x >= GUTTER) else { return };
    let Some(under) = stage.box_at(y) else { return };
    for place in stage.boxes() {
        let line =
            |colour, shift: f64| brush.line(colour, (x + shift, place.top), (x + shift, place.top + place.height));
        line(SHADE, 1.0);
        line("rgba(255, 255, 255, .85)", 0.0);
    }
    let y = y.clamp(under.top, under.top + under.height);
    brush.line(SHADE, (under.left, y + 1.0), (under.left + under.width, y + 1.0));
    brush.line("rgba(255, 255, 255, .85)", (under.left, y), (under.left + under.width, y));
}

/// All that was recorded, and which part of it is seen.
fn minimap(brush: &Brush, stage: &mut Stage) {
    let (width, height) = stage.minimap_strip();
    let overview = std::mem::take(&mut stage.wanted.overview);
    let all = stage.limits.all;
    let canvas = Area { x: 0.0, y: 0.0, width: width + GUTTER, height: f64::from(stage.minimap.client_height()) };
    brush.fill(&brush.theme.panel, canvas);
    for (index, &lane) in stage.shown.clone().iter().enumerate() {
        let tiles: Vec<Tile> = overview.iter().filter(|tile| tile.lane == lane).copied().collect();
        picture(brush, stage, &tiles, &all, Area { x: GUTTER, y: index as f64 * height, width, height });
    }
    stage.wanted.overview = overview;
    let time = Span::new(all.time.share(stage.view.time.start), all.time.share(stage.view.time.end));
    let (left, right) = (GUTTER + time.start * width, GUTTER + time.end * width);
    let veil = "rgba(0, 0, 0, .5)";
    brush.fill(veil, Area { x: GUTTER, width: left - GUTTER, ..canvas });
    brush.fill(veil, Area { x: right, width: GUTTER + width - right, ..canvas });
    // Seen and met with a finger however short it is.
    let handle = (right - left).max(6.0);
    let x = (left - (handle - (right - left)) / 2.0).clamp(GUTTER, GUTTER + width - handle);
    brush.outline(Area { x: x + 1.0, y: 1.0, width: handle - 2.0, height: canvas.height - 2.0 }, &[], LIGHT);
    brush.font(11.0, 400);
    brush.write(&brush.theme.muted, "All", (GUTTER - 7.0, canvas.height / 2.0), "right");
}
