//! Pointer, wheel and keys on the canvases.

use std::cell::RefCell;

use heimdall_waterfall::{Span, View};
use leptos::prelude::GetUntracked;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent, WheelEvent};

use crate::dom::report;
use crate::stage::{GUTTER, Stage, change};
use crate::{dialog, selection_bar};

/// Zoom of a key or a button.
pub(crate) const STEP: f64 = 0.7;
/// Share of the view that an arrow key moves.
const KEY_PAN: f64 = 0.1;
/// CSS pixels that a key moves the cursor.
const KEY_CURSOR: f64 = 4.0;
/// Fingers closer than this do not zoom that axis: a small change would be a large factor.
const LEAST_PINCH: f64 = 48.0;

/// A pointer that is down.
#[derive(Clone, Copy)]
struct Down {
    id: i32,
    at: (f64, f64),
}

#[derive(Default)]
struct Hands {
    down: Vec<Down>,
    /// Where a box was begun, time and frequency.
    corner: Option<(f64, f64)>,
}

thread_local! {
    static HANDS: RefCell<Hands> = RefCell::default();
}

fn place(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.offset_x()), f64::from(event.offset_y()))
}

fn capture(event: &PointerEvent) {
    if let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
        // A pointer that has gone already cannot be held; nothing is lost.
        let _held = element.set_pointer_capture(event.pointer_id());
    }
}

pub(crate) fn pointer_down(event: &PointerEvent) {
    if event.button() != 0 {
        return;
    }
    capture(event);
    let at = place(event);
    change(|stage| {
        stage.cursor = Some(at);
        HANDS.with_borrow_mut(|hands| {
            hands.down.retain(|down| down.id != event.pointer_id());
            hands.down.push(Down { id: event.pointer_id(), at });
            let selects = stage.signals.selecting.get_untracked() != event.shift_key();
            let point = stage.point(at).filter(|_| selects && at.0 >= GUTTER && hands.down.len() == 1);
            hands.corner = point.map(|(lane, point)| {
                stage.selected_lane = lane.lane;
                point
            });
        });
    });
}

pub(crate) fn pointer_move(event: &PointerEvent) {
    let at = place(event);
    change(|stage| {
        stage.cursor = Some(at);
        HANDS.with_borrow_mut(|hands| {
            let others: Vec<Down> = hands.down.iter().filter(|down| down.id != event.pointer_id()).copied().collect();
            let Some(own) = hands.down.iter_mut().find(|down| down.id == event.pointer_id()) else { return };
            let from = std::mem::replace(&mut own.at, at);
            match (others.first(), hands.corner) {
                (Some(other), _) => {
                    hands.corner = None;
                    pinch(stage, from, at, other.at);
                }
                (None, Some(corner)) => draw_box(stage, corner, at),
                (None, None) => drag(stage, from, at),
            }
        });
    });
}

pub(crate) fn pointer_up(event: &PointerEvent) {
    change(|stage| {
        HANDS.with_borrow_mut(|hands| {
            hands.down.retain(|down| down.id != event.pointer_id());
            if hands.corner.take().is_some() {
                selection_bar::chosen(stage);
            }
        });
    });
}

pub(crate) fn pointer_leave() {
    // With a pointer down the canvas still hears of it.
    if HANDS.with_borrow(|hands| hands.down.is_empty()) {
        change(|stage| stage.cursor = None);
    }
}

fn drag(stage: &mut Stage, from: (f64, f64), to: (f64, f64)) {
    if let Some(lane) = stage.box_at(from.1) {
        stage.pan((from.0 - to.0) / lane.width, (to.1 - from.1) / lane.height);
    }
}

fn draw_box(stage: &mut Stage, corner: (f64, f64), at: (f64, f64)) {
    let lane = stage.boxes().into_iter().find(|lane| lane.lane == stage.selected_lane);
    let Some(lane) = lane else { return };
    // The box stays on its lane.
    let at = (at.0.clamp(lane.left, lane.left + lane.width), at.1.clamp(lane.top, lane.top + lane.height - 0.01));
    let Some((_, point)) = stage.point(at) else { return };
    stage.select(Some(View { time: Span::new(corner.0, point.0), frequency: Span::new(corner.1, point.1) }));
}

/// Two fingers: what is between them stays between them.
fn pinch(stage: &mut Stage, from: (f64, f64), to: (f64, f64), other: (f64, f64)) {
    let factor = |from: f64, to: f64| {
        if from.abs() > LEAST_PINCH && to.abs() > LEAST_PINCH { (from / to).abs().clamp(0.5, 2.0) } else { 1.0 }
    };
    let (in_time, in_frequency) = (factor(from.0 - other.0, to.0 - other.0), factor(from.1 - other.1, to.1 - other.1));
    drag(stage, (from.0 / 2.0, from.1), (to.0 / 2.0, from.1 + (to.1 - from.1) / 2.0));
    let middle = ((to.0 + other.0) / 2.0, (to.1 + other.1) / 2.0);
    if let Some((_, point)) = stage.point(middle) {
        stage.show(stage.view.zoomed(point, (in_time, in_frequency), &stage.limits));
    }
}

/// The wheel zooms time at the cursor; with Shift, or over the marks of frequency, it zooms frequency; sideways it
/// moves.
pub(crate) fn wheel(event: &WheelEvent) {
    event.prevent_default();
    let lines = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE { 16.0 } else { 1.0 };
    let (across, down) = (event.delta_x() * lines, event.delta_y() * lines);
    change(|stage| {
        let at = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        let Some(lane) = stage.box_at(at.1) else { return };
        let in_frequency = event.shift_key() || at.0 < GUTTER;
        stage.cursor = Some(at);
        if in_frequency {
            // Browsers turn the wheel sideways where Shift is held.
            stage.zoom(1.0, zoom_of(if down == 0.0 { across } else { down }));
        } else if across.abs() > down.abs() {
            stage.pan(across / lane.width, 0.0);
        } else {
            // A pinch on a trackpad comes as small steps with Ctrl.
            stage.zoom(zoom_of(if event.ctrl_key() { down * 6.0 } else { down }), 1.0);
        }
    });
}

fn zoom_of(delta: f64) -> f64 {
    (delta.clamp(-300.0, 300.0) * 0.0022).exp()
}

pub(crate) fn key(event: &KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let (key, shift) = (event.key(), event.shift_key());
    let step = |across: f64, up: f64| {
        move |stage: &mut Stage| {
            if shift { move_cursor(stage, across, up) } else { stage.pan(across * KEY_PAN, up * KEY_PAN) }
        }
    };
    match key.as_str() {
        "ArrowLeft" => change(step(-1.0, 0.0)),
        "ArrowRight" => change(step(1.0, 0.0)),
        "ArrowUp" => change(step(0.0, 1.0)),
        "ArrowDown" => change(step(0.0, -1.0)),
        "+" | "=" => change(|stage| stage.zoom(STEP, 1.0)),
        "-" | "_" => change(|stage| stage.zoom(1.0 / STEP, 1.0)),
        "PageUp" => change(|stage| stage.zoom(1.0, STEP)),
        "PageDown" => change(|stage| stage.zoom(1.0, 1.0 / STEP)),
        "Home" | "0" => change(Stage::show_all),
        "s" => change(selection_bar::select_seen),
        "z" => change(selection_bar::show_selection),
        "Enter" => selection_bar::use_selection(),
        "Escape" => {
            let mut had = false;
            change(|stage| {
                had = stage.signals.selection.get_untracked().is_some();
                stage.select(None);
            });
            // The second press closes.
            if !had {
                dialog::close();
            }
        }
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

fn move_cursor(stage: &mut Stage, across: f64, up: f64) {
    let Some(lane) = stage.boxes().first().copied() else { return };
    let (x, y) = stage.cursor.unwrap_or((lane.left + lane.width / 2.0, lane.top + lane.height / 2.0));
    let bottom = stage.boxes().last().map_or(lane.height, |last| last.top + last.height);
    let x = (x + across * KEY_CURSOR).clamp(lane.left, lane.left + lane.width);
    stage.cursor = Some((x, (y - up * KEY_CURSOR).clamp(0.0, bottom - 1.0)));
}

/// On the small picture of everything, a pointer shows the time under it.
pub(crate) fn minimap_pointer(event: &PointerEvent) {
    if event.type_() == "pointerdown" {
        capture(event);
    }
    if event.buttons() == 0 {
        return;
    }
    event.prevent_default();
    let x = f64::from(event.offset_x());
    change(|stage| {
        let (width, _) = stage.minimap_strip();
        let time = stage.limits.all.time.at((x - GUTTER) / width);
        let distance = time - stage.view.time.middle();
        stage.show(stage.view.moved((distance, 0.0), &stage.limits));
    });
}

/// Gives the keys to the picture.
pub(crate) fn focus(canvas: &web_sys::HtmlCanvasElement) {
    report(canvas.focus());
}
