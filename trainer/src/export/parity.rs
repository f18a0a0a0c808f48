//! What the file says, beside what the training framework says.

use anyhow::{Result, ensure};
use heimdall_model::{Answer, ParityCard, Planes};
use heimdall_network::{Answer as Expected, Checkpoint, Density, PLANE_LEN, Split, TrainingSet};
use heimdall_runtime::Localizer;

/// Scenes on which the exported file must say what the training framework says.
pub(super) const PARITY_SCENES: usize = 64;
/// Largest difference of an output that is published, over the constellation's scale.
const PARITY_LIMIT: f64 = 1e-4;
/// A cell's probability may differ by a hundredth before that counts as the whole limit.
const DENSITY_WEIGHT: f64 = 1e-2;

/// Validation scenes, and what the training framework says of them.
pub(super) struct Reference {
    /// Of a scene each.
    pub(super) planes: Vec<Planes>,
    expected: Vec<Expected>,
    scale_m: f64,
}

impl Reference {
    pub(super) fn of(checkpoint: &Checkpoint, set: &TrainingSet) -> Result<Self> {
        let scenes: Vec<usize> = set.scenes(Split::Validation).into_iter().take(PARITY_SCENES).collect();
        let expected = checkpoint.predict_scenes(set, &scenes, 2)?;
        let count = set.header().planes();
        let planes = scenes.iter().map(|scene| {
            let mut values = vec![0.0; count * PLANE_LEN];
            set.read(*scene, &mut values)?;
            Ok(Planes::new(count, values)?)
        });
        Ok(Self { planes: planes.collect::<Result<_>>()?, expected, scale_m: checkpoint.state.scale_m })
    }

    /// By the interpreter that the page and `heimdall locate` run.
    pub(super) fn by_tract(&self, localizer: &Localizer) -> Result<ParityCard> {
        let answers: Vec<Answer> =
            self.planes.iter().map(|planes| localizer.answer(planes)).collect::<Result<_, _>>()?;
        self.card("tract".into(), &answers)
    }

    /// How far a runtime's answers, one a scene, are from what is expected.
    pub(super) fn card(&self, runtime: String, answers: &[Answer]) -> Result<ParityCard> {
        let mut largest = 0.0f64;
        for (found, Expected { gaussian, density }) in answers.iter().zip(&self.expected) {
            let pairs = found.position_enu_m.iter().chain(&found.factor_m);
            for (found, expected) in pairs.zip(gaussian.position_enu_m.iter().chain(&gaussian.factor_m)) {
                largest = largest.max((found - expected).abs() / self.scale_m);
            }
            if let (Some(found), Some(Density { log_probability, .. })) = (&found.density, density) {
                for (found, expected) in found.iter().zip(log_probability) {
                    largest = largest.max(f64::from(found.exp() - expected.exp()).abs() * DENSITY_WEIGHT);
                }
            }
        }
        ensure!(
            largest <= PARITY_LIMIT,
            "the ONNX file in {runtime} differs by {largest:.1e} of the scale from the network"
        );
        Ok(ParityCard { runtime, scenes: answers.len() as u64, largest_difference: largest })
    }
}
