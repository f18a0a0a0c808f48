//! The answer in a sentence, with what it rests on.

use heimdall_localize::{Ellipse, Fix, Verdict};
use heimdall_page::commands::EXPERTS;
use heimdall_page::format;
use heimdall_page::preferences::Preferences;
use heimdall_pipeline::Report;
use heimdall_pipeline::network::NetworkReport;
use heimdall_recording::Position;
use leptos::prelude::*;

use crate::browser::dom;
use crate::state::state;

#[component]
pub(crate) fn VerdictCard() -> impl IntoView {
    let state = state();
    let fix = state.part(|session| {
        let parts =
            |report: &Report| (report.fix.clone(), report.synthetic, report.network.clone(), session.preferences);
        session.report.as_ref().map(parts)
    });
    let stale = state.part(|session| session.report.is_some() && session.report_generation != session.generation);
    let busy = state.part(|session| session.activity().is_some_and(|activity| !activity.background));
    let card = move || match fix.get() {
        Some((fix, synthetic, network, shown)) => view! { <Answer fix synthetic network shown/> }.into_any(),
        None if busy.get() => view! { <p class="waiting">"Working on it…"</p> }.into_any(),
        None => view! { <p class="waiting">"No position yet: no recording or table could be used."</p> }.into_any(),
    };
    let verdict = move || fix.with(|fix| fix.as_ref().map(|(fix, ..)| key(fix.verdict)));
    view! {
        <section id="verdict" data-verdict=verdict class:stale=move || stale.get() aria-live="polite" aria-label="Answer">
            {card}
        </section>
    }
}

/// The verdict as tests and style sheet know it.
const fn key(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Located => "located",
        Verdict::Region => "region",
        Verdict::NotLocatable => "not_locatable",
    }
}

/// Name and sign of a verdict: the colour is never the only difference.
const fn heading(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Located => ("◎", "Located"),
        Verdict::Region => ("◌", "Region only"),
        Verdict::NotLocatable => ("∅", "Not locatable"),
    }
}

#[component]
fn Answer(fix: Fix, synthetic: bool, network: Option<NetworkReport>, shown: Preferences) -> impl IntoView {
    let (sign, name) = heading(fix.verdict);
    let sentences = |class: &'static str, sentences: Vec<String>| {
        let items: Vec<_> =
            sentences.into_iter().map(|sentence| view! { <li>{shown.sentence(&sentence)}</li> }).collect();
        (!items.is_empty()).then(|| view! { <ul class=class>{items}</ul> })
    };
    view! {
        <h2>
            <span class="sign" aria-hidden="true">{sign}</span>
            {name}
            {synthetic.then(|| view! { <span class="badge simulated">"simulated data"</span> })}
            {(!fix.regions.is_empty()).then(|| view! { <CloseUp/> })}
        </h2>
        <p class="sentence">{format::tied(&shown.sentence(&fix.sentence))}</p>
        {sentences("reasons", fix.reasons.clone())}
        {sentences("warnings", fix.warnings.clone())}
        <dl class="facts">
            {fix.mode.map(|mode| view! { <Coordinates id="mode" name="Most likely" position=mode shown/> })}
            {fix.mean.map(|mean| view! { <Coordinates id="mean" name="Mean" position=mean shown/> })}
            <Areas fix=fix.clone() shown/>
            {fix.ellipse_95.map(|ellipse| view! { <div><dt>"95 % ellipse"</dt><dd>{axes(&ellipse, shown)}</dd></div> })}
            {fix.bound_95.map(|bound| view! {
                <div><dt title="Cramér–Rao bound: no method can do better with these receivers and this noise">"Best possible"</dt><dd>{axes(&bound, shown)}</dd></div>
            })}
            {(!fix.experts.is_empty()).then(|| view! { <div><dt>"From"</dt><dd>{experts(&fix.experts)}</dd></div> })}
            {network.map(|network| view! { <Network network shown/> })}
            {other_modes(&fix, shown)}
        </dl>
    }
}

/// A region of some metres is a dot on a map that shows all receivers.
#[component]
fn CloseUp() -> impl IntoView {
    let state = state();
    let show = move |_| state.close_up.update(|count| *count += 1);
    view! { <button type="button" id="close-up" class="quiet" on:click=show>"Zoom to it"</button> }
}

#[component]
fn Areas(fix: Fix, shown: Preferences) -> impl IntoView {
    let mut regions = fix.regions;
    regions.sort_by(|one, other| one.probability.total_cmp(&other.probability));
    let parts: Vec<_> = regions
        .iter()
        .map(|region| {
            let class = format!("swatch region-{:.0}", region.probability * 100.0);
            let share = format::number(region.probability * 100.0, 0);
            view! { <span class="area"><i class=class aria-hidden="true"></i>{share}" % "<b>{shown.area(region.area_km2)}</b></span> }
        })
        .collect();
    (!parts.is_empty()).then(|| view! { <div><dt>"Regions"</dt><dd class="areas">{parts}</dd></div> })
}

#[component]
fn Coordinates(id: &'static str, name: &'static str, position: Position, shown: Preferences) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        dom::copy(&format::plain_coordinates(position));
        copied.set(true);
    };
    view! {
        <div>
            <dt>{name}</dt>
            <dd>
                <span id=id class="coordinates">{shown.coordinates(position)}</span>
                <button type="button" class="quiet copy" aria-label=format!("Copy the {} position", name.to_ascii_lowercase()) on:click=copy>
                    {move || if copied.get() { "Copied" } else { "Copy" }}
                </button>
            </dd>
        </div>
    }
}

/// Which network, and what it contributed or why it did not.
#[component]
fn Network(network: NetworkReport, shown: Preferences) -> impl IntoView {
    let name = network.name.map(|name| format!("{} {} · ", name.model, name.version));
    let own = network
        .mean
        .zip(network.sigma_m)
        .map(|(mean, sigma_m)| format!("by itself {} ± {}. ", shown.coordinates(mean), shown.distance(sigma_m)));
    let spoke = if network.spoke { "yes" } else { "no" };
    view! { <div><dt>"Network"</dt><dd id="network" data-spoke=spoke>{name}{own}{shown.sentence(&network.sentence)}</dd></div> }
}

/// Experts by what they weigh.
fn experts(names: &[String]) -> String {
    let plain = |name: &String| {
        let known = EXPERTS.iter().find(|(expert, _)| expert == name);
        known.map_or_else(|| name.clone(), |(_, what)| (*what).to_owned())
    };
    names.iter().map(plain).collect::<Vec<_>>().join(", ")
}

fn axes(ellipse: &Ellipse, shown: Preferences) -> String {
    let azimuth = format::number(ellipse.azimuth_deg, 0);
    format!("± {} × {}, towards {azimuth}°", shown.distance(ellipse.semi_major_m), shown.distance(ellipse.semi_minor_m))
}

fn other_modes(fix: &Fix, shown: Preferences) -> Option<impl IntoView + use<>> {
    let others: Vec<_> = fix.modes.iter().skip(1).take(3).copied().collect();
    let items: Vec<_> = others
        .into_iter()
        .map(|mode| {
            let share = format::number(mode.probability * 100.0, 0);
            view! { <li class="coordinates">{shown.coordinates(mode.position)}" · "{share}" %"</li> }
        })
        .collect();
    (!items.is_empty()).then(|| view! { <div><dt>"Also possible"</dt><dd><ul>{items}</ul></dd></div> })
}
