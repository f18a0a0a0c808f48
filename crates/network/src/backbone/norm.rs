//! LayerNorm over the channels of every position.

use super::lanes::{Group, LANES, add_product, groups, groups_mut, total, vectors};
use crate::forward::NORM_EPSILON;

/// What the backward pass needs.
pub(super) struct Normed {
    /// (rows, width) before weight and bias: mean 0, variance 1.
    standard: Vec<f32>,
    /// (rows) 1/√(variance + ε).
    inverse_deviation: Vec<f32>,
}

/// Of `x` (rows, width) in place.
pub(super) fn forward(x: &mut [f32], weight: &[f32], bias: &[f32]) -> Normed {
    let width = weight.len();
    let mut standard = vec![0.0; x.len()];
    let mut inverse_deviation = Vec::with_capacity(x.len() / width);
    let (weight, bias) = (groups(weight), groups(bias));
    let rows = x.chunks_exact_mut(width).zip(standard.chunks_exact_mut(width));
    vectors(
        #[inline(always)]
        || {
            for (row, standard) in rows {
                inverse_deviation.push(forward_row(groups_mut(row), groups_mut(standard), weight, bias));
            }
        },
    );
    Normed { standard, inverse_deviation }
}

/// Of one row in place, whose standardised values go to `standard`. Returns its inverse deviation.
#[inline(always)]
fn forward_row(row: &mut [Group], standard: &mut [Group], weight: &[Group], bias: &[Group]) -> f32 {
    let width = (row.len() * LANES) as f32;
    let mean = sum(row.iter(), |x| *x) / width;
    let variance = sum(row.iter(), |x| x.map(|x| (x - mean) * (x - mean))) / width;
    let inverse = 1.0 / (variance + NORM_EPSILON as f32).sqrt();
    for ((row, standard), (weight, bias)) in row.iter_mut().zip(standard).zip(weight.iter().zip(bias)) {
        *standard = row.map(|x| (x - mean) * inverse);
        *row = *bias;
        add_product(row, standard, weight);
    }
    inverse
}

/// Turns the gradient (rows, width) of the output into that of the input. Sets the gradients of weight and bias.
pub(super) fn backward(normed: &Normed, weight: &[f32], gradient: &mut [f32]) -> (Vec<f32>, Vec<f32>) {
    let width = weight.len();
    let (mut by_weight, mut by_bias) = (vec![0.0; width], vec![0.0; width]);
    let weight = groups(weight);
    let rows = gradient.chunks_exact_mut(width).zip(normed.standard.chunks_exact(width));
    vectors(
        #[inline(always)]
        || {
            let sums = (groups_mut(&mut by_weight), groups_mut(&mut by_bias));
            for ((row, standard), inverse) in rows.zip(&normed.inverse_deviation) {
                let (row, standard) = (groups_mut(row), groups(standard));
                add_sums(row, standard, sums.0, sums.1);
                backward_row(row, standard, weight, *inverse);
            }
        },
    );
    (by_weight, by_bias)
}

/// Adds one row's part of the gradients of weight and bias.
#[inline(always)]
fn add_sums(row: &[Group], standard: &[Group], by_weight: &mut [Group], by_bias: &mut [Group]) {
    for ((row, standard), (by_weight, by_bias)) in row.iter().zip(standard).zip(by_weight.iter_mut().zip(by_bias)) {
        add_product(by_weight, row, standard);
        add_product(by_bias, row, &[1.0; LANES]);
    }
}

/// Turns one row's gradient of the output into that of the input.
#[inline(always)]
fn backward_row(row: &mut [Group], standard: &[Group], weight: &[Group], inverse: f32) {
    let width = (row.len() * LANES) as f32;
    row.iter_mut().zip(weight).for_each(|(g, weight)| *g = product(g, weight));
    let mean = sum(row.iter(), |g| *g) / width;
    let along = sum(row.iter().zip(standard), |(g, x)| product(g, x)) / width;
    for (row, standard) in row.iter_mut().zip(standard) {
        for lane in 0..LANES {
            row[lane] = (row[lane] - mean - standard[lane] * along) * inverse;
        }
    }
}

#[inline(always)]
fn product(a: &Group, b: &Group) -> Group {
    let mut out = [0.0; LANES];
    add_product(&mut out, a, b);
    out
}

/// Over all channels of a row.
#[inline(always)]
fn sum<T>(row: impl Iterator<Item = T>, of: impl Fn(T) -> Group) -> f32 {
    let mut sums = [0.0; LANES];
    for groups in row {
        let values = of(groups);
        for lane in 0..LANES {
            sums[lane] += values[lane];
        }
    }
    total(&sums)
}
