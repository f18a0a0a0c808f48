//! The ConvNeXt backbone and its derivative, on slices.
//!
//! A tensor library makes a pass over memory for every operation, and this network's tensors are small and many; so
//! here the forward pass is written out, and the backward pass beside it. Maps are (scenes, rows, columns, width), one
//! scene after another. Matrix products are ndarray's.

mod block;
mod depthwise;
mod gelu;
mod lanes;
mod map;
mod norm;
mod patches;
mod product;

use map::Shape;
use norm::Normed;
use patches::{HALVING, STEM};
use product::{bias_gradient, input_gradient, linear, weight_gradient};

use crate::layout::{BANDS, FRAMES, Id, Layout, Pair};
use crate::weights::LocalizationNet;

/// The parameters by their place in the layout.
#[derive(Clone, Copy)]
struct Weights<'a> {
    layout: &'a Layout,
    values: &'a [f32],
}

impl<'a> Weights<'a> {
    fn of(self, id: Id) -> &'a [f32] {
        &self.values[self.layout.entries[id].range()]
    }

    fn pair(self, pair: Pair) -> (&'a [f32], &'a [f32]) {
        (self.of(pair.weight), self.of(pair.bias))
    }
}

/// The parameters' gradients by their place in the layout.
struct Gradient<'a> {
    layout: &'a Layout,
    values: &'a mut [f32],
}

impl Gradient<'_> {
    fn of(&mut self, id: Id) -> &mut [f32] {
        &mut self.values[self.layout.entries[id].range()]
    }

    fn norm(&mut self, norm: Pair, (by_weight, by_bias): (Vec<f32>, Vec<f32>)) {
        self.of(norm.weight).copy_from_slice(&by_weight);
        self.of(norm.bias).copy_from_slice(&by_bias);
    }
}

/// What the backward pass needs of the forward pass.
pub(crate) struct Tape {
    stem: Cut,
    stages: Vec<(Option<Cut>, Vec<block::Saved>)>,
}

/// Of a convolution whose stride is its kernel, and the norm after the stem's or before the others'.
struct Cut {
    patches: Vec<f32>,
    normed: Normed,
}

impl LocalizationNet {
    /// The last stage's maps (N, 4, 1, width) of `planes` (N, C, 128, 32). `kept` is, per block in order, the factor on
    /// each scene's branch: 0 where stochastic depth skips it, 1/(1−drop) where not; `None` outside of training.
    pub(crate) fn backbone(&self, planes: &[f32], kept: Option<&[Vec<f32>]>) -> Vec<f32> {
        self.pass(planes, kept, false).0
    }

    /// As [`backbone`](Self::backbone), with what [`backbone_gradient`](Self::backbone_gradient) needs.
    pub(crate) fn backbone_to_train(&self, planes: &[f32], kept: Option<&[Vec<f32>]>) -> (Vec<f32>, Tape) {
        self.pass(planes, kept, true)
    }

    fn pass(&self, planes: &[f32], kept: Option<&[Vec<f32>]>, to_train: bool) -> (Vec<f32>, Tape) {
        let (weights, backbone) = (Weights { layout: &self.layout, values: &self.values }, &self.layout.backbone);
        let patches = patches::of_planes(planes, self.config.planes, self.config.coordinate_plane);
        let (weight, bias) = weights.pair(backbone.stem);
        let mut maps = linear(&patches, weight, bias);
        let (weight, bias) = weights.pair(backbone.stem_norm);
        let normed = norm::forward(&mut maps, weight, bias);
        let mut tape = Tape { stem: Cut { patches, normed }, stages: Vec::new() };
        let mut factors = kept.into_iter().flatten();
        for (stage, shape) in backbone.stages.iter().zip(self.shapes()) {
            let cut = stage.downsample.map(|(norm, convolution)| {
                let (weight, bias) = weights.pair(norm);
                let normed = norm::forward(&mut maps, weight, bias);
                let patches = patches::of_maps(&maps, before(shape));
                let (weight, bias) = weights.pair(convolution);
                maps = linear(&patches, weight, bias);
                Cut { patches, normed }
            });
            let mut blocks = Vec::new();
            for block in &stage.blocks {
                let input = std::mem::take(&mut maps);
                let factor = factors.next().map(Vec::as_slice);
                let (out, saved) = block::forward(weights, block, input, shape, factor, to_train);
                maps = out;
                // Outside of training the memory is wanted back.
                blocks.extend(to_train.then_some(saved));
            }
            tape.stages.push((cut, blocks));
        }
        (maps, tape)
    }

    /// Sets the backbone's part of the flat gradient `found` from the gradient of its maps (N, 4, 1, width).
    pub(crate) fn backbone_gradient(&self, tape: Tape, mut gradient: Vec<f32>, found: &mut [f32]) {
        let (weights, backbone) = (Weights { layout: &self.layout, values: &self.values }, &self.layout.backbone);
        let mut found = Gradient { layout: &self.layout, values: found };
        let stages = backbone.stages.iter().zip(self.shapes()).zip(tape.stages);
        for ((stage, shape), (cut, blocks)) in stages.rev() {
            for (block, saved) in stage.blocks.iter().zip(blocks).rev() {
                block::backward(weights, block, saved, shape, &mut gradient, &mut found);
            }
            if let Some(((norm, convolution), cut)) = stage.downsample.zip(cut) {
                let length = before(shape).width * HALVING * HALVING;
                weight_gradient(&gradient, &cut.patches, length, found.of(convolution.weight));
                bias_gradient(&gradient, found.of(convolution.bias));
                let by_patches = input_gradient(&gradient, weights.of(convolution.weight), length);
                gradient = patches::to_maps(&by_patches, before(shape));
                found.norm(norm, norm::backward(&cut.normed, weights.of(norm.weight), &mut gradient));
            }
        }
        let norm = backbone.stem_norm;
        found.norm(norm, norm::backward(&tape.stem.normed, weights.of(norm.weight), &mut gradient));
        let (weight, bias) = (found.of(backbone.stem.weight).len(), found.of(backbone.stem.bias).len());
        weight_gradient(&gradient, &tape.stem.patches, weight / bias, found.of(backbone.stem.weight));
        bias_gradient(&gradient, found.of(backbone.stem.bias));
    }

    /// Of each stage's maps.
    fn shapes(&self) -> [Shape; 4] {
        let widths = self.config.size.widths();
        std::array::from_fn(|stage| Shape {
            rows: (BANDS / STEM) >> stage,
            columns: (FRAMES / STEM) >> stage,
            width: widths[stage],
        })
    }
}

/// Of the maps that are halved to `shape`.
fn before(shape: Shape) -> Shape {
    Shape { rows: shape.rows * HALVING, columns: shape.columns * HALVING, width: shape.width / 2 }
}
