use burn::tensor::Device;

use crate::answer::{Answer, Density, Prediction};
use crate::data::{PLANE_LEN, TrainingSet};
use crate::error::NetworkError;
use crate::forward::{Graph, Output};
use crate::gradient::{Workers, numbers};
use crate::weights::LocalizationNet;

/// Scenes that one pass holds at most.
const CHUNK: usize = 32;

impl LocalizationNet {
    /// Answers to scenes whose `planes` (N, C, 128, 32) are given row-major. `scale_m` and `extent_m` as in training.
    ///
    /// # Errors
    /// Planes of a wrong length or with numbers that are not finite.
    pub fn answer(&self, planes: &[f32], scale_m: f64, extent_m: f64) -> Result<Vec<Answer>, NetworkError> {
        let length = self.config.planes * PLANE_LEN;
        if !planes.len().is_multiple_of(length) {
            let value = format!("{} numbers", planes.len());
            return Err(NetworkError::Setting { key: "planes", value, allowed: "a multiple of planes × 128 × 32" });
        }
        if planes.iter().any(|x| !x.is_finite()) {
            let advice = "the recording or its features are damaged";
            return Err(NetworkError::NotFinite { what: "the network's input".into(), advice });
        }
        let device = Device::flex();
        let graph = Graph::new(&self.config, &self.layout, &self.values, &[], None, device);
        let mut found = Vec::with_capacity(planes.len() / length);
        for chunk in planes.chunks(CHUNK * length) {
            let maps = graph.maps(self.backbone(chunk, None));
            let Output { position, factor, density } = graph.head(maps, graph.planes(chunk.to_vec()));
            let (position, factor) = (numbers(position.into_data())?, numbers(factor.into_data())?);
            let density = density.map(|density| numbers(density.into_data())).transpose()?.unwrap_or_default();
            let (count, cells) = (density.len() * length / chunk.len(), self.config.cells);
            let metres = |x: f32| f64::from(x) * scale_m;
            for (scene, (p, f)) in position.chunks_exact(2).zip(factor.chunks_exact(3)).enumerate() {
                let gaussian = Prediction {
                    position_enu_m: [metres(p[0]), metres(p[1])],
                    factor_m: [metres(f[0]), metres(f[1]), metres(f[2])],
                };
                let log_probability = density[scene * count..(scene + 1) * count].to_vec();
                let density = (count > 0).then_some(Density { log_probability, cells, extent_m });
                found.push(Answer { gaussian, density });
            }
        }
        Ok(found)
    }

    /// Answers to scenes of a set, in the order of `scenes`.
    ///
    /// # Errors
    /// A set that cannot be read.
    pub fn predict_scenes(
        &self,
        set: &TrainingSet,
        scenes: &[usize],
        workers: usize,
    ) -> Result<Vec<Answer>, NetworkError> {
        let length = self.config.planes * PLANE_LEN;
        let work = |part: &[usize]| {
            let mut found = Vec::with_capacity(part.len());
            for chunk in part.chunks(CHUNK) {
                let mut planes = vec![0.0; chunk.len() * length];
                for (scene, planes) in chunk.iter().zip(planes.chunks_exact_mut(length)) {
                    set.read(*scene, planes)?;
                }
                found.extend(self.answer(&planes, set.header().scale_m, set.header().extent_m)?);
            }
            Ok(found)
        };
        Ok(Workers::new(workers.max(1))?.map(scenes, work)?.concat())
    }
}
