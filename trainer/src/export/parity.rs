//! What the file says, beside what the training framework says.

use anyhow::{Result, ensure};
use heimdall_model::{ParityCard, Planes};
use heimdall_network::{Answer, Checkpoint, Density, PLANE_LEN, Split, TrainingSet};
use heimdall_runtime::Localizer;

/// Scenes on which the exported file must say what the training framework says.
pub(super) const PARITY_SCENES: usize = 64;
/// Largest difference of an output that is published, over the constellation's scale.
const PARITY_LIMIT: f64 = 1e-4;
/// A cell's probability may differ by a hundredth before that counts as the whole limit.
const DENSITY_WEIGHT: f64 = 1e-2;

/// Runs the file on validation scenes and compares it with the training framework.
pub(super) fn parity(checkpoint: &Checkpoint, localizer: &Localizer, set: &TrainingSet) -> Result<ParityCard> {
    let scenes: Vec<usize> = set.scenes(Split::Validation).into_iter().take(PARITY_SCENES).collect();
    let expected = checkpoint.predict_scenes(set, &scenes, 2)?;
    let mut largest = 0.0f64;
    for (scene, expected) in scenes.iter().zip(&expected) {
        let mut values = vec![0.0; set.header().planes() * PLANE_LEN];
        set.read(*scene, &mut values)?;
        let found = localizer.answer(&Planes::new(set.header().planes(), values)?)?;
        let Answer { gaussian, density } = expected;
        let pairs = found.position_enu_m.iter().chain(&found.factor_m);
        for (found, expected) in pairs.zip(gaussian.position_enu_m.iter().chain(&gaussian.factor_m)) {
            largest = largest.max((found - expected).abs() / checkpoint.state.scale_m);
        }
        if let (Some(found), Some(Density { log_probability, .. })) = (&found.density, density) {
            for (found, expected) in found.iter().zip(log_probability) {
                largest = largest.max(f64::from(found.exp() - expected.exp()).abs() * DENSITY_WEIGHT);
            }
        }
    }
    ensure!(largest <= PARITY_LIMIT, "the ONNX file differs by {largest:.1e} of the scale from the network");
    Ok(ParityCard { runtime: "tract".into(), scenes: scenes.len() as u64, largest_difference: largest })
}
