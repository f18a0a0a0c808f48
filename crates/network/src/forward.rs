use burn::tensor::activation::gelu;
use burn::tensor::module::{conv2d, layer_norm};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};

use crate::layout::{BANDS, Block, FRAMES, Id, Layout, Pair};
use crate::network::NetworkConfig;

/// Added to the variance in every norm, as in the paper's code.
pub(crate) const NORM_EPSILON: f64 = 1e-6;
/// Least diagonal element of the Cholesky factor, in units of the constellation's scale.
pub(crate) const DEVIATION_FLOOR: f32 = 1e-3;

/// The parameters as tensors of one device, and the network's function of them. Maps are (N, bands, frames, channels).
pub(crate) struct Graph<'a> {
    pub config: &'a NetworkConfig,
    pub layout: &'a Layout,
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
        let leaves = layout.entries.iter().enumerate().map(|(id, entry)| {
            let own = || values[entry.range()].to_vec();
            let values = replaced.iter().find(|(other, _)| *other == id).map_or_else(own, |(_, values)| values.clone());
            let data = TensorData::new(values, [entry.count()]);
            let leaf = Tensor::<1>::from_data(data, &device);
            if tracked.is_some_and(|t| t[id]) { leaf.require_grad() } else { leaf }
        });
        Graph { config, layout, leaves: leaves.collect(), device }
    }

    pub fn leaves(&self) -> &[Tensor<1>] {
        &self.leaves
    }

    pub fn vector(&self, id: Id) -> Tensor<1> {
        self.leaves[id].clone()
    }

    /// `planes` (N, C, 128, 32). `kept` is, per block in order, the factor on each scene's branch: 0 where stochastic
    /// depth skips it, 1/(1−drop) where it does not; `None` outside training.
    pub fn forward(&self, planes: Tensor<4>, kept: Option<&[Vec<f32>]>) -> Output {
        let map = self.backbone(planes.clone(), kept);
        self.head(map, planes)
    }

    /// The last stage's map (N, 4, 1, width).
    pub fn backbone(&self, planes: Tensor<4>, kept: Option<&[Vec<f32>]>) -> Tensor<4> {
        let backbone = &self.layout.backbone;
        let planes = if self.config.coordinate_plane { self.with_coordinates(planes) } else { planes };
        let x = planes.permute([0, 2, 3, 1]);
        let mut x = self.norm(self.patches(x, backbone.stem, 4), backbone.stem_norm);
        let mut block_index = 0;
        for stage in &backbone.stages {
            if let Some((norm, convolution)) = stage.downsample {
                x = self.patches(self.norm(x, norm), convolution, 2);
            }
            for block in &stage.blocks {
                let factor = kept.map(|k| k[block_index].as_slice());
                x = self.block(x, block, factor);
                block_index += 1;
            }
        }
        x
    }

    fn with_coordinates(&self, planes: Tensor<4>) -> Tensor<4> {
        let scenes = planes.dims()[0];
        let column = Tensor::<1>::from_data(TensorData::new(band_coordinates(), [BANDS]), &self.device);
        let plane = column.reshape([1, 1, BANDS, 1]).expand([scenes, 1, BANDS, FRAMES]);
        Tensor::cat(vec![planes, plane], 1)
    }

    /// Convolution whose stride is its kernel: cut into patches, then one matrix product.
    fn patches(&self, x: Tensor<4>, pair: Pair, step: usize) -> Tensor<4> {
        let [scenes, rows, columns, channels] = x.dims();
        let (rows, columns) = (rows / step, columns / step);
        let length = step * step * channels;
        let weight = self.vector(pair.weight);
        let width = weight.dims()[0] / length;
        // The kernel is (out, in, rows, columns); patches are (rows, columns, in).
        let weight = weight.reshape([width, channels, step * step]).permute([2, 1, 0]).reshape([length, width]);
        let x = x.reshape([scenes, rows, step, columns, step, channels]).permute([0, 1, 3, 2, 4, 5]);
        let x = x.reshape([scenes * rows * columns, length]).matmul(weight) + self.vector(pair.bias).unsqueeze();
        x.reshape([scenes, rows, columns, width])
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

    fn block(&self, x: Tensor<4>, block: &Block, factor: Option<&[f32]>) -> Tensor<4> {
        let [scenes, rows, columns, width] = x.dims();
        let kernel = self.vector(block.depthwise.weight).reshape([width, 1, 7, 7]);
        let options = ConvOptions::new([1, 1], [3, 3], [1, 1], width);
        let branch = conv2d(x.clone().permute([0, 3, 1, 2]), kernel, Some(self.vector(block.depthwise.bias)), options);
        let branch = self.norm(branch.permute([0, 2, 3, 1]), block.norm);
        let branch = branch.reshape([scenes * rows * columns, width]);
        let branch = self.linear(gelu(self.linear(branch, block.expand)), block.contract);
        let branch = (branch * self.vector(block.scale).unsqueeze()).reshape([scenes, rows, columns, width]);
        let Some(factor) = factor else { return x + branch };
        let factor = Tensor::<1>::from_data(TensorData::new(factor.to_vec(), [scenes]), &self.device);
        x + branch * factor.reshape([scenes, 1, 1, 1])
    }
}

/// −1 … 1 along the bands.
pub(crate) fn band_coordinates() -> Vec<f32> {
    (0..BANDS).map(|b| 2.0 * b as f32 / (BANDS - 1) as f32 - 1.0).collect()
}
