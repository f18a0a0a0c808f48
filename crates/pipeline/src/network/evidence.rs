//! A network's answer as evidence, and what the report says of it.

use heimdall_localize::{DensityGrid, Evidence, Geodesy, LocalFrame, NeuralEvidence, NeuralObservation, Occluded};
use heimdall_model::Answer;
use heimdall_recording::Position;

use crate::Scene;
use crate::network::{NetworkAnswer, NetworkInput, NetworkReport, OcclusionReport};
use crate::receivers::SceneReceiver;

/// The answer, where the network is on and all receivers that it heard take part.
pub(crate) fn evidence(scene: &Scene, receivers: &[SceneReceiver], taking_part: &[usize]) -> Option<NeuralEvidence> {
    let NetworkInput::Answered(said) = &scene.network else { return None };
    if is_off(scene) {
        return None;
    }
    let slot = |name: &String| {
        taking_part.iter().position(|index| receivers.get(*index).is_some_and(|receiver| receiver.name == *name))
    };
    let heard: Vec<usize> = said.receivers.iter().map(slot).collect::<Option<_>>()?;
    let mut without = vec![None; taking_part.len()];
    for (receiver, answer) in heard.iter().zip(&said.without) {
        if let Some(place) = without.get_mut(*receiver) {
            *place = Some(observation(said, answer));
        }
    }
    Some(NeuralEvidence {
        observation: observation(said, &said.answer),
        receivers: heard,
        without,
        exponent: said.fusion.network,
        tdoa_exponent: said.fusion.tdoa,
        level_exponent: said.fusion.level,
    })
}

/// Whether the network heard a receiver, and may say so.
pub(crate) fn heard(scene: &Scene, receiver: &str) -> bool {
    matches!(&scene.network, NetworkInput::Answered(said) if said.receivers.iter().any(|name| name == receiver))
        && !is_off(scene)
}

fn is_off(scene: &Scene) -> bool {
    scene.settings.experts_off.iter().any(|off| off == "neural")
}

fn observation(said: &NetworkAnswer, answer: &Answer) -> NeuralObservation {
    let grid = |log_probability: &Vec<f32>| {
        let card = said.density?;
        Some(DensityGrid { cells: card.cells, extent_m: card.extent_m, log_probability: log_probability.clone() })
    };
    NeuralObservation {
        origin: said.origin,
        position_enu_m: answer.position_enu_m,
        covariance_m2: answer.covariance_m2(),
        scale_m: said.scale_m,
        density: answer.density.as_ref().and_then(grid),
    }
}

/// What became of the network; `None` where nobody looked for one.
pub(crate) fn report(scene: &Scene, evidence: &Evidence, experts: &[String]) -> Option<NetworkReport> {
    let silent =
        |name, sentence: String| NetworkReport { name, spoke: false, sentence, mean: None, sigma_m: None, run_s: None };
    if is_off(scene) {
        let name = match &scene.network {
            NetworkInput::Answered(said) => Some(said.name.clone()),
            NetworkInput::Silent { name, .. } => name.clone(),
            NetworkInput::Unasked => return None,
        };
        return Some(silent(name, "Switched off.".into()));
    }
    let said = match &scene.network {
        NetworkInput::Unasked => return None,
        NetworkInput::Silent { name, reason } => return Some(silent(name.clone(), reason.clone())),
        NetworkInput::Answered(said) => said,
    };
    let name = Some(said.name.clone());
    if evidence.neural.is_none() {
        return Some(silent(name, "It answered for other receivers than those that take part now.".into()));
    }
    if !experts.iter().any(|expert| expert == "neural") {
        return Some(silent(name, "Its answer is no distribution over position, and was left out.".into()));
    }
    let [[ee, _], [_, nn]] = said.answer.covariance_m2();
    let mean: Position = LocalFrame { origin: said.origin }.position(&Geodesy::default(), said.answer.position_enu_m);
    let weight = |exponent: f64| match exponent {
        0.0 => "not at all".to_owned(),
        1.0 => "in full".to_owned(),
        exponent => format!("to the power {exponent:.2}"),
    };
    Some(NetworkReport {
        name,
        spoke: true,
        sentence: format!(
            "Heard {} receivers. Beside it time differences count {}, levels {}.",
            said.receivers.len(),
            weight(said.fusion.tdoa),
            weight(said.fusion.level)
        ),
        mean: Some(mean),
        sigma_m: Some((0.5 * (ee + nn)).sqrt()),
        run_s: said.run_s,
    })
}

/// For the report of each receiver that takes part.
pub(crate) fn occlusions(occluded: &[Option<Occluded>]) -> Vec<Option<OcclusionReport>> {
    let shown = |occluded: &Occluded| OcclusionReport { moved_m: occluded.moved_m, growth: occluded.growth };
    occluded.iter().map(|occluded| occluded.as_ref().map(shown)).collect()
}
