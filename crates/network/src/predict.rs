use burn::tensor::{Device, Tensor, TensorData};

use crate::data::{PLANE_LEN, TrainingSet};
use crate::error::NetworkError;
use crate::forward::{Graph, Output, summaries};
use crate::gradient::{Workers, numbers};
use crate::layout::{BANDS, FRAMES, Part};
use crate::weights::LocalizationNet;

/// Scenes that one pass holds at most.
const CHUNK: usize = 32;

/// Where the network believes the transmitter is: a Gaussian in the constellation's tangent plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// East and north, metres.
    pub position_enu_m: [f64; 2],
    /// Lower triangle of the covariance's Cholesky factor, rows: east-east, north-east, north-north; metres.
    pub factor_m: [f64; 3],
}

impl Prediction {
    /// Square of the distance of `target_enu_m` in standard deviations (Mahalanobis): χ² of two degrees of freedom
    /// where the uncertainty is true.
    pub fn squared_deviations(&self, target_enu_m: [f64; 2]) -> f64 {
        let [east, cross, north] = self.factor_m;
        let first = (target_enu_m[0] - self.position_enu_m[0]) / east;
        let second = (target_enu_m[1] - self.position_enu_m[1] - cross * first) / north;
        first * first + second * second
    }

    /// Distance of `target_enu_m`, metres.
    pub fn error_m(&self, target_enu_m: [f64; 2]) -> f64 {
        (target_enu_m[0] - self.position_enu_m[0]).hypot(target_enu_m[1] - self.position_enu_m[1])
    }

    /// The same place with `temperature` times the deviation.
    pub fn tempered(mut self, temperature: f64) -> Prediction {
        self.factor_m.iter_mut().for_each(|x| *x *= temperature);
        self
    }
}

impl LocalizationNet {
    /// Positions of scenes whose `planes` (N, C, 128, 32) are given row-major; `scale_m` as in training.
    ///
    /// # Errors
    /// Planes of a wrong length or with numbers that are not finite.
    pub fn predict(&self, planes: &[f32], scale_m: f64) -> Result<Vec<Prediction>, NetworkError> {
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
        let graph = Graph::new(&self.config, &self.layout, &self.values, None, device.clone());
        let mut found = Vec::with_capacity(planes.len() / length);
        for chunk in planes.chunks(CHUNK * length) {
            let shape = [chunk.len() / length, self.config.planes, BANDS, FRAMES];
            let input = Tensor::<4>::from_data(TensorData::new(chunk.to_vec(), shape), &device);
            let Output { position, factor } = graph.forward(input, None);
            let (position, factor) = (numbers(position.into_data())?, numbers(factor.into_data())?);
            let metres = |x: f32| f64::from(x) * scale_m;
            found.extend(position.chunks_exact(2).zip(factor.chunks_exact(3)).map(|(p, f)| Prediction {
                position_enu_m: [metres(p[0]), metres(p[1])],
                factor_m: [metres(f[0]), metres(f[1]), metres(f[2])],
            }));
        }
        Ok(found)
    }

    /// Positions of scenes of a set, in the order of `scenes`.
    ///
    /// # Errors
    /// A set that cannot be read.
    pub fn predict_scenes(
        &self,
        set: &TrainingSet,
        scenes: &[usize],
        workers: usize,
    ) -> Result<Vec<Prediction>, NetworkError> {
        let length = self.config.planes * PLANE_LEN;
        let work = |part: &[usize]| {
            let mut found = Vec::with_capacity(part.len());
            for chunk in part.chunks(CHUNK) {
                let mut planes = vec![0.0; chunk.len() * length];
                for (scene, planes) in chunk.iter().zip(planes.chunks_exact_mut(length)) {
                    set.read(*scene, planes)?;
                }
                found.extend(self.predict(&planes, set.header().scale_m)?);
            }
            Ok(found)
        };
        Ok(Workers::new(workers.max(1))?.map(scenes, work)?.concat())
    }

    /// Sets mean and deviation of the planes' summaries to those of `scenes`, from receivers that are present.
    pub(crate) fn fit_statistics(&mut self, set: &TrainingSet, scenes: &[usize]) -> Result<(), NetworkError> {
        let ids: Vec<usize> =
            (0..self.layout.entries.len()).filter(|i| self.layout.entries[*i].part == Part::Statistics).collect();
        let [mean_id, deviation_id] = ids[..] else { return Ok(()) };
        let pairs = set.header().plane_receivers();
        let channels = pairs.len();
        let mut moments = vec![(0.0f64, 0.0f64, 0.0f64); channels * crate::layout::SUMMARIES];
        let mut planes = vec![0.0; channels * PLANE_LEN];
        for &scene in scenes {
            set.read(scene, &mut planes)?;
            let device = Device::flex();
            let data = TensorData::new(planes.clone(), [1, channels, BANDS, FRAMES]);
            let summary = numbers(summaries(Tensor::<4>::from_data(data, &device), &device).into_data())?;
            let present = &set.labels()[scene].present;
            for (index, value) in summary.into_iter().map(f64::from).enumerate() {
                let (first, second) = pairs[index / crate::layout::SUMMARIES];
                if present[first] && present[second] {
                    let (count, sum, squares) = &mut moments[index];
                    (*count, *sum, *squares) = (*count + 1.0, *sum + value, *squares + value * value);
                }
            }
        }
        let (mean_at, deviation_at) = (self.layout.entries[mean_id].offset, self.layout.entries[deviation_id].offset);
        for (index, (count, sum, squares)) in moments.into_iter().enumerate() {
            let mean = if count > 0.0 { sum / count } else { 0.0 };
            let variance = if count > 0.0 { (squares / count - mean * mean).max(0.0) } else { 0.0 };
            // What never changes says nothing: it is shifted, not blown up.
            let inverse = if variance.sqrt() > 1e-4 { 1.0 / variance.sqrt() } else { 1.0 };
            self.values[mean_at + index] = mean as f32;
            self.values[deviation_at + index] = inverse as f32;
        }
        Ok(())
    }
}
