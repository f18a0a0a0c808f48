//! Matrix products and linear layers on row-major slices.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};

/// Rows one after another.
fn matrix(values: &[f32], columns: usize) -> ArrayView2<'_, f32> {
    let rows = values.len() / columns;
    ArrayView2::from_shape((rows, columns), values).unwrap_or_else(|_| unreachable!("{rows} rows of {columns} fit"))
}

/// Adds the product to `keep` times what is in `out`.
fn product(left: ArrayView2<'_, f32>, right: ArrayView2<'_, f32>, keep: f32, out: &mut [f32]) {
    let (rows, columns) = (left.nrows(), right.ncols());
    let mut out = ArrayViewMut2::from_shape((rows, columns), out)
        .unwrap_or_else(|_| unreachable!("out has {rows} rows of {columns}"));
    general_mat_mul(1.0, &left, &right, keep, &mut out);
}

/// x Wᵀ + b (rows, outputs) of `x` (rows, inputs), `weight` (outputs, inputs) and `bias` (outputs).
pub(super) fn linear(x: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f32> {
    let inputs = weight.len() / bias.len();
    let mut out = bias.repeat(x.len() / inputs);
    product(matrix(x, inputs), matrix(weight, inputs).reversed_axes(), 1.0, &mut out);
    out
}

/// Gradient (rows, inputs) of the linear layer's input from that of its output (rows, outputs).
pub(super) fn input_gradient(gradient: &[f32], weight: &[f32], inputs: usize) -> Vec<f32> {
    let outputs = weight.len() / inputs;
    let mut out = vec![0.0; gradient.len() / outputs * inputs];
    product(matrix(gradient, outputs), matrix(weight, inputs), 0.0, &mut out);
    out
}

/// Sets the gradient (outputs, inputs) of the linear layer's weight.
pub(super) fn weight_gradient(gradient: &[f32], x: &[f32], inputs: usize, out: &mut [f32]) {
    let outputs = out.len() / inputs;
    product(matrix(gradient, outputs).reversed_axes(), matrix(x, inputs), 0.0, out);
}

/// Sets the gradient (outputs) of the linear layer's bias: the sum of all rows.
pub(super) fn bias_gradient(gradient: &[f32], out: &mut [f32]) {
    out.fill(0.0);
    for row in gradient.chunks_exact(out.len()) {
        out.iter_mut().zip(row).for_each(|(sum, g)| *sum += g);
    }
}
