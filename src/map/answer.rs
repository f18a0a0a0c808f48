//! Regions, ellipses, best guesses and hyperbolas.

use std::cell::RefCell;
use std::rc::Rc;

use heimdall_localize::{BoundLine, Fix, Verdict};
use heimdall_page::outline;
use heimdall_pipeline::Report;
use leptos::prelude::*;

use crate::browser::dom;
use crate::browser::leaflet::{Group, Map};
use crate::state::State;

pub(super) fn draw(map: &Map, state: State) {
    let group = map.group();
    let fix = state.part(|session| session.report.as_ref().map(|report| report.fix.clone()));
    Effect::new(move |_| {
        group.clear();
        fix.with(|fix| fix.iter().for_each(|fix| draw_fix(&group, fix)));
    });
    hyperbolas(map, state);
    arrows(map, state);
    bounds(map, state);
    truth(map, state);
    mark_drawn(state);
    view_all(map.clone(), state);
    view_answer(map.clone(), state);
}

fn draw_fix(group: &Group, fix: &Fix) {
    // The largest lies at the bottom.
    let mut regions: Vec<_> = fix.regions.iter().collect();
    regions.sort_by(|one, other| other.probability.total_cmp(&one.probability));
    for region in regions {
        let class = format!("region region-{:.0}", region.probability * 100.0);
        for polygon in &region.geometry.coordinates {
            group.polygon(polygon, "regions", &class);
        }
    }
    if let Some(ellipse) = &fix.ellipse_95 {
        group.lines(&[outline::ellipse(ellipse)], "ellipses", "ellipse", "");
    }
    if let Some(mean) = fix.mean {
        group.sign(mean, "sign sign-mean", "Mean of all positions, weighted by probability");
    }
    if let Some(mode) = fix.mode {
        group.sign(mode, "sign sign-mode", "Most likely position");
    }
}

fn hyperbolas(map: &Map, state: State) {
    let group = map.group();
    Effect::new(move |_| {
        group.clear();
        let Some(index) = state.active_pair.get() else { return };
        state.session.with(|session| {
            let pair = session.report.as_ref().and_then(|report| report.pairs.get(index));
            if let Some(pair) = pair {
                group.lines(&pair.hyperbola, "hyperbolas", "hyperbola", "");
            }
        });
    });
}

/// How the fix moves without each receiver.
fn arrows(map: &Map, state: State) {
    let group = map.group();
    let moves = state.part(|session| {
        let report = session.report.as_ref()?;
        let others = report.receivers.iter().filter_map(|receiver| receiver.leave_one_out.map(|without| without.mean));
        Some((report.fix.mean?, others.collect::<Vec<_>>()))
    });
    Effect::new(move |_| {
        group.clear();
        if state.arrows.get() {
            moves.with(|moves| {
                for (from, to) in moves.iter().flat_map(|(from, others)| others.iter().map(|to| (*from, *to))) {
                    group.lines(&outline::arrow(from, to), "hyperbolas", "arrow", "");
                }
            });
        }
    });
}

/// Vertices of an island too small for a name.
const SMALL: usize = 12;

/// Where the receivers would locate equally well, each line with what it stands for.
fn bounds(map: &Map, state: State) {
    let group = map.group();
    let lines = state.part(|session| session.report.as_ref().map(|report| report.bounds.clone()).unwrap_or_default());
    Effect::new(move |_| {
        group.clear();
        let shown = state.preferences.get();
        lines.with(|lines| {
            for line in lines {
                group.lines(&line.rings, "hyperbolas", "bound", "");
                let rings = line.rings.iter().filter(|ring| ring.len() > SMALL);
                for place in rings.filter_map(|ring| BoundLine::name_at(ring)) {
                    group.label(place, "bound-size", &shown.distance(line.semi_major_m));
                }
            }
        });
    });
}

/// Where the transmitter is known to stand.
fn truth(map: &Map, state: State) {
    let group = map.group();
    Effect::new(move |_| {
        group.clear();
        if let Some(place) = state.truth.get() {
            group.sign(place, "sign sign-truth", "Known position");
        }
    });
}

/// Tells measurements when the newest answer is on the screen.
fn mark_drawn(state: State) {
    let current = state.part(|session| {
        let drawn = session.report.is_some() && session.report_generation == session.generation;
        drawn.then_some(session.generation)
    });
    Effect::new(move |_| {
        if current.get().is_some() {
            dom::after_frame(|| dom::mark("heimdall:drawn"));
        }
    });
}

/// Shows everything when other receivers come in, unless a link has said what to show; moving or switching one leaves
/// the view alone.
fn view_all(map: Map, state: State) {
    let names: Rc<RefCell<Vec<String>>> = Rc::default();
    Effect::new(move |_| {
        state.session.with(|session| {
            let Some(report) = &session.report else { return names.borrow_mut().clear() };
            let placed = report.receivers.iter().filter(|receiver| receiver.position.is_some());
            let now: Vec<String> = placed.map(|receiver| receiver.name.clone()).collect();
            if *names.borrow() != now {
                names.replace(now);
                let by_link = state.wanted_view.try_write_untracked().is_some_and(|mut view| view.take().is_some());
                corners(report).filter(|_| !by_link).into_iter().for_each(|corners| map.fit(corners));
            }
        });
    });
}

/// Shows receivers and answer.
pub(super) fn show_all(map: &Map, state: State) {
    let corners = state.session.with_untracked(|session| session.report.as_ref().and_then(corners));
    corners.into_iter().for_each(|corners| map.fit(corners));
}

/// Shows the answer alone when the user asks for it.
fn view_answer(map: Map, state: State) {
    Effect::new(move |asked: Option<u32>| {
        let now = state.close_up.get();
        if asked.is_some_and(|before| before != now) {
            let corners =
                state.session.with_untracked(|session| enclosing(&answer_points(&session.report.as_ref()?.fix)));
            corners.into_iter().for_each(|corners| map.fit(corners));
        }
        now
    });
}

/// Corners of receivers and answer.
fn corners(report: &Report) -> Option<[[f64; 2]; 2]> {
    let receivers = report.receivers.iter().filter_map(|receiver| receiver.position.as_ref());
    let mut points: Vec<[f64; 2]> = receivers.map(|fact| [fact.value.longitude_deg, fact.value.latitude_deg]).collect();
    if report.fix.verdict != Verdict::NotLocatable {
        points.extend(answer_points(&report.fix));
    }
    enclosing(&points)
}

fn answer_points(fix: &Fix) -> Vec<[f64; 2]> {
    let places = fix.mode.iter().chain(&fix.mean).map(|position| [position.longitude_deg, position.latitude_deg]);
    let outlines =
        fix.regions.iter().flat_map(|region| region.geometry.coordinates.iter().flatten().flatten().copied());
    places.chain(outlines).collect()
}

/// South-west and north-east corner, `[lon, lat]`.
fn enclosing(points: &[[f64; 2]]) -> Option<[[f64; 2]; 2]> {
    let first = *points.first()?;
    let grow = |[low, high]: [[f64; 2]; 2], [lon, lat]: &[f64; 2]| {
        let ([west, south], [east, north]) = (low, high);
        [[west.min(*lon), south.min(*lat)], [east.max(*lon), north.max(*lat)]]
    };
    Some(points.iter().fold([first, first], grow))
}
