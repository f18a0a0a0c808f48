//! Which receivers, how they are transformed, and how levels become colours.

use heimdall_waterfall::{ColourMap, LevelRange, Taper};
use leptos::prelude::*;

use crate::input::STEP;
use crate::stage::{Signals, Stage, change};

/// Sizes of the transform, as powers of two.
const SIZES: std::ops::RangeInclusive<u32> = 6..=16;

/// Moving, selecting and zooming.
#[component]
pub(crate) fn Tools(signals: Signals) -> impl IntoView {
    let tool = move |id: &'static str, label: &'static str, selects: bool| {
        view! {
            <button
                type="button"
                id=id
                aria-pressed=move || (signals.selecting.get() == selects).to_string()
                on:click=move |_| signals.selecting.set(selects)
            >
                {label}
            </button>
        }
    };
    let zoom = |id: &'static str, sign: &'static str, label: &'static str, factors: (f64, f64)| {
        view! {
            <button type="button" id=id aria-label=label title=label on:click=move |_| change(|stage| {
                stage.cursor = None;
                stage.zoom(factors.0, factors.1);
            })>{sign}</button>
        }
    };
    view! {
        <div class="wf-tools">
            <div class="wf-group" role="group" aria-label="What dragging does">
                {tool("tool-move", "Move", false)}
                {tool("tool-select", "Select", true)}
            </div>
            <div class="wf-group" role="group" aria-label="Zoom in time">
                <span class="wf-caption" aria-hidden="true" data-short="Time">"Time"</span>
                {zoom("time-out", "−", "Zoom out in time", (1.0 / STEP, 1.0))}
                {zoom("time-in", "+", "Zoom in on time", (STEP, 1.0))}
            </div>
            <div class="wf-group" role="group" aria-label="Zoom in frequency">
                <span class="wf-caption" aria-hidden="true" data-short="Freq.">"Frequency"</span>
                {zoom("frequency-out", "−", "Zoom out in frequency", (1.0, 1.0 / STEP))}
                {zoom("frequency-in", "+", "Zoom in on frequency", (1.0, STEP))}
            </div>
            <button type="button" id="show-all" on:click=move |_| change(Stage::show_all)>"Show all"</button>
        </div>
    }
}

/// A button for each receiver.
#[component]
pub(crate) fn Receivers(signals: Signals) -> impl IntoView {
    let toggle = move |index: usize| {
        signals.receivers.update(|receivers| {
            let others = receivers.iter().enumerate().any(|(other, (_, shown))| other != index && *shown);
            if let Some((_, shown)) = receivers.get_mut(index) {
                // One stays.
                *shown = !*shown || !others;
            }
        });
        let shown = signals.receivers.with_untracked(|receivers| {
            let shown = receivers.iter().enumerate().filter(|(_, (_, shown))| *shown);
            shown.map(|(index, _)| index as u32).collect()
        });
        change(|stage| stage.shown = shown);
    };
    let buttons = move || {
        let button = |(index, (name, shown)): (usize, (String, bool))| {
            view! { <button type="button" aria-pressed=shown.to_string() on:click=move |_| toggle(index)>{name}</button> }
        };
        signals.receivers.get().into_iter().enumerate().map(button).collect::<Vec<_>>()
    };
    view! { <div class="wf-receivers" role="group" aria-label="Receivers shown">{buttons}</div> }
}

/// How the picture is made.
#[component]
pub(crate) fn Display(signals: Signals) -> impl IntoView {
    let size = move |event| {
        if let Ok(log2) = event_target_value(&event).parse() {
            signals.fft_log2.set(log2);
            change(|stage| stage.settle_levels(150.0));
        }
    };
    let taper = move |event| {
        let name = event_target_value(&event);
        if let Some(taper) = Taper::ALL.into_iter().find(|taper| taper.name() == name) {
            signals.taper.set(taper);
            change(|stage| stage.settle_levels(150.0));
        }
    };
    let map = move |event| {
        let name = event_target_value(&event);
        if let Some(map) = ColourMap::ALL.into_iter().find(|map| map.name() == name) {
            signals.map.set(map);
            change(|stage| stage.set_map(map));
        }
    };
    let sizes = SIZES.map(|log2| view! { <option value=log2.to_string()>{1_u32 << log2}</option> }).collect::<Vec<_>>();
    let tapers = Taper::ALL.map(|taper| view! { <option>{taper.name()}</option> });
    let maps = ColourMap::ALL.map(|map| view! { <option>{map.name()}</option> });
    view! {
        <div class="wf-display">
            <label>"FFT "<select id="fft-size" prop:value=move || signals.fft_log2.get().to_string() on:change=size>{sizes}</select></label>
            <label>"Window "<select id="fft-window" on:change=taper>{tapers}</select></label>
            <label>"Colours "<select id="colour-map" on:change=map>{maps}</select></label>
            <Levels signals/>
        </div>
    }
}

#[component]
fn Levels(signals: Signals) -> impl IntoView {
    let automatic = move |event| {
        signals.automatic.set(event_target_checked(&event));
        change(|stage| stage.settle_levels(0.0));
    };
    let end = move |id: &'static str,
                    label: &'static str,
                    read: fn(&LevelRange) -> f32,
                    write: fn(&LevelRange, f32) -> LevelRange| {
        let changed = move |event| {
            if let Ok(level) = event_target_value(&event).parse() {
                signals.automatic.set(false);
                signals.range.update(|range| *range = write(range, level));
                change(|_| {});
            }
        };
        let said = move || format!("{:.0} dBFS", signals.range.with(read));
        view! {
            <label>
                {label}
                <input type="range" id=id min="-180" max="20" step="1" prop:value=move || signals.range.with(read).to_string()
                    aria-valuetext=said on:input=changed/>
                <output for=id>{move || heimdall_waterfall::text::number(f64::from(signals.range.with(read)), 0)}</output>
            </label>
        }
    };
    let ramp = move || {
        let table = signals.map.get().table();
        let stops = table.iter().step_by(17).map(|[red, green, blue]| format!("rgb({red},{green},{blue})"));
        format!("background: linear-gradient(to right, {})", stops.collect::<Vec<_>>().join(","))
    };
    view! {
        <label class="wf-automatic">
            <input type="checkbox" id="automatic-levels" prop:checked=move || signals.automatic.get() on:change=automatic/>
            "Automatic levels"
        </label>
        {end("level-floor", "From ", |range| range.floor_dbfs, |range, level| LevelRange::new(level, range.ceiling_dbfs.max(level)))}
        <span class="wf-ramp" aria-hidden="true" style=ramp></span>
        {end("level-ceiling", "to ", |range| range.ceiling_dbfs, |range, level| LevelRange::new(range.floor_dbfs.min(level - 3.0), level))}
        <span>"dBFS"</span>
    }
}
