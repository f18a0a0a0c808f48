use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::eight_bit::EightBit;
use crate::error::NetworkError;
use crate::layout::{Id, Layout, Part, Start};
use crate::network::NetworkConfig;
use crate::onnx::Precision;

/// A network: its configuration and every parameter, in the order of the layout.
#[derive(Debug, Clone)]
pub struct LocalizationNet {
    pub(crate) config: NetworkConfig,
    pub(crate) layout: Layout,
    pub(crate) values: Vec<f32>,
}

impl LocalizationNet {
    /// A network before training: normal kernels cut at two deviations, biases 0, scales as configured.
    ///
    /// # Errors
    /// A setting outside its range.
    pub fn new(config: &NetworkConfig, seed: u64) -> Result<LocalizationNet, NetworkError> {
        config.check()?;
        let layout = Layout::new(config);
        let mut values = Vec::with_capacity(layout.count());
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for entry in &layout.entries {
            match entry.start {
                Start::Constant(value) => values.extend(std::iter::repeat_n(value, entry.count())),
                Start::Normal(deviation) => {
                    values.extend((0..entry.count()).map(|_| deviation * cut_normal(&mut rng)));
                }
            }
        }
        Ok(LocalizationNet { config: config.clone(), layout, values })
    }

    /// What decides its shape.
    pub fn config(&self) -> &NetworkConfig {
        &self.config
    }

    /// Numbers it holds.
    pub fn parameter_count(&self) -> usize {
        self.values.len()
    }

    /// Name, shape and row-major values of every tensor; names are timm's where timm's ConvNeXt has the tensor.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &[usize], &[f32])> {
        self.layout.entries.iter().map(|e| (e.name.as_str(), e.shape.as_slice(), &self.values[e.range()]))
    }

    /// Replaces one tensor; `false` when there is none of this name and length.
    #[must_use]
    pub fn set_tensor(&mut self, name: &str, values: &[f32]) -> bool {
        let Some(entry) = self.layout.entries.iter().find(|e| e.name == name && e.count() == values.len()) else {
            return false;
        };
        self.values[entry.range()].copy_from_slice(values);
        true
    }

    /// Rounds kernels, matrices and biases to what a file of this precision stores.
    pub fn round_to(&mut self, precision: Precision) {
        if precision == Precision::F32 {
            return;
        }
        let behind_stem = self.layout.backbone.behind_stem().filter(|_| precision == Precision::I8);
        let (eight_bit, half): (Vec<Id>, Vec<Id>) = behind_stem.map(|pair| (pair.weight, pair.bias)).unzip();
        for (id, entry) in self.layout.entries.iter().enumerate() {
            let values = &mut self.values[entry.range()];
            if eight_bit.contains(&id) {
                EightBit::of(values, &entry.shape, 0).widen_into(values);
            } else if half.contains(&id) || (entry.decays() && entry.part != Part::Statistics) {
                values.iter_mut().for_each(|value| *value = half::f16::from_f32(*value).to_f32());
            }
        }
    }

    /// Which parameters training moves: all but the statistics, and without the backbone where that is frozen.
    pub(crate) fn trained(&self, freeze_backbone: bool) -> Vec<bool> {
        let moves = |part| match part {
            Part::Statistics => false,
            Part::Backbone => !freeze_backbone,
            Part::Head => true,
        };
        self.layout.entries.iter().map(|e| moves(e.part)).collect()
    }

    /// # Errors
    /// A parameter that is not finite.
    pub(crate) fn check_finite(&self) -> Result<(), NetworkError> {
        match self.tensors().find(|(_, _, values)| values.iter().any(|v| !v.is_finite())) {
            None => Ok(()),
            Some((name, ..)) => Err(NetworkError::NotFinite {
                what: format!("the tensor {name} of the network"),
                advice: "take an earlier checkpoint, and a lower learning_rate if it was training",
            }),
        }
    }
}

fn cut_normal(rng: &mut ChaCha8Rng) -> f32 {
    loop {
        let value: f32 = StandardNormal.sample(rng);
        if value.abs() <= 2.0 {
            return value;
        }
    }
}
