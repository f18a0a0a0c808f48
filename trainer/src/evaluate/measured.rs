//! Coverage of TDoA fixes drawn at the level of measured lags.

use heimdall_localize::{
    Evidence, Geodesy, LagComponent, LagEvidence, LevelPrior, PairLags, Propagation, Receiver, SPEED_OF_LIGHT_M_PER_S,
    locate, search_area,
};
use heimdall_recording::Position;
use rand::Rng;

use super::draw::{in_disc, normal, receivers};
use super::score::{Outcome, coverage, outcome};
use super::{Figure, draw, parallel};

/// Extent of the receivers that a kind of propagation is drawn with, metres.
pub(crate) fn extent_m(propagation: Propagation) -> f64 {
    match propagation {
        Propagation::LineOfSight => 150e3,
        Propagation::GroundWave => 800e3,
        Propagation::SkyWave => 1_500e3,
    }
}

/// Evidence of lags with independent arrival-time errors: `noise_s` per receiver is known, bias is not.
pub(crate) fn lags(
    geodesy: &Geodesy,
    receivers: &[Receiver],
    truth: Position,
    errors_s: &[f64],
    noise_s: &[f64],
) -> Vec<PairLags> {
    let arrival = |index: usize| {
        let distance = receivers.get(index).map_or(0.0, |r| geodesy.distance_m(r.position, truth));
        distance / SPEED_OF_LIGHT_M_PER_S + errors_s.get(index).copied().unwrap_or(0.0)
    };
    let noise = |index: usize| noise_s.get(index).copied().unwrap_or(0.0);
    let count = receivers.len();
    (0..count)
        .flat_map(|i| (i + 1..count).map(move |j| (i, j)))
        .map(|(i, j)| {
            let sigma_s = noise(i).hypot(noise(j));
            let component = LagComponent { lag_s: arrival(i) - arrival(j), weight: 1.0, sigma_s };
            let evidence = LagEvidence {
                components: vec![component],
                thermal_sigma_s: sigma_s,
                scatter_sigma_s: 0.0,
                detection: 1e4,
            };
            let baseline = receivers.get(i).zip(receivers.get(j));
            let baseline_m = baseline.map_or(0.0, |(a, b)| geodesy.distance_m(a.position, b.position));
            PairLags { first: i, second: j, max_lag_s: baseline_m / SPEED_OF_LIGHT_M_PER_S, evidence }
        })
        .collect()
}

fn scene(seed: u64, study: u64, index: usize, bias_factor: f64) -> Outcome {
    let geodesy = Geodesy::default();
    let mut rng = draw::generator(seed, study, index);
    let propagation = [Propagation::LineOfSight, Propagation::GroundWave, Propagation::SkyWave].get(index % 3).copied();
    let propagation = propagation.unwrap_or(Propagation::LineOfSight);
    let count = rng.random_range(3..=8);
    let receivers = receivers(&mut rng, &geodesy, count, extent_m(propagation));
    let Some(area) = search_area(&geodesy, &receivers, propagation) else { return Outcome::default() };
    let truth = in_disc(&mut rng, &geodesy, &area);
    let bias_s = propagation.bias_sigma_s();
    let noise_s: Vec<f64> = receivers.iter().map(|_| bias_s * 10f64.powf(-1.0 + 1.3 * rng.random::<f64>())).collect();
    let errors_s: Vec<f64> =
        noise_s.iter().map(|noise| noise * normal(&mut rng) + bias_factor * bias_s * normal(&mut rng)).collect();
    let evidence = Evidence {
        pairs: lags(&geodesy, &receivers, truth, &errors_s, &noise_s),
        receivers,
        levels: Vec::new(),
        bearings: Vec::new(),
        neural: None,
        level_prior: LevelPrior::default(),
        bias_sigma_s: bias_s,
        propagation,
        area: None,
    };
    outcome(&locate(&geodesy, &evidence).fix, truth)
}

/// The experts' own error model, and biases off by a factor of 2 either way.
pub(crate) fn study(scenes: usize, seed: u64) -> Vec<Figure> {
    let run = |study: u64, factor: f64| parallel::map(scenes, |index| scene(seed, study, index, factor));
    [
        coverage("TDoA from lags, LF, HF and VHF", &run(20, 1.0), true),
        coverage("TDoA from lags, bias twice the model's", &run(21, 2.0), false),
        coverage("TDoA from lags, bias half the model's", &run(22, 0.5), false),
    ]
    .into_iter()
    .flatten()
    .collect()
}
