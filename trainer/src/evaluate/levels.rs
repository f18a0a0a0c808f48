//! Coverage of level-only fixes.

use heimdall_localize::{Evidence, Geodesy, LevelObservation, LevelPrior, Propagation, Receiver, locate, search_area};
use heimdall_recording::Position;
use heimdall_simulate::foreign::ForeignWorld;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::draw::{in_disc, normal, receivers};
use super::score::{Outcome, coverage, outcome};
use super::{Figure, draw, parallel};

const EXTENT_M: f64 = 150e3;
const MEASUREMENT_DB: f64 = 1.0;

fn evidence(receivers: Vec<Receiver>, levels_db: &[f64]) -> Evidence {
    let observation = |(receiver, level_db): (usize, &f64)| LevelObservation {
        receiver,
        level_db: *level_db,
        sigma_db: MEASUREMENT_DB,
    };
    Evidence {
        levels: levels_db.iter().enumerate().map(observation).collect(),
        receivers,
        pairs: Vec::new(),
        bearings: Vec::new(),
        neural: None,
        level_prior: LevelPrior::default(),
        bias_sigma_s: 0.0,
        propagation: Propagation::LineOfSight,
        area: None,
    }
}

/// A scene whose levels come from `law(rng, place, receivers)`; position from the prior.
fn scene(
    seed: u64,
    study: u64,
    index: usize,
    law: impl Fn(&mut ChaCha8Rng, Position, &[Receiver]) -> Vec<f64>,
) -> Outcome {
    let geodesy = Geodesy::default();
    let mut rng = draw::generator(seed, study, index);
    let count = rng.random_range(4..=8);
    let receivers = receivers(&mut rng, &geodesy, count, EXTENT_M);
    let Some(area) = search_area(&geodesy, &receivers, Propagation::LineOfSight) else { return Outcome::default() };
    let truth = in_disc(&mut rng, &geodesy, &area);
    let levels = law(&mut rng, truth, &receivers);
    outcome(&locate(&geodesy, &evidence(receivers, &levels)).fix, truth)
}

/// Log-distance levels drawn from the expert's own prior, with shadowing σ times `factor`.
fn own_law(factor: f64) -> impl Fn(&mut ChaCha8Rng, Position, &[Receiver]) -> Vec<f64> {
    move |rng, truth, receivers| {
        let geodesy = Geodesy::default();
        let prior = LevelPrior::default();
        let power = prior.power_mean_db + prior.power_sigma_db * normal(rng);
        let exponent = prior.exponent_mean + prior.exponent_sigma * normal(rng);
        let shadowing = factor * (2.0 + 6.0 * rng.random::<f64>());
        let level = |receiver: &Receiver| {
            let distance_km = geodesy.distance_m(receiver.position, truth).max(1.0) / 1000.0;
            let noise = shadowing * normal(rng) + MEASUREMENT_DB * normal(rng);
            power - 10.0 * exponent * distance_km.log10() + noise
        };
        receivers.iter().map(level).collect()
    }
}

/// Two-ray ground reflection and knife edges: no code or parameter in common with the expert.
fn foreign_law(rng: &mut ChaCha8Rng, truth: Position, receivers: &[Receiver]) -> Vec<f64> {
    let world = ForeignWorld::hills(rng.random(), 145e6, draw::MIDDLE.origin, 250e3);
    let positions: Vec<Position> = receivers.iter().map(|r| r.position).collect();
    let levels = world.levels_dbm(truth, 20.0 + 30.0 * rng.random::<f64>(), &positions);
    levels.into_iter().map(|level| level + MEASUREMENT_DB * normal(rng)).collect()
}

/// Own prior, shadowing off by a factor of 2 either way, another law.
pub(crate) fn study(scenes: usize, seed: u64) -> Vec<Figure> {
    let run = |study: u64, factor: f64| parallel::map(scenes, |index| scene(seed, study, index, own_law(factor)));
    let foreign = parallel::map(scenes, |index| scene(seed, 13, index, foreign_law));
    [
        coverage("levels only, 2–8 dB shadowing", &run(10, 1.0), true),
        coverage("levels only, shadowing twice the model's", &run(11, 2.0), false),
        coverage("levels only, shadowing half the model's", &run(12, 0.5), false),
        coverage("levels only, two-ray and knife-edge world", &foreign, false),
    ]
    .into_iter()
    .flatten()
    .collect()
}
