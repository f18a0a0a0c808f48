//! From what was heard to an answer, by an interpreter that someone else brings.

use heimdall_model::{Answer, ModelCard, Planes, ReceiverInput, planes};

use crate::Detail;
use crate::network::{Heard, NetworkAnswer, NetworkPlan};

/// The network's input.
///
/// # Errors
/// A sentence where a recording is missing or cannot be used.
pub fn scene_planes(card: &ModelCard, plan: &NetworkPlan, heard: &[Heard]) -> Result<Planes, String> {
    let samples_of = |id: &str| {
        let answers = |heard: &&Heard| heard.facts.id == id && heard.facts.plan.same_samples(plan);
        heard.iter().find(answers).ok_or_else(|| format!("Nothing was heard of {id}."))
    };
    let mut inputs = Vec::new();
    for listener in &plan.listeners {
        let Some(listener) = listener else {
            inputs.push(None);
            continue;
        };
        let Heard { facts, samples } = samples_of(&listener.id)?;
        inputs.push(Some(ReceiverInput {
            samples,
            sample_rate_hz: facts.sample_rate_hz,
            full_scale_dbm: listener.full_scale_dbm,
            start_s: facts.start_s,
            common_clock: listener.timed,
        }));
    }
    planes(&card.constellation, &card.features, &inputs).map_err(|error| error.to_string())
}

/// The answer of `network` to the scene, and, for a whole report, to the scene without each receiver (three or more; of
/// fewer, nothing is left to compare).
///
/// # Errors
/// A sentence where there are no planes, or the network's own.
pub fn run(
    card: &ModelCard,
    plan: &NetworkPlan,
    heard: &[Heard],
    detail: Detail,
    mut network: impl FnMut(&Planes) -> Result<Answer, String>,
) -> Result<NetworkAnswer, String> {
    let planes = scene_planes(card, plan, heard)?;
    let answer = network(&planes)?;
    let present: Vec<(usize, String)> = plan
        .listeners
        .iter()
        .enumerate()
        .filter_map(|(index, listener)| Some((index, listener.as_ref()?.receiver.clone())))
        .collect();
    let occluded = present.iter().filter(|_| present.len() >= 3 && detail == Detail::Whole);
    let without = occluded
        .map(|(index, _)| network(&planes.without(&card.constellation, &card.features, *index)))
        .collect::<Result<_, _>>()?;
    Ok(NetworkAnswer {
        name: plan.name.clone(),
        origin: card.constellation.origin,
        scale_m: card.constellation.scale_m,
        density: card.density,
        fusion: card.fusion.unwrap_or_default(),
        receivers: present.into_iter().map(|(_, name)| name).collect(),
        answer,
        without,
        // Nothing here knows a clock; who brings the interpreter may.
        run_s: None,
    })
}
