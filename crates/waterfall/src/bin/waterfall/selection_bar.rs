//! The selection in numbers, and what can be done with it.

use heimdall_pipeline::{Band, Emission, Settings};
use heimdall_waterfall::selection::choice;
use heimdall_waterfall::{Span, View, text};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::stage::{Signals, Stage, change, put, with};
use crate::{dom, export, page};

/// A box of less is a click.
const LEAST_SHARE: f64 = 0.002;
/// How long the page's answer is waited for, and how often it is looked at.
const ANSWER_LIMIT_MS: i32 = 20_000;
const LOOK_MS: i32 = 200;

/// A pointer has drawn a box.
pub(crate) fn chosen(stage: &mut Stage) {
    let Some(selection) = stage.signals.selection.get_untracked() else { return };
    let small = |part: &Span, whole: &Span| part.length() < LEAST_SHARE * whole.length();
    if small(&selection.time, &stage.view.time) || small(&selection.frequency, &stage.view.frequency) {
        stage.select(None);
    }
}

/// Selects all that is seen.
pub(crate) fn select_seen(stage: &mut Stage) {
    stage.selected_lane = stage
        .cursor
        .and_then(|(_, y)| stage.box_at(y))
        .map(|lane| lane.lane)
        .or(stage.shown.first().copied())
        .unwrap_or(0);
    stage.select(Some(stage.view));
}

pub(crate) fn show_selection(stage: &mut Stage) {
    if let Some(selection) = stage.signals.selection.get_untracked() {
        stage.show_box(&selection);
    }
}

/// Hands band and time to the page's experts.
pub(crate) fn use_selection() {
    let found = with(|stage| {
        let selection = stage.signals.selection.get_untracked()?;
        let lane = stage.lane(stage.selected_lane)?;
        let found = choice(&selection, stage.plan.as_ref(), stage.axes.origin_unix_ns, lane);
        match found {
            Ok(found) => Some((found, stage.signals)),
            Err(sentence) => {
                put(stage.signals.message, Some(sentence.to_owned()));
                None
            }
        }
    });
    if let Some(Some((found, signals))) = found {
        send(found, signals);
    }
}

/// Lets the page choose band and time again.
pub(crate) fn use_everything(signals: Signals) {
    send(Settings::default(), signals);
}

fn send(choice: Settings, signals: Signals) {
    put(signals.message, Some("The page locates with this band and time …".to_owned()));
    page::tell(&choice);
    spawn_local(async move {
        for _ in 0..ANSWER_LIMIT_MS / LOOK_MS {
            dom::wait(LOOK_MS).await;
            let Some(sentence) = page::verdict() else { continue };
            if let Some((scene, _)) = page::open_scene() {
                change(|stage| stage.plan = scene.plan);
            }
            return put(signals.message, Some(sentence));
        }
        put(
            signals.message,
            Some("The page has not answered yet. Close the waterfall to see what it does.".to_owned()),
        );
    });
}

/// A number of the selection.
#[derive(Clone, Copy)]
struct Field {
    label: &'static str,
    unit: &'static str,
    id: &'static str,
    digits: usize,
    read: fn(&View) -> f64,
    write: fn(&View, f64) -> View,
}

const FIELDS: [Field; 4] = [
    Field {
        label: "From",
        unit: "s",
        id: "selection-start",
        digits: 6,
        read: |view| view.time.start,
        write: |view, value| View { time: Span::new(value, value + view.time.length()), ..*view },
    },
    Field {
        label: "Length",
        unit: "s",
        id: "selection-length",
        digits: 6,
        read: |view| view.time.length(),
        write: |view, value| View { time: Span::new(view.time.start, view.time.start + value), ..*view },
    },
    Field {
        label: "Centre",
        unit: "kHz",
        id: "selection-center",
        digits: 3,
        read: |view| view.frequency.middle() / 1e3,
        write: |view, value| {
            let half = view.frequency.length() / 2.0;
            View { frequency: Span::new(value * 1e3 - half, value * 1e3 + half), ..*view }
        },
    },
    Field {
        label: "Width",
        unit: "kHz",
        id: "selection-width",
        digits: 3,
        read: |view| view.frequency.length() / 1e3,
        write: |view, value| {
            let middle = view.frequency.middle();
            View { frequency: Span::new(middle - value * 500.0, middle + value * 500.0), ..*view }
        },
    },
];

/// The bar; without a selection it says how to make one.
#[component]
pub(crate) fn SelectionBar(signals: Signals) -> impl IntoView {
    let some = Memo::new(move |_| signals.selection.with(Option::is_some));
    move || {
        if some.get() {
            view! { <Chosen signals/> }.into_any()
        } else {
            view! {
                <div class="wf-selection wf-none">
                    <p>"Draw a box with Select, or hold Shift and drag. Its band and time are then what is located."</p>
                    <button type="button" id="select-seen" on:click=move |_| change(select_seen)>"Select what is seen"</button>
                    <Suggestions signals/>
                </div>
            }
            .into_any()
        }
    }
}

/// What several receivers heard, to be selected with one press.
#[component]
fn Suggestions(signals: Signals) -> impl IntoView {
    let one = move |emission: Emission| {
        let Emission { band, receivers, .. } = emission;
        let name = format!(
            "{}, {} wide",
            text::frequency(band.center_hz, band.bandwidth_hz / 10.0),
            text::width(band.bandwidth_hz)
        );
        let of = signals.receivers.with_untracked(Vec::len);
        view! {
            <li>
                <button type="button" data-emission=band.center_hz.to_string() on:click=move |_| change(|stage| select_band(stage, band))>
                    {name}<small>{format!("heard by {receivers} of {of}")}</small>
                </button>
            </li>
        }
    };
    move || {
        let emissions = signals.emissions.get();
        (!emissions.is_empty()).then(|| {
            view! {
                <div class="wf-suggested">
                    <span id="emissions-title">"Emissions that several receivers heard:"</span>
                    <ul aria-labelledby="emissions-title">{emissions.into_iter().map(one).collect_view()}</ul>
                </div>
            }
        })
    }
}

/// Selects a band, for as long as everything lasts.
fn select_band(stage: &mut Stage, band: Band) {
    let half_hz = band.bandwidth_hz / 2.0;
    let frequency = Span::new(band.center_hz - half_hz, band.center_hz + half_hz);
    // On the first lane that holds it.
    let holds =
        |lane: &&u32| stage.lane(**lane).is_some_and(|lane| lane.bounds().frequency.common(&frequency).is_some());
    stage.selected_lane = stage.shown.iter().find(holds).copied().unwrap_or(0);
    let time = stage.lane(stage.selected_lane).map_or(stage.view.time, |lane| lane.bounds().time);
    stage.select(Some(View { time, frequency }));
}

#[component]
fn Chosen(signals: Signals) -> impl IntoView {
    let fields = FIELDS.map(|field| view! { <Number signals field/> });
    let summary = move || {
        signals.selection.with(|selection| {
            selection.map(|view| {
                format!("{} × {}", text::duration(view.time.length()), text::width(view.frequency.length()))
            })
        })
    };
    view! {
        <div class="wf-selection" role="group" aria-label="Selection">
            <p class="wf-summary" id="selection-summary">{summary}</p>
            <div class="wf-fields">{fields}</div>
            <div class="wf-actions">
                <button type="button" class="primary" id="use-selection" on:click=move |_| use_selection()>"Locate with this"</button>
                <button type="button" id="zoom-selection" on:click=move |_| change(show_selection)>"Zoom to it"</button>
                <button type="button" id="save-selection" on:click=move |_| export::save()>"Save as SigMF"</button>
                <button type="button" class="quiet" id="clear-selection" on:click=move |_| change(|stage| stage.select(None))>"Clear"</button>
            </div>
        </div>
    }
}

#[component]
fn Number(signals: Signals, field: Field) -> impl IntoView {
    let shown = move || {
        let number = signals.selection.with(|selection| selection.as_ref().map(field.read));
        // As short as it can be said.
        let text = number.map(|number| format!("{number:.0$}", field.digits)).unwrap_or_default();
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let wrong = RwSignal::new(false);
    let changed = move |event| {
        let value = event_target_value(&event).trim().replace(',', ".").replace('−', "-").parse::<f64>().ok();
        let value = value.filter(|value| value.is_finite() && (*value > 0.0 || field.id == "selection-start"));
        wrong.set(value.is_none());
        if let (Some(value), Some(selection)) = (value, signals.selection.get_untracked()) {
            change(|stage| stage.select(Some((field.write)(&selection, value))));
        }
    };
    view! {
        <label>
            {field.label}
            <input type="text" inputmode="decimal" id=field.id prop:value=shown class:wrong=move || wrong.get() on:change=changed/>
            {field.unit}
        </label>
    }
}
