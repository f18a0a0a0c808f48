//! One ConvNeXt block: depthwise convolution, norm, two linear layers with GELU between, scale, and the way past it.

use super::map::Shape;
use super::norm::Normed;
use super::product::{bias_gradient, input_gradient, linear, weight_gradient};
use super::{Gradient, Weights, depthwise, gelu, norm};
use crate::layout::Block;

/// What the backward pass needs. Rows are the places of the scenes whose branch was not skipped.
pub(super) struct Saved {
    /// The block's input (scenes, rows, columns, width).
    input: Vec<f32>,
    /// Scenes whose branch was not skipped, and the factor on it.
    kept: Vec<(usize, f32)>,
    normed: Normed,
    /// (rows, width) after the norm.
    branch: Vec<f32>,
    /// (rows, 4 width) after GELU.
    hidden: Vec<f32>,
    /// (rows, 4 width) of GELU.
    slope: Vec<f32>,
    /// (rows, width) before the scale.
    contracted: Vec<f32>,
}

/// From maps (scenes, rows, columns, width) to such. `factor` is on each scene's branch, 0 to skip it. Without
/// `to_train` what is saved is of no use.
pub(super) fn forward(
    weights: Weights<'_>,
    block: &Block,
    input: Vec<f32>,
    shape: Shape,
    factor: Option<&[f32]>,
    to_train: bool,
) -> (Vec<f32>, Saved) {
    let factors = (0..input.len() / shape.count()).map(|scene| (scene, factor.map_or(1.0, |f| f[scene])));
    let kept: Vec<(usize, f32)> = factors.filter(|(_, factor)| *factor != 0.0).collect();
    let (kernel, bias) = weights.pair(block.depthwise);
    let mut branch = depthwise::forward(&input, shape, kernel, bias, kept.iter().map(|k| k.0));
    let (weight, bias) = weights.pair(block.norm);
    let normed = norm::forward(&mut branch, weight, bias);
    let (weight, bias) = weights.pair(block.expand);
    let mut hidden = linear(&branch, weight, bias);
    let mut slope = vec![0.0; if to_train { hidden.len() } else { 0 }];
    gelu::forward(&mut hidden, &mut slope);
    let (weight, bias) = weights.pair(block.contract);
    let contracted = linear(&hidden, weight, bias);
    let scale = weights.of(block.scale);
    let mut out = input.clone();
    for ((scene, factor), contracted) in kept.iter().zip(contracted.chunks_exact(shape.count())) {
        let out = out[scene * shape.count()..][..shape.count()].chunks_exact_mut(shape.width);
        for (out, contracted) in out.zip(contracted.chunks_exact(shape.width)) {
            out.iter_mut().zip(contracted).zip(scale).for_each(|((out, x), scale)| *out += x * scale * factor);
        }
    }
    (out, Saved { input, kept, normed, branch, hidden, slope, contracted })
}

/// Turns the gradient of the output (scenes, rows, columns, width) into that of the input.
pub(super) fn backward(
    weights: Weights<'_>,
    block: &Block,
    saved: Saved,
    shape: Shape,
    gradient: &mut [f32],
    found: &mut Gradient<'_>,
) {
    let width = shape.width;
    let scale = weights.of(block.scale);
    let mut by_scale = vec![0.0; width];
    let mut by_branch = Vec::with_capacity(saved.contracted.len());
    for ((scene, factor), contracted) in saved.kept.iter().zip(saved.contracted.chunks_exact(shape.count())) {
        let gradient = gradient[scene * shape.count()..][..shape.count()].chunks_exact(width);
        for (gradient, contracted) in gradient.zip(contracted.chunks_exact(width)) {
            let sums = by_scale.iter_mut().zip(contracted);
            gradient.iter().zip(sums).for_each(|(g, (sum, x))| *sum += g * x * factor);
            by_branch.extend(gradient.iter().zip(scale).map(|(g, scale)| g * scale * factor));
        }
    }
    found.of(block.scale).copy_from_slice(&by_scale);

    weight_gradient(&by_branch, &saved.hidden, 4 * width, found.of(block.contract.weight));
    bias_gradient(&by_branch, found.of(block.contract.bias));
    let mut by_hidden = input_gradient(&by_branch, weights.of(block.contract.weight), 4 * width);
    by_hidden.iter_mut().zip(&saved.slope).for_each(|(g, slope)| *g *= slope);

    weight_gradient(&by_hidden, &saved.branch, width, found.of(block.expand.weight));
    bias_gradient(&by_hidden, found.of(block.expand.bias));
    let mut by_branch = input_gradient(&by_hidden, weights.of(block.expand.weight), width);

    found.norm(block.norm, norm::backward(&saved.normed, weights.of(block.norm.weight), &mut by_branch));

    bias_gradient(&by_branch, found.of(block.depthwise.bias));
    let kernel = weights.of(block.depthwise.weight);
    let kept = saved.kept.iter().map(|k| k.0);
    let by_kernel = found.of(block.depthwise.weight);
    depthwise::backward(&saved.input, shape, kernel, &by_branch, kept, gradient, by_kernel);
}
