//! What is looked at, and the loop that draws it: a frame for every change, none without.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use heimdall_page::session::LentRecording;
use heimdall_pipeline::{Emission, Plan};
use heimdall_waterfall::{Axes, ColourMap, Lane, LevelRange, Limits, Span, Taper, Tile, View, text};
use leptos::prelude::*;
use web_sys::HtmlCanvasElement;

use crate::cache::{Cache, Colours};
use crate::feed::Wanted;
use crate::pool::Pool;
use crate::{dom, paint};

/// What the dialog shows in words and controls.
#[derive(Clone, Copy)]
pub(crate) struct Signals {
    /// Names of the receivers, and whether each is shown.
    pub(crate) receivers: RwSignal<Vec<(String, bool)>>,
    pub(crate) selecting: RwSignal<bool>,
    pub(crate) fft_log2: RwSignal<u32>,
    pub(crate) taper: RwSignal<Taper>,
    pub(crate) map: RwSignal<ColourMap>,
    pub(crate) automatic: RwSignal<bool>,
    pub(crate) range: RwSignal<LevelRange>,
    /// The visible stretch of time and frequency.
    pub(crate) seen: RwSignal<String>,
    /// What is under the cursor.
    pub(crate) readout: RwSignal<String>,
    /// How much of it was looked at.
    pub(crate) coverage: RwSignal<String>,
    /// True while there is more to look at.
    pub(crate) unfinished: RwSignal<bool>,
    pub(crate) refining: RwSignal<bool>,
    pub(crate) selection: RwSignal<Option<View>>,
    /// What several receivers heard.
    pub(crate) emissions: RwSignal<Vec<Emission>>,
    /// Something to tell, a sentence.
    pub(crate) message: RwSignal<Option<String>>,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self {
            receivers: RwSignal::default(),
            selecting: RwSignal::new(false),
            fft_log2: RwSignal::new(11),
            taper: RwSignal::new(Taper::default()),
            map: RwSignal::new(ColourMap::default()),
            automatic: RwSignal::new(true),
            range: RwSignal::new(LevelRange::new(-120.0, -40.0)),
            seen: RwSignal::default(),
            readout: RwSignal::default(),
            coverage: RwSignal::default(),
            unfinished: RwSignal::new(false),
            refining: RwSignal::new(true),
            selection: RwSignal::new(None),
            emissions: RwSignal::default(),
            message: RwSignal::new(None),
        }
    }
}

/// Sets a signal where that changes it.
pub(crate) fn put<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}

/// Everything that is looked at.
pub(crate) struct Stage {
    pub(crate) axes: Axes,
    pub(crate) limits: Limits,
    pub(crate) plan: Option<Plan>,
    pub(crate) recordings: Vec<LentRecording>,
    /// Lanes in the order in which they are drawn.
    pub(crate) shown: Vec<u32>,
    pub(crate) view: View,
    /// Cursor, CSS pixels of the canvas.
    pub(crate) cursor: Option<(f64, f64)>,
    /// Lane that the selection was drawn on.
    pub(crate) selected_lane: u32,
    /// Levels that the colours of each lane span, once something of it is known.
    pub(crate) ranges: Vec<Option<LevelRange>>,
    /// When the automatic levels are to be found again, milliseconds.
    pub(crate) levels_due_ms: Option<f64>,
    table: (ColourMap, Rc<[[u8; 3]]>),
    pub(crate) cache: Cache,
    pub(crate) pool: Option<Pool>,
    pub(crate) wanted: Wanted,
    pub(crate) canvas: HtmlCanvasElement,
    pub(crate) minimap: HtmlCanvasElement,
    pub(crate) signals: Signals,
}

thread_local! {
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
    static SCHEDULED: Cell<bool> = const { Cell::new(false) };
}

/// Does something with the stage, where there is one.
pub(crate) fn with<T>(action: impl FnOnce(&mut Stage) -> T) -> Option<T> {
    STAGE.with_borrow_mut(|stage| stage.as_mut().map(action))
}

/// Changes something and draws.
pub(crate) fn change(action: impl FnOnce(&mut Stage)) {
    if with(action).is_some() {
        redraw();
    }
}

pub(crate) fn set(stage: Option<Stage>) {
    let old = STAGE.replace(stage);
    // Ends the workers.
    drop(old);
    redraw();
}

/// Draws before the next frame.
pub(crate) fn redraw() {
    if !SCHEDULED.replace(true) {
        dom::before_frame(|| {
            SCHEDULED.set(false);
            with(Stage::frame);
        });
    }
}

thread_local! {
    static ARMED: Cell<bool> = const { Cell::new(false) };
}

/// Draws after some time; one timer at a time.
pub(crate) fn redraw_after(milliseconds: f64) {
    if !ARMED.replace(true) {
        dom::after(milliseconds.ceil() as i32, || {
            ARMED.set(false);
            redraw();
        });
    }
}

/// Draws within a tenth of a second.
pub(crate) fn redraw_soon() {
    redraw_after(100.0);
}

/// Where a lane is drawn, CSS pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaneBox {
    pub(crate) lane: u32,
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Room for the marks of frequency.
pub(crate) const GUTTER: f64 = 54.0;
/// Room for the marks of time.
pub(crate) const FOOT: f64 = 22.0;
const GAP: f64 = 6.0;

impl Stage {
    pub(crate) fn new(
        (axes, limits): (Axes, Limits),
        (recordings, plan): (Vec<LentRecording>, Option<Plan>),
        shown: Vec<u32>,
        [canvas, minimap]: [HtmlCanvasElement; 2],
        signals: Signals,
    ) -> Self {
        let map = signals.map.get_untracked();
        Self {
            ranges: vec![None; axes.lanes.len()],
            view: limits.all,
            axes,
            limits,
            plan,
            recordings,
            shown,
            cursor: None,
            selected_lane: 0,
            levels_due_ms: None,
            table: (map, map.table().into()),
            cache: Cache::default(),
            pool: None,
            wanted: Wanted::default(),
            canvas,
            minimap,
            signals,
        }
    }

    pub(crate) fn lane(&self, index: u32) -> Option<&Lane> {
        self.axes.lanes.get(index as usize)
    }

    /// Boxes of the lanes on a canvas of this size.
    pub(crate) fn boxes(&self) -> Vec<LaneBox> {
        let (width, height) = (f64::from(self.canvas.client_width()), f64::from(self.canvas.client_height()));
        let count = self.shown.len().max(1) as f64;
        let each = ((height - FOOT - GAP * (count - 1.0)) / count).max(8.0).floor();
        let place = |(index, lane): (usize, &u32)| LaneBox {
            lane: *lane,
            left: GUTTER,
            top: index as f64 * (each + GAP),
            width: (width - GUTTER).max(1.0),
            height: each,
        };
        self.shown.iter().enumerate().map(place).collect()
    }

    /// The lane under a point of the canvas, or the nearest.
    pub(crate) fn box_at(&self, y: f64) -> Option<LaneBox> {
        let boxes = self.boxes();
        let below = boxes.iter().find(|lane| y < lane.top + lane.height).copied();
        below.or(boxes.last().copied())
    }

    /// Time and frequency of a point of the canvas.
    pub(crate) fn point(&self, (x, y): (f64, f64)) -> Option<(LaneBox, (f64, f64))> {
        let lane = self.box_at(y)?;
        let time = self.view.time.at((x - lane.left) / lane.width);
        let frequency = self.view.frequency.at(1.0 - (y - lane.top) / lane.height);
        Some((lane, (time, frequency)))
    }

    /// Shows another part; levels follow when it has come to rest.
    pub(crate) fn show(&mut self, view: View) {
        if view != self.view {
            self.view = view;
            self.settle_levels(250.0);
        }
    }

    /// Zooms about the cursor, or the middle.
    pub(crate) fn zoom(&mut self, in_time: f64, in_frequency: f64) {
        let middle = (self.view.time.middle(), self.view.frequency.middle());
        let fixed = self.cursor.and_then(|cursor| self.point(cursor)).map(|(_, point)| point);
        let fixed = fixed
            .filter(|(time, frequency)| self.view.time.contains(*time) && self.view.frequency.contains(*frequency));
        self.show(self.view.zoomed(fixed.unwrap_or(middle), (in_time, in_frequency), &self.limits));
    }

    /// Moves by shares of what is seen.
    pub(crate) fn pan(&mut self, across: f64, up: f64) {
        let distance = (across * self.view.time.length(), up * self.view.frequency.length());
        self.show(self.view.moved(distance, &self.limits));
    }

    /// Shows a box with a little around it.
    pub(crate) fn show_box(&mut self, wanted: &View) {
        let around = |span: &Span, all: &Span, least: f64| {
            let room = (span.length() * 0.05).max((least - span.length()) / 2.0).max(0.0);
            let wide = Span::new(span.start - room, span.end + room);
            wide.common(all).unwrap_or(*all)
        };
        let time = around(&wanted.time, &self.limits.all.time, self.limits.least_s);
        let frequency = around(&wanted.frequency, &self.limits.all.frequency, self.limits.least_hz);
        self.show(View { time, frequency });
    }

    pub(crate) fn show_all(&mut self) {
        self.show(self.limits.all);
    }

    pub(crate) fn select(&mut self, selection: Option<View>) {
        let inside = |span: &Span, all: &Span| span.common(all);
        let all = &self.limits.all;
        let selection = selection.and_then(|selection| {
            let time = inside(&selection.time, &all.time)?;
            Some(View { time, frequency: inside(&selection.frequency, &all.frequency)? })
        });
        put(self.signals.selection, selection);
    }

    /// Colours of a lane; none before something of it is known.
    pub(crate) fn colours(&self, lane: u32) -> Option<Colours> {
        let range = if self.signals.automatic.get_untracked() {
            self.ranges.get(lane as usize).copied().flatten()?
        } else {
            self.signals.range.get_untracked()
        };
        Some(Colours { range, table: Rc::clone(&self.table.1), map: self.table.0 })
    }

    pub(crate) fn set_map(&mut self, map: ColourMap) {
        self.table = (map, map.table().into());
    }

    fn frame(&mut self) {
        // Before its first layout and while it closes there is nothing to draw on; its size changes, and this is called.
        if self.canvas.client_width() == 0 || self.canvas.client_height() == 0 {
            return;
        }
        self.fit();
        self.wanted = Wanted::of(self);
        let wanted: Vec<Tile> = self.wanted.all().collect();
        self.cache.want(&wanted, &self.axes.lanes);
        self.feed();
        self.find_levels();
        paint::paint(self);
        self.tell();
    }

    /// Gives the canvases as many device pixels as they cover.
    fn fit(&self) {
        let ratio = dom::pixel_ratio();
        for canvas in [&self.canvas, &self.minimap] {
            let size = |css: i32| (f64::from(css.max(1)) * ratio).round() as u32;
            let (width, height) = (size(canvas.client_width()), size(canvas.client_height()));
            if (canvas.width(), canvas.height()) != (width, height) {
                canvas.set_width(width);
                canvas.set_height(height);
            }
        }
    }

    /// Seconds and hertz of a device pixel: what a readout can tell apart.
    fn steps(&self) -> (f64, f64) {
        let lane = self.boxes().first().copied();
        let ratio = dom::pixel_ratio();
        let pixels = lane.map_or((1.0, 1.0), |lane| (lane.width * ratio, lane.height * ratio));
        (self.view.time.length() / pixels.0, self.view.frequency.length() / pixels.1)
    }

    fn tell(&mut self) {
        let (step_s, step_hz) = self.steps();
        let origin = self.axes.origin_unix_ns;
        let View { time, frequency } = self.view;
        let seen = format!(
            "{} to {} ({}), {} to {}",
            text::time(time.start, origin, step_s).trim_end_matches(" UTC"),
            text::time(time.end, origin, step_s),
            text::duration(time.length()),
            text::frequency(frequency.start, step_hz),
            text::frequency(frequency.end, step_hz),
        );
        put(self.signals.seen, seen);
        put(self.signals.readout, self.readout(step_s, step_hz).unwrap_or_default());
        let (share, unfinished) = self.coverage();
        let coverage = match share {
            share if share >= 1.0 => "every sample shown".to_owned(),
            share if share <= 0.0 => "first look".to_owned(),
            share => format!(
                "{} % of the samples shown",
                text::number((share * 100.0).max(0.1), if share < 0.1 { 1 } else { 0 })
            ),
        };
        put(self.signals.coverage, coverage);
        put(self.signals.unfinished, unfinished);
        if self.signals.automatic.get_untracked()
            && let Some(range) = self.shown.first().and_then(|lane| self.ranges.get(*lane as usize).copied().flatten())
        {
            put(self.signals.range, range);
        }
    }

    fn readout(&self, step_s: f64, step_hz: f64) -> Option<String> {
        let (place, point) = self.point(self.cursor?)?;
        let lane = self.lane(place.lane)?;
        let level = self.wanted.visible.iter().filter(|tile| tile.lane == place.lane).find_map(|tile| {
            let (column, row) = tile.element(lane, point)?;
            let entry = self.cache.get(tile)?;
            heimdall_waterfall::dbfs(*entry.levels.get((row * entry.width + column) as usize)?)
        });
        let origin = self.axes.origin_unix_ns;
        let seconds = origin.map(|_| format!(" ({})", text::time(point.0, None, step_s))).unwrap_or_default();
        Some(format!(
            "{}: {}{seconds}, {}, {}",
            lane.receiver,
            text::time(point.0, origin, step_s),
            text::frequency(point.1, step_hz),
            level.map_or_else(|| "no level".to_owned(), text::level),
        ))
    }
}
