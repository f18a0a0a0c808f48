//! Why the fix is where it is: each kind of evidence by itself, the fix without each receiver, and how far it is from
//! where the transmitter is known to stand.

use heimdall_localize::Geodesy;
use heimdall_page::commands::EXPERTS;
use heimdall_page::format;
use heimdall_page::session::Event;
use heimdall_pipeline::{Report, Settings};
use heimdall_recording::Position;
use leptos::prelude::*;

use crate::act::listen_to;
use crate::state::state;

#[component]
pub(crate) fn Why() -> impl IntoView {
    let has_answer = state().part(|session| session.report.as_ref().is_some_and(|report| report.fix.mean.is_some()));
    move || {
        has_answer.get().then(|| {
            view! {
                <details id="why" class="why">
                    <summary><h2>"Understand this fix"</h2></summary>
                    <Evidence/>
                    <Without/>
                    <Bounds/>
                    <Truth/>
                </details>
            }
        })
    }
}

/// Kinds of evidence that the scene has.
fn kinds(report: &Report) -> Vec<&'static str> {
    let has = |expert: &str| match expert {
        "tdoa" => report.recordings.len() > 1,
        "level" => report.receivers.iter().any(|receiver| receiver.level.is_some()),
        "bearing" => report.receivers.iter().any(|receiver| receiver.bearing_deg.is_some()),
        _ => report.network.is_some() || report.settings.experts_off.iter().any(|off| off == expert),
    };
    EXPERTS.iter().map(|(expert, _)| *expert).filter(|expert| has(expert)).collect()
}

/// Each kind by itself, by the settings: what it says is another answer of the same solver.
#[component]
fn Evidence() -> impl IntoView {
    let state = state();
    let kinds = state.part(|session| session.report.as_ref().map(kinds).unwrap_or_default());
    let off = state.part(|session| session.settings.experts_off.clone());
    let button = move |expert: Option<&'static str>, name: &'static str| {
        let pressed = move || {
            off.with(|off| match expert {
                None => off.is_empty(),
                Some(expert) => off.len() + 1 == EXPERTS.len() && !off.iter().any(|other| other == expert),
            })
        };
        view! {
            <button type="button" data-evidence=expert.unwrap_or("all") aria-pressed=move || pressed().to_string() on:click=move |_| listen_to(state, expert)>
                {name}
            </button>
        }
    };
    let buttons = move || {
        let kinds = kinds.get();
        let single = EXPERTS.iter().filter(|(expert, _)| kinds.contains(expert));
        let all = std::iter::once(button(None, "all evidence"));
        all.chain(single.map(|(expert, name)| button(Some(*expert), name))).collect::<Vec<_>>()
    };
    view! {
        <h3>"By itself"</h3>
        <div class="buttons choice" role="group" aria-label="Evidence that speaks">{buttons}</div>
    }
}

/// The fix without each receiver.
#[component]
fn Without() -> impl IntoView {
    let state = state();
    let rows = state.part(|session| {
        let receivers = session.report.iter().flat_map(|report| &report.receivers);
        let row = receivers.filter_map(|receiver| Some((receiver.name.clone(), receiver.leave_one_out?)));
        row.collect::<Vec<_>>()
    });
    let items = move || {
        let shown = state.preferences.get();
        let item = |(name, without): (String, heimdall_pipeline::LeaveOneOut)| {
            let disagrees = without.disagreement_sigma;
            let disagrees =
                disagrees.map(|sigma| format!(", its lags are {} σ off the others", format::number(sigma, 1)));
            view! { <li><b>{name}</b>" "{shown.distance(without.moved_m)}{disagrees}</li> }
        };
        rows.get().into_iter().map(item).collect::<Vec<_>>()
    };
    let switch = move |event| state.arrows.set(event_target_checked(&event));
    move || {
        (!rows.with(Vec::is_empty)).then(|| {
            view! {
                <h3>"Without each receiver, the fix moves by"</h3>
                <ul class="without">{items}</ul>
                <label class="switch">
                    <input type="checkbox" id="arrows" prop:checked=move || state.arrows.get() on:change=switch/>
                    "Arrows on the map"
                </label>
            }
        })
    }
}

/// How well these receivers would locate such a signal elsewhere.
#[component]
fn Bounds() -> impl IntoView {
    let state = state();
    let on = state.part(|session| session.settings.bounds);
    let switch = move |event| {
        let bounds = event_target_checked(&event);
        let settings = state.session.with_untracked(|session| session.settings.clone());
        state.send(Event::Set(Settings { bounds, ..settings }));
    };
    // Of an answer that was asked for them.
    let sizes = state.part(|session| {
        let report = session.report.as_ref().filter(|report| report.settings.bounds)?;
        Some(report.bounds.iter().map(|line| line.semi_major_m).collect::<Vec<_>>())
    });
    let sentence = move || {
        let (shown, sizes) = (state.preferences.get(), sizes.get()?);
        let names: Vec<String> = sizes.into_iter().map(|size_m| shown.distance(size_m)).collect();
        let lines = if names.is_empty() { "Nowhere at all.".to_owned() } else { names.join(", ") };
        Some(format!("Inside each line the 95 % ellipse of such a signal is smaller, at best: {lines}"))
    };
    view! {
        <label class="switch">
            <input type="checkbox" id="bounds" prop:checked=move || on.get() on:change=switch/>
            "Lines of equal precision on the map"
        </label>
        <p id="bounds-said" role="status">{sentence}</p>
    }
}

/// How far the answer is from the truth, and whether the regions hold it.
#[component]
fn Truth() -> impl IntoView {
    let state = state();
    let wrong = RwSignal::new(false);
    let changed = move |event| {
        let text = event_target_value(&event);
        let place = Position::parse(&text);
        wrong.set(place.is_none() && !text.trim().is_empty());
        state.truth.set(place);
    };
    let fix = state.part(|session| session.report.as_ref().map(|report| report.fix.clone()));
    let sentence = move || {
        let (truth, shown) = (state.truth.get()?, state.preferences.get());
        fix.with(|fix| {
            let fix = fix.as_ref()?;
            let from = |place: Option<Position>| Some(shown.distance(Geodesy::default().distance_m(place?, truth)));
            let mut regions: Vec<_> = fix.regions.iter().collect();
            regions.sort_by(|one, other| one.probability.total_cmp(&other.probability));
            let inside: Vec<String> = regions
                .iter()
                .map(|region| {
                    let holds = if region.geometry.holds(truth) { "inside" } else { "outside" };
                    format!("{holds} the {} % region", format::number(region.probability * 100.0, 0))
                })
                .collect();
            Some(format!(
                "It is {} from the mean and {} from the most likely place, {}.",
                from(fix.mean)?,
                from(fix.mode)?,
                inside.join(", ")
            ))
        })
    };
    view! {
        <h3><label for="truth">"Known position of the transmitter"</label></h3>
        <input type="text" id="truth" placeholder="51.466, 11.977" class:wrong=move || wrong.get() on:change=changed/>
        <p id="truth-said" role="status">
            {move || if wrong.get() { Some("Latitude and longitude in degrees, such as 51.466, 11.977".to_owned()) } else { sentence() }}
        </p>
    }
}
