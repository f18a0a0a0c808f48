use burn::tensor::module::layer_norm;
use burn::tensor::{Device, Tensor, TensorData};

use crate::data::PLANE_LEN;
use crate::layout::{BANDS, FRAMES, Id, LAST_CELLS, Layout, Pair};
use crate::network::NetworkConfig;

/// Added to the variance in every norm, as in the paper's code.
pub(crate) const NORM_EPSILON: f64 = 1e-6;
/// Least diagonal element of the Cholesky factor, in units of the constellation's scale.
pub(crate) const DEVIATION_FLOOR: f32 = 1e-3;

/// The head: its parameters as tensors of one device, and its function of the backbone's maps.
pub(crate) struct Graph<'a> {
    pub config: &'a NetworkConfig,
    pub layout: &'a Layout,
    /// From the first of the head on.
    leaves: Vec<Tensor<1>>,
    pub device: Device,
}

/// What the network says before any scaling to metres.
pub(crate) struct Output {
    /// (N, 2) east and north in units of the constellation's scale.
    pub position: Tensor<2>,
    /// (N, 3) Cholesky factor, rows of the lower triangle: east-east, north-east, north-north.
    pub factor: Tensor<2>,
    /// (N, cells²) logarithm of each cell's probability, of the heads that have a posterior over places.
    pub density: Option<Tensor<2>>,
}

impl<'a> Graph<'a> {
    /// `replaced` has other values for some parameters; `tracked` names those whose gradients are wanted.
    pub fn new(
        config: &'a NetworkConfig,
        layout: &'a Layout,
        values: &[f32],
        replaced: &[(Id, Vec<f32>)],
        tracked: Option<&[bool]>,
        device: Device,
    ) -> Graph<'a> {
        let leaves = layout.entries.iter().enumerate().skip(layout.first_of_head).map(|(id, entry)| {
            let own = || values[entry.range()].to_vec();
            let values = replaced.iter().find(|(other, _)| *other == id).map_or_else(own, |(_, values)| values.clone());
            let data = TensorData::new(values, [entry.count()]);
            let leaf = Tensor::<1>::from_data(data, &device);
            if tracked.is_some_and(|t| t[id]) { leaf.require_grad() } else { leaf }
        });
        Graph { config, layout, leaves: leaves.collect(), device }
    }

    /// The head's parameters, with their place in the layout.
    pub fn leaves(&self) -> impl Iterator<Item = (Id, &Tensor<1>)> {
        self.leaves.iter().enumerate().map(|(index, leaf)| (self.layout.first_of_head + index, leaf))
    }

    /// One of the head's.
    pub fn vector(&self, id: Id) -> Tensor<1> {
        self.leaves[id - self.layout.first_of_head].clone()
    }

    /// The backbone's maps (N, 4, 1, width).
    pub fn maps(&self, values: Vec<f32>) -> Tensor<4> {
        let width = self.config.size.widths()[3];
        let shape = [values.len() / (LAST_CELLS * width), LAST_CELLS, 1, width];
        Tensor::from_data(TensorData::new(values, shape), &self.device)
    }

    /// Planes (N, C, 128, 32).
    pub fn planes(&self, values: Vec<f32>) -> Tensor<4> {
        let shape = [values.len() / (self.config.planes * PLANE_LEN), self.config.planes, BANDS, FRAMES];
        Tensor::from_data(TensorData::new(values, shape), &self.device)
    }

    pub fn norm(&self, x: Tensor<4>, pair: Pair) -> Tensor<4> {
        layer_norm(x, self.vector(pair.weight), Some(self.vector(pair.bias)), NORM_EPSILON)
    }

    /// x W + b with W stored as (out, in).
    pub fn linear(&self, x: Tensor<2>, pair: Pair) -> Tensor<2> {
        let inputs = x.dims()[1];
        let weight = self.vector(pair.weight);
        let width = weight.dims()[0] / inputs;
        x.matmul(weight.reshape([width, inputs]).transpose()) + self.vector(pair.bias).unsqueeze()
    }
}

/// −1 … 1 along the bands.
pub(crate) fn band_coordinates() -> Vec<f32> {
    (0..BANDS).map(|b| 2.0 * b as f32 / (BANDS - 1) as f32 - 1.0).collect()
}
