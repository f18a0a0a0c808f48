//! What the user may choose. Empty fields are chosen from the evidence; every change solves again.

use heimdall_page::session::Event;
use heimdall_pipeline::{Band, Settings, TimeWindow};
use leptos::prelude::*;

use crate::browser::storage;
use crate::state::{State, state};

#[component]
pub(crate) fn SettingsPanel() -> impl IntoView {
    let state = state();
    let used = state.part(|session| session.report.as_ref().map(|report| report.effective.clone()));
    // What is used now stands in each empty field.
    let hint = move |value: fn(&heimdall_pipeline::Effective) -> Option<f64>, digits: usize| {
        move || used.with(|used| used.as_ref().and_then(value).map(|value| format!("{value:.digits$}")))
    };
    let band_center = hint(|used| used.band.map(|band| band.center_hz / 1e3), 3);
    let band_width = hint(|used| used.band.map(|band| band.bandwidth_hz / 1e3), 3);
    let duration = hint(|used| used.window_duration_s, 2);
    let bias = hint(|used| Some(used.bias_sigma_s * 1e6), 1);
    let gain = hint(|used| Some(used.gain_sigma_db), 1);
    let propagation = move || used.with(|used| used.as_ref().map(|used| used.propagation.clone()));
    view! {
        <details class="settings">
            <summary><h2>"Settings"</h2></summary>
            <div class="fields">
                <Field id="band-center" label="Band centre" unit="kHz" hint=band_center change=|settings, value, used| {
                    settings.band = value.map(|value| Band { center_hz: value * 1e3, bandwidth_hz: band(settings, used).bandwidth_hz });
                }/>
                <Field id="band-width" label="Band width" unit="kHz" hint=band_width change=|settings, value, used| {
                    settings.band = value.map(|value| Band { bandwidth_hz: value * 1e3, center_hz: band(settings, used).center_hz });
                }/>
                <Field id="window-start" label="Window start" unit="s" hint=|| Some("0".to_owned()) change=|settings, value, used| {
                    let duration_s = window(settings, used).duration_s;
                    settings.window = value.map(|start_s| TimeWindow { start_s, duration_s });
                }/>
                <Field id="window-duration" label="Window length" unit="s" hint=duration change=|settings, value, used| {
                    let start_s = window(settings, used).start_s;
                    settings.window = value.map(|duration_s| TimeWindow { start_s, duration_s });
                }/>
                <Field id="bias" label="Timing bias, 1 σ" unit="µs" hint=bias change=|settings, value, _| {
                    settings.bias_sigma_s = value.map(|value| value * 1e-6);
                }/>
                <Field id="gain" label="Gain error, 1 σ" unit="dB" hint=gain change=|settings, value, _| {
                    settings.gain_sigma_db = value;
                }/>
            </div>
            <p class="small">
                "Empty fields are chosen from the recordings. "
                {move || propagation().map(|propagation| format!("Propagation: {propagation}."))}
            </p>
            <NetworkSwitch/>
            <Tiles/>
        </details>
    }
}

type Used = heimdall_pipeline::Effective;

fn band(settings: &Settings, used: Option<&Used>) -> Band {
    settings.band.or_else(|| used.and_then(|used| used.band)).unwrap_or(Band { center_hz: 0.0, bandwidth_hz: 0.0 })
}

fn window(settings: &Settings, used: Option<&Used>) -> TimeWindow {
    let duration_s = used.and_then(|used| used.window_duration_s).unwrap_or(1.0);
    settings.window.unwrap_or(TimeWindow { start_s: 0.0, duration_s })
}

/// A number, or nothing for the automatic choice.
#[component]
fn Field<H>(
    id: &'static str,
    label: &'static str,
    unit: &'static str,
    hint: H,
    change: fn(&mut Settings, Option<f64>, Option<&Used>),
) -> impl IntoView
where
    H: Fn() -> Option<String> + Send + Sync + 'static,
{
    let state = state();
    let wrong = RwSignal::new(false);
    let changed = move |event| {
        let text = event_target_value(&event);
        let value = parse(&text, id == "window-start");
        wrong.set(value.is_none() && !text.trim().is_empty());
        if !wrong.get_untracked() {
            apply(state, value, change);
        }
    };
    view! {
        <label for=id>{label}</label>
        <span class="with-unit">
            <input type="text" inputmode="decimal" id=id placeholder=move || hint().unwrap_or_else(|| "auto".to_owned()) class:wrong=move || wrong.get() on:change=changed/>
            {unit}
        </span>
    }
}

fn parse(text: &str, zero_allowed: bool) -> Option<f64> {
    let value = text.trim().replace(',', ".").replace('−', "-").parse::<f64>().ok()?;
    (value.is_finite() && (value > 0.0 || (zero_allowed && value == 0.0))).then_some(value)
}

fn apply(state: State, value: Option<f64>, change: fn(&mut Settings, Option<f64>, Option<&Used>)) {
    let settings = state.session.with_untracked(|session| {
        let mut settings = session.settings.clone();
        change(&mut settings, value, session.report.as_ref().map(|report| &report.effective));
        settings
    });
    state.send(Event::Set(settings));
}

/// The fix with and without what was learnt.
#[component]
fn NetworkSwitch() -> impl IntoView {
    let state = state();
    let on = state.part(|session| !session.settings.experts_off.iter().any(|off| off == "neural"));
    let switch = move |event| {
        let on = event_target_checked(&event);
        let mut settings = state.session.with_untracked(|session| session.settings.clone());
        settings.experts_off.retain(|off| off != "neural");
        settings.experts_off.extend((!on).then(|| "neural".to_owned()));
        state.send(Event::Set(settings));
    };
    view! {
        <label class="switch">
            <input type="checkbox" id="network-on" prop:checked=move || on.get() on:change=switch/>
            "Use a network where one is for these receivers"
        </label>
    }
}

/// Only a user who wants tiles has them: their server sees which part of the map is looked at.
#[component]
fn Tiles() -> impl IntoView {
    let state = state();
    let changed = move |event| {
        let address = event_target_value(&event).trim().to_owned();
        storage::set_tile_url(&address);
        state.tile_url.set(address);
    };
    view! {
        <label for="tile-url">"Map tiles"</label>
        <input type="url" id="tile-url" placeholder="https://…/{z}/{x}/{y}.png" prop:value=move || state.tile_url.get() on:change=changed/>
        <p class="small">"None by default. With an address, its server sees which part of the map you look at."</p>
    }
}
