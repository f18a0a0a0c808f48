use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::augment::augment;
use crate::config::Augmentation;
use crate::data::{PLANE_LEN, TrainingSet};
use crate::error::NetworkError;
use crate::forward::Graph;
use crate::layout::Id;
use crate::loss::Loss;
use crate::maps::cell_of;
use crate::weights::LocalizationNet;

/// Threads that share the scenes of a step. Each has a pool of one thread for the tensor library: a pool that two
/// backward passes share would make them wait for each other.
#[derive(Debug)]
pub(crate) struct Workers {
    pools: Vec<ThreadPool>,
}

/// One step: which scenes, and how they are changed.
pub(crate) struct Step<'a> {
    pub set: &'a TrainingSet,
    pub scenes: &'a [usize],
    pub loss: Loss,
    /// Values of some parameters instead of the network's own.
    pub replaced: &'a [(Id, Vec<f32>)],
    /// `None` leaves the scenes as they are and skips no block.
    pub random: Option<(&'a Augmentation, u64)>,
}

impl Workers {
    pub fn new(count: usize) -> Result<Workers, NetworkError> {
        let pool = || ThreadPoolBuilder::new().num_threads(1).build();
        let pools: Result<Vec<_>, _> = (0..count).map(|_| pool()).collect();
        Ok(Workers { pools: pools.map_err(|e| NetworkError::Worker(e.to_string()))? })
    }

    /// Shares `items` among the threads in order and returns what each made, in order.
    pub fn map<I: Sync, T: Send>(
        &self,
        items: &[I],
        work: impl Fn(&[I]) -> Result<T, NetworkError> + Sync,
    ) -> Result<Vec<T>, NetworkError> {
        let share = items.len().div_ceil(self.pools.len()).max(1);
        std::thread::scope(|scope| {
            let run = |(pool, items)| {
                let work = &work;
                scope.spawn(move || ThreadPool::install(pool, || work(items)))
            };
            let threads: Vec<_> = self.pools.iter().zip(items.chunks(share)).map(run).collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
                thread.join().map_err(|_| NetworkError::Worker("it ended early; see the message above".into()))?
            };
            threads.into_iter().map(join).collect()
        })
    }

    /// Mean loss over the step's scenes, and its gradient in the flat order of the parameters.
    pub fn gradient(
        &self,
        net: &LocalizationNet,
        trained: &[bool],
        step: &Step<'_>,
    ) -> Result<(f64, Vec<f32>), NetworkError> {
        let places: Vec<(usize, usize)> = step.scenes.iter().copied().enumerate().collect();
        let parts = self.map(&places, |part| shard_gradient(net, trained, step, part))?;
        let mut parts = parts.into_iter();
        let (mut loss, mut total) = parts.next().unwrap_or((0.0, vec![0.0; net.values.len()]));
        for (other, gradient) in parts {
            loss += other;
            total.iter_mut().zip(gradient).for_each(|(a, b)| *a += b);
        }
        Ok((loss / step.scenes.len().max(1) as f64, total))
    }
}

/// Sum of losses of a part of the step, and the gradient's share of the mean over the whole step.
fn shard_gradient(
    net: &LocalizationNet,
    trained: &[bool],
    step: &Step<'_>,
    part: &[(usize, usize)],
) -> Result<(f64, Vec<f32>), NetworkError> {
    let channels = step.set.header().planes();
    let mut planes = vec![0.0; part.len() * channels * PLANE_LEN];
    let mut kept =
        vec![Vec::with_capacity(part.len()); net.layout.backbone.stages.iter().map(|s| s.blocks.len()).sum()];
    for ((place, scene), planes) in part.iter().zip(planes.chunks_exact_mut(channels * PLANE_LEN)) {
        step.set.read(*scene, planes)?;
        if let Some((how, seed)) = step.random {
            // A stream per place in the batch: the same whatever the number of threads.
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(*place as u64 + 1);
            augment(planes, &step.set.labels()[*scene].present, step.set.header(), how, &mut rng);
            let blocks = net.layout.backbone.stages.iter().flat_map(|s| &s.blocks);
            for (block, kept) in blocks.zip(&mut kept) {
                kept.push(if rng.random::<f32>() < block.drop { 0.0 } else { 1.0 / (1.0 - block.drop) });
            }
        }
    }
    let header = step.set.header();
    let place = |(_, scene): &(usize, usize)| step.set.labels()[*scene].target_enu_m;
    let batch = Batch {
        planes,
        targets: part.iter().flat_map(|item| place(item).map(|x| (x / header.scale_m) as f32)).collect(),
        cells: part.iter().map(|item| cell_of(place(item), header.extent_m, net.config.cells) as i64).collect(),
        kept: step.random.is_some().then_some(kept),
    };
    batch.gradient(net, trained, step.replaced, step.loss, step.scenes.len())
}

/// Scenes as the network meets them in training.
pub(crate) struct Batch {
    /// (N, C, 128, 32).
    pub planes: Vec<f32>,
    /// (N, 2) in units of the constellation's scale.
    pub targets: Vec<f32>,
    /// (N) true cells.
    pub cells: Vec<i64>,
    /// Per block in order, the factor on each scene's branch: 0 where stochastic depth skips it.
    pub kept: Option<Vec<Vec<f32>>>,
}

impl Batch {
    /// Sum of losses, and the gradient of its part of a mean over `scenes` in the flat order of the parameters: the
    /// head's by the tensor library, the backbone's from that of its maps. A frozen backbone has none.
    pub fn gradient(
        self,
        net: &LocalizationNet,
        trained: &[bool],
        replaced: &[(Id, Vec<f32>)],
        loss: Loss,
        scenes: usize,
    ) -> Result<(f64, Vec<f32>), NetworkError> {
        let kept = self.kept.as_deref();
        let (maps, tape) = if trained[..net.layout.first_of_head].contains(&true) {
            let (maps, tape) = net.backbone_to_train(&self.planes, kept);
            (maps, Some(tape))
        } else {
            (net.backbone(&self.planes, kept), None)
        };
        let device = Device::flex().autodiff();
        let graph = Graph::new(&net.config, &net.layout, &net.values, replaced, Some(trained), device.clone());
        let maps = graph.maps(maps);
        let maps = if tape.is_some() { maps.require_grad() } else { maps };
        let count = self.cells.len();
        let targets = Tensor::<2>::from_data(TensorData::new(self.targets, [count, 2]), &device);
        let cells = Tensor::<2, Int>::from_data(TensorData::new(self.cells, [count, 1]), &device);
        let output = graph.head(maps.clone(), graph.planes(self.planes));
        let loss = loss.sum(output, targets, cells);
        let value = f64::from(loss.clone().into_scalar::<f32>());
        let mut gradients = (loss / scenes as f32).backward();
        let mut flat = vec![0.0; net.values.len()];
        for (id, leaf) in graph.leaves() {
            if let Some(gradient) = leaf.grad_remove(&mut gradients) {
                flat[net.layout.entries[id].range()].copy_from_slice(&numbers(gradient.into_data())?);
            }
        }
        if let Some((tape, gradient)) = tape.zip(maps.grad_remove(&mut gradients)) {
            net.backbone_gradient(tape, numbers(gradient.into_data())?, &mut flat);
        }
        Ok((value, flat))
    }
}

/// A tensor's numbers in row-major order.
pub(crate) fn numbers(data: TensorData) -> Result<Vec<f32>, NetworkError> {
    data.try_to_vec().map_err(|e| NetworkError::Worker(format!("{e:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{SceneLabel, SetHeader, Split, TrainingSetWriter};
    use crate::network::{Head, NetworkConfig};
    use crate::size::Size;

    /// Two threads with half the scenes each against one thread with all: same sum, another order of additions.
    #[test]
    fn gradients_do_not_depend_on_the_number_of_threads() {
        let folder = tempfile::tempdir().unwrap();
        let header = SetHeader {
            receivers: vec!["a".into(), "b".into()],
            feature_hash: String::new(),
            receivers_enu_m: vec![[-9.0, 0.0], [9.0, 0.0]],
            scale_m: 10.0,
            extent_m: 20.0,
            lag_span_s: vec![1e-6],
            noise_share: vec![1.0 / 128.0; 128],
            mel_floor: -1.0,
            decibels_per_unit: 20.0,
            stored_planes: vec![0, 1, 2],
            source: String::new(),
        };
        let mut writer = TrainingSetWriter::create(folder.path(), header).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for block in 0..9 {
            let planes: Vec<f32> = (0..3 * PLANE_LEN).map(|_| rng.random_range(-1.0..1.0)).collect();
            let target_enu_m = [rng.random_range(-9.0..9.0), rng.random_range(-9.0..9.0)];
            let label = SceneLabel { target_enu_m, block, split: Split::Train, present: vec![true; 2] };
            writer.add(&planes, label).unwrap();
        }
        writer.finish().unwrap();
        let set = TrainingSet::open(folder.path()).unwrap();
        let head = Head::Flatten;
        let config = NetworkConfig { size: Size::Probe, planes: 3, head, layer_scale: 0.5, ..NetworkConfig::default() };
        let net = LocalizationNet::new(&config, 4).unwrap();
        let how = Augmentation { noise: 0.1, receiver_gain_db: 3.0, ..Augmentation::default() };
        let scenes: Vec<usize> = (0..9).collect();
        let step = Step { set: &set, scenes: &scenes, loss: Loss::Gaussian, replaced: &[], random: Some((&how, 77)) };
        let trained = net.trained(false);
        let (one_loss, one) = Workers::new(1).unwrap().gradient(&net, &trained, &step).unwrap();
        let (two_loss, two) = Workers::new(2).unwrap().gradient(&net, &trained, &step).unwrap();
        assert!((one_loss - two_loss).abs() < 1e-5);
        let size = one.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
        let difference = one.iter().zip(&two).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt();
        assert!(size > 0.1 && difference < 1e-5 * size, "{difference} of {size}");
        assert_eq!(Workers::new(2).unwrap().gradient(&net, &trained, &step).unwrap().1, two);
    }
}
