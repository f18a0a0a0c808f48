//! How good a network is on the test scenes of a run: places in blocks that it has not learned from.

use anyhow::{Context, Result};
use heimdall_localize::Geodesy;
use heimdall_model::{Constellation, DensityCard, HeldOut, HeldOutScene, MetricsCard, Planes};
use heimdall_network::{PLANE_LEN, SceneLabel, Split, TrainingSet};
use heimdall_runtime::Localizer;
use heimdall_simulate::world::Block;

use crate::evaluate::world::{Estimate, Placed, answer_estimate, metrics};

/// The method that knows nothing of a scene.
pub(super) const MEAN_PLACE: &str = "mean of the training places";
const NETWORK: &str = "network";

/// Statistics of scores.
pub(super) fn network(placed: &[Placed], world: &str) -> MetricsCard {
    metrics(world, NETWORK, placed)
}

/// The same scores scene by scene, for maps of errors and calibration curves.
pub(super) fn by_scene(
    placed: &[Placed],
    constellation: &Constellation,
    set: &TrainingSet,
    world: &str,
) -> Result<HeldOut> {
    let (geodesy, frame) = (Geodesy::default(), constellation.frame());
    let one = |(scene, (_, score)): (usize, &Placed)| {
        let at = frame.position(&geodesy, label(set, scene)?.target_enu_m);
        Ok(HeldOutScene {
            lat: at.latitude_deg,
            lon: at.longitude_deg,
            error_m: score.error_m,
            confidence: score.denser.clamp(0.0, 1.0),
        })
    };
    let scenes = set.scenes(Split::Test).into_iter().zip(placed).map(one).collect::<Result<_>>()?;
    Ok(HeldOut { method: NETWORK.into(), world: world.into(), scenes })
}

/// Scores of the published file on every test scene, run as the page runs it.
pub(super) fn scores(localizer: &Localizer, density: Option<DensityCard>, set: &TrainingSet) -> Result<Vec<Placed>> {
    let planes = set.header().planes();
    let mut placed = Vec::new();
    for scene in set.scenes(Split::Test) {
        let mut values = vec![0.0; planes * PLANE_LEN];
        set.read(scene, &mut values)?;
        let answer = localizer.answer(&Planes::new(planes, values)?)?;
        placed.push(one(&answer_estimate(&answer, density, [0.0; 2]), label(set, scene)?));
    }
    Ok(placed)
}

/// Scores of the mean of all training places, with their scatter.
pub(super) fn mean_place(set: &TrainingSet, world: &str) -> Result<MetricsCard> {
    let training = set.scenes(Split::Train);
    let places: Vec<[f64; 2]> =
        training.iter().map(|scene| Ok(label(set, *scene)?.target_enu_m)).collect::<Result<_>>()?;
    let mean = |of: &dyn Fn(&[f64; 2]) -> f64| places.iter().map(of).sum::<f64>() / places.len().max(1) as f64;
    let (east, north) = (mean(&|place| place[0]), mean(&|place| place[1]));
    let covariance_m2 = [
        mean(&|place| (place[0] - east).powi(2)),
        mean(&|place| (place[0] - east) * (place[1] - north)),
        mean(&|place| (place[1] - north).powi(2)),
    ];
    let estimate = Estimate::Gaussian { mean_m: [east, north], covariance_m2 };
    let scenes = set.scenes(Split::Test);
    let placed =
        scenes.into_iter().map(|scene| Ok(one(&estimate, label(set, scene)?))).collect::<Result<Vec<Placed>>>()?;
    Ok(metrics(world, MEAN_PLACE, &placed))
}

fn label(set: &TrainingSet, scene: usize) -> Result<&SceneLabel> {
    set.labels().get(scene).context("the set lacks a label")
}

fn one(estimate: &Estimate, label: &SceneLabel) -> Placed {
    let block = Block { column: (label.block >> 32) as u32, row: label.block as u32 };
    ((0, block), estimate.score(label.target_enu_m, 1.0))
}
