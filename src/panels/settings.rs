//! What the user may choose. Empty fields are chosen from the evidence; every change solves again.

use heimdall_page::commands::Action;
use heimdall_page::preferences::{Language, Notation, Theme, Units};
use heimdall_page::session::Event;
use heimdall_pipeline::{Band, Settings, TimeWindow};
use leptos::prelude::*;

use super::reference::ReferenceField;
use crate::act::act;
use crate::browser::storage;
use crate::state::{State, state};

type Used = heimdall_pipeline::Effective;

#[component]
pub(crate) fn SettingsPanel() -> impl IntoView {
    let state = state();
    let propagation = state.part(|session| session.report.as_ref().map(|report| report.effective.propagation.clone()));
    view! {
        <details class="settings">
            <summary><h2>"Settings"</h2></summary>
            <div class="fields">
                <Field of=Number {
                    id: "band-center",
                    label: "Band centre",
                    unit: "kHz",
                    digits: 3,
                    chosen: |settings| Some(settings.band?.center_hz / 1e3),
                    used: |used| Some(used.band?.center_hz / 1e3),
                    change: |settings, value, used| {
                        settings.band = value.map(|value| Band { center_hz: value * 1e3, ..band(settings, used) });
                    },
                }/>
                <Field of=Number {
                    id: "band-width",
                    label: "Band width",
                    unit: "kHz",
                    digits: 3,
                    chosen: |settings| Some(settings.band?.bandwidth_hz / 1e3),
                    used: |used| Some(used.band?.bandwidth_hz / 1e3),
                    change: |settings, value, used| {
                        settings.band = value.map(|value| Band { bandwidth_hz: value * 1e3, ..band(settings, used) });
                    },
                }/>
                <Field of=Number {
                    id: "window-start",
                    label: "Window start",
                    unit: "s",
                    digits: 4,
                    chosen: |settings| Some(settings.window?.start_s),
                    used: |_| Some(0.0),
                    change: |settings, value, used| {
                        settings.window = value.map(|start_s| TimeWindow { start_s, ..window(settings, used) });
                    },
                }/>
                <Field of=Number {
                    id: "window-duration",
                    label: "Window length",
                    unit: "s",
                    digits: 4,
                    chosen: |settings| Some(settings.window?.duration_s),
                    used: |used| used.window_duration_s,
                    change: |settings, value, used| {
                        settings.window = value.map(|duration_s| TimeWindow { duration_s, ..window(settings, used) });
                    },
                }/>
                <Field of=Number {
                    id: "bias",
                    label: "Timing bias, 1 σ",
                    unit: "µs",
                    digits: 1,
                    chosen: |settings| Some(settings.bias_sigma_s? * 1e6),
                    used: |used| Some(used.bias_sigma_s * 1e6),
                    change: |settings, value, _| settings.bias_sigma_s = value.map(|value| value * 1e-6),
                }/>
                <Field of=Number {
                    id: "gain",
                    label: "Gain error, 1 σ",
                    unit: "dB",
                    digits: 1,
                    chosen: |settings| settings.gain_sigma_db,
                    used: |used| Some(used.gain_sigma_db),
                    change: |settings, value, _| settings.gain_sigma_db = value,
                }/>
            </div>
            <p class="small">
                "Empty fields are chosen from the recordings. "
                {move || propagation.get().map(|propagation| format!("Propagation: {propagation}."))}
            </p>
            <ReferenceField/>
            <NetworkSwitch/>
            <Shown/>
            <Tiles/>
        </details>
    }
}

fn band(settings: &Settings, used: Option<&Used>) -> Band {
    settings.band.or_else(|| used.and_then(|used| used.band)).unwrap_or(Band { center_hz: 0.0, bandwidth_hz: 0.0 })
}

fn window(settings: &Settings, used: Option<&Used>) -> TimeWindow {
    let duration_s = used.and_then(|used| used.window_duration_s).unwrap_or(1.0);
    settings.window.unwrap_or(TimeWindow { start_s: 0.0, duration_s })
}

/// A number that the user may choose.
#[derive(Clone, Copy)]
struct Number {
    id: &'static str,
    label: &'static str,
    unit: &'static str,
    /// Decimals that are shown.
    digits: usize,
    chosen: fn(&Settings) -> Option<f64>,
    /// What is used where nothing is chosen.
    used: fn(&Used) -> Option<f64>,
    change: fn(&mut Settings, Option<f64>, Option<&Used>),
}

/// A number, or nothing for the automatic choice.
#[component]
fn Field(of: Number) -> impl IntoView {
    let state = state();
    let Number { id, digits, .. } = of;
    let wrong = RwSignal::new(false);
    let shown = move |number: Option<f64>| number.map(|number| format!("{number:.digits$}"));
    let chosen = state.part(move |session| shown((of.chosen)(&session.settings)).unwrap_or_default());
    let used = state.part(move |session| {
        let used = session.report.as_ref().and_then(|report| (of.used)(&report.effective));
        shown(used).unwrap_or_else(|| "auto".to_owned())
    });
    let changed = move |event| {
        let text = event_target_value(&event);
        let value = parse(&text, id == "window-start");
        wrong.set(value.is_none() && !text.trim().is_empty());
        if !wrong.get_untracked() {
            apply(state, value, of.change);
        }
    };
    view! {
        <label for=id>{of.label}</label>
        <span class="with-unit">
            <input type="text" inputmode="decimal" id=id placeholder=move || used.get() prop:value=move || chosen.get() class:wrong=move || wrong.get() on:change=changed/>
            {of.unit}
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

/// How things are shown. It changes nothing of the answer.
#[component]
fn Shown() -> impl IntoView {
    view! {
        <div class="fields">
            <Choice id="language" label="Language" actions=&[
                ("As the browser", Action::Language(Language::Browser)),
                ("English", Action::Language(Language::English)),
                ("Italiano", Action::Language(Language::Italian)),
            ]/>
            <Choice id="theme" label="Colours" actions=&[
                ("As the system", Action::Theme(Theme::System)),
                ("Light", Action::Theme(Theme::Light)),
                ("Dark", Action::Theme(Theme::Dark)),
            ]/>
            <Choice id="units" label="Units" actions=&[
                ("Kilometres", Action::Units(Units::Metric)),
                ("Miles", Action::Units(Units::Imperial)),
            ]/>
            <Choice id="notation" label="Positions" actions=&[
                ("Degrees", Action::Notation(Notation::Degrees)),
                ("Minutes and seconds", Action::Notation(Notation::Dms)),
                ("Maidenhead locator", Action::Notation(Notation::Maidenhead)),
                ("MGRS", Action::Notation(Notation::Mgrs)),
            ]/>
        </div>
    }
}

/// One of several commands, of which one is always in force.
#[component]
fn Choice(id: &'static str, label: &'static str, actions: &'static [(&'static str, Action)]) -> impl IntoView {
    let state = state();
    let in_force = move |action: Action| {
        let shown = state.preferences.get();
        let now = [
            Action::Language(shown.language),
            Action::Theme(shown.theme),
            Action::Units(shown.units),
            Action::Notation(shown.notation),
        ];
        now.contains(&action)
    };
    let choose = move |event| {
        let chosen = event_target_value(&event).parse::<usize>().ok().and_then(|index| actions.get(index));
        chosen.into_iter().for_each(|(_, action)| act(state, *action));
    };
    let options: Vec<_> = actions
        .iter()
        .enumerate()
        .map(|(index, (name, action))| {
            let action = *action;
            view! { <option value=index prop:selected=move || in_force(action)>{*name}</option> }
        })
        .collect();
    view! {
        <label for=id>{label}</label>
        <select id=id on:change=choose>{options}</select>
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
