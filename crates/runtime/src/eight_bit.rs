//! Products with weights that stay whole numbers of eight bits: a quarter of the memory. The interpreter would widen them
//! once and keep them so, or at every run.

use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cast::Cast;
use tract_onnx::tract_core::ops::einsum::EinSum;

/// Outputs whose weights lie side by side, and which are summed together: two vectors of four.
const OUTPUTS: usize = 8;
/// Rows that are summed together.
const ROWS: usize = 4;
/// Inputs whose widened weights are used before the next are widened: they stay in the nearest cache.
const INPUTS: usize = 256;

/// Replaces products of rows with a matrix that ONNX's DequantizeLinear makes of whole numbers, with a step per column.
pub(crate) fn kept(mut model: TypedModel) -> TractResult<TypedModel> {
    for id in 0..model.nodes.len() {
        let node = model.node(id);
        if let Some((rows, step)) = product(&model, node)? {
            TypedModelPatch::replace_single_op(&model, node, &[rows], step)?.apply(&mut model)?;
        }
    }
    Ok(model)
}

fn product(model: &TypedModel, node: &TypedNode) -> TractResult<Option<(OutletId, Product)>> {
    let (Some(einsum), [rows, weights]) = (node.op_as::<EinSum>(), node.inputs.as_slice()) else { return Ok(None) };
    let leading: String = ('a'..).take(model.outlet_fact(*rows)?.rank().saturating_sub(2)).collect();
    if einsum.axes != format!("{leading}mk,kn->{leading}mn").parse()? {
        return Ok(None);
    }
    let Some((whole, steps)) = stored(model, *weights)? else { return Ok(None) };
    let &[inputs, outputs] = whole.shape() else { return Ok(None) };
    if steps.len() != outputs {
        return Ok(None);
    }
    let whole = side_by_side(whole.try_as_plain_ram()?.as_slice::<i8>()?, inputs, outputs);
    Ok(Some((*rows, Product { whole: Arc::new(tensor1(&whole)), steps, inputs, outputs })))
}

/// Whole numbers and steps, where the interpreter makes an outlet's value of them: (whole − 0) × step.
fn stored(model: &TypedModel, outlet: OutletId) -> TractResult<Option<(Arc<Tensor>, Arc<Tensor>)>> {
    let Some((difference, steps)) = with_constant(model, outlet, "Mul")? else { return Ok(None) };
    let Some((widened, zero)) = with_constant(model, difference, "Sub")? else { return Ok(None) };
    let zero = zero.cast_to::<f32>()?;
    let cast = model.node(widened.node);
    let (true, [stored]) = (cast.op_is::<Cast>(), cast.inputs.as_slice()) else { return Ok(None) };
    let whole = model.outlet_fact(*stored)?.konst.clone();
    let of_eight_bits = |whole: &Arc<Tensor>| whole.datum_type() == i8::datum_type();
    let centred = zero.try_as_plain_ram()?.as_slice::<f32>()?.iter().all(|zero| *zero == 0.0);
    Ok(whole.filter(of_eight_bits).filter(|_| centred).map(|whole| (whole, steps)))
}

/// The two inputs of an operation with a constant.
fn with_constant(model: &TypedModel, outlet: OutletId, name: &str) -> TractResult<Option<(OutletId, Arc<Tensor>)>> {
    let node = model.node(outlet.node);
    let (true, [varying, constant]) = (node.op_is::<TypedBinOp>() && node.op().name() == name, node.inputs.as_slice())
    else {
        return Ok(None);
    };
    Ok(model.outlet_fact(*constant)?.konst.clone().map(|constant| (*varying, constant)))
}

/// A matrix (inputs, outputs) as (outputs / 8, inputs, 8); what is missing in the last eight is 0.
fn side_by_side(whole: &[i8], inputs: usize, outputs: usize) -> Vec<i8> {
    let mut placed = Vec::with_capacity(inputs * outputs.next_multiple_of(OUTPUTS));
    for first in (0..outputs).step_by(OUTPUTS) {
        for row in whole.chunks_exact(outputs) {
            placed.extend((first..first + OUTPUTS).map(|output| row.get(output).copied().unwrap_or(0)));
        }
    }
    placed
}

/// Rows (…, inputs) to (…, outputs).
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct Product {
    /// As [`side_by_side`] places them.
    whole: Arc<Tensor>,
    /// One for each output.
    steps: Arc<Tensor>,
    inputs: usize,
    outputs: usize,
}

impl Op for Product {
    fn name(&self) -> StaticName {
        "EightBitProduct".into()
    }
    op_as_typed_op!();
}

impl EvalOp for Product {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        let rows = input.try_as_plain_ram()?.as_slice::<f32>()?;
        let whole = self.whole.try_as_plain_ram()?.as_slice::<i8>()?;
        let steps = self.steps.try_as_plain_ram()?.as_slice::<f32>()?;
        let mut shape: TVec<usize> = input.shape().into();
        shape.iter_mut().rev().take(1).for_each(|last| *last = self.outputs);
        Ok(tvec!(Tensor::from_shape(&shape, &products(rows, self.inputs, whole, steps))?.into_tvalue()))
    }
}

impl TypedOp for Product {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let mut shape = inputs.first().context("a product takes rows")?.shape.clone();
        shape.set(shape.rank().saturating_sub(1), self.outputs.to_dim());
        Ok(tvec!(f32::fact(shape)))
    }
    as_op!();
}

/// Sums of a group of rows for outputs side by side.
type Sums = [[f32; OUTPUTS]; ROWS];

/// `rows` of `inputs` numbers each, times the matrix: rows of as many numbers as there are `steps`.
fn products(rows: &[f32], inputs: usize, whole: &[i8], steps: &[f32]) -> Vec<f32> {
    let count = rows.len() / inputs.max(1);
    let groups = grouped(rows, inputs);
    let mut sums = vec![Sums::default(); count.div_ceil(ROWS)];
    let mut wide = [[0.0f32; OUTPUTS]; INPUTS];
    let mut found = vec![0.0; count * steps.len()];
    let panels = whole.chunks_exact((inputs * OUTPUTS).max(1)).zip(steps.chunks(OUTPUTS));
    for (panel, (weights, steps_here)) in panels.enumerate() {
        sums.fill(Sums::default());
        for (part, narrow) in weights.as_chunks::<OUTPUTS>().0.chunks(INPUTS).enumerate() {
            widen(narrow, &mut wide);
            let wide = wide.get(..narrow.len()).unwrap_or_default();
            for (sums, group) in sums.iter_mut().zip(groups.chunks_exact(inputs.max(1))) {
                add_products(sums, group.get(part * INPUTS..).unwrap_or_default(), wide);
            }
        }
        let sums = sums.as_flattened();
        for (sums, row) in sums.iter().zip(found.chunks_exact_mut(steps.len().max(1))) {
            let outputs = row.iter_mut().skip(panel * OUTPUTS);
            outputs.zip(sums.iter().zip(steps_here)).for_each(|(output, (sum, step))| *output = sum * step);
        }
    }
    found
}

/// (group, input, row of the group), with zeros for rows that are missing in the last group.
fn grouped(rows: &[f32], inputs: usize) -> Vec<[f32; ROWS]> {
    let mut groups = Vec::with_capacity(rows.len().div_ceil(ROWS));
    for group in rows.chunks(ROWS * inputs.max(1)) {
        let from = groups.len();
        groups.resize(from + inputs, [0.0; ROWS]);
        for (place, row) in group.chunks_exact(inputs.max(1)).enumerate() {
            let cells = groups.iter_mut().skip(from).filter_map(|cell: &mut [f32; ROWS]| cell.get_mut(place));
            cells.zip(row).for_each(|(cell, value)| *cell = *value);
        }
    }
    groups
}

fn widen(narrow: &[[i8; OUTPUTS]], wide: &mut [[f32; OUTPUTS]; INPUTS]) {
    for (wide, narrow) in wide.iter_mut().zip(narrow) {
        wide.iter_mut().zip(narrow).for_each(|(wide, narrow)| *wide = f32::from(*narrow));
    }
}

/// Adds what some inputs contribute. The sums stay in registers throughout.
fn add_products(sums: &mut Sums, rows: &[[f32; ROWS]], weights: &[[f32; OUTPUTS]]) {
    let mut held = *sums;
    for (row, weight) in rows.iter().zip(weights) {
        for (held, x) in held.iter_mut().zip(row) {
            held.iter_mut().zip(weight).for_each(|(sum, weight)| *sum += x * weight);
        }
    }
    *sums = held;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tract_onnx::tract_core::ops::cast::cast;
    use tract_onnx::tract_core::ops::math;

    use super::*;
    use crate::weights;

    /// As the interpreter writes DequantizeLinear and MatMul of ONNX.
    fn model(shape: &[usize], whole: &[i8], steps: &[f32], zero: f32) -> TypedModel {
        let mut model = TypedModel::default();
        let rows = model.add_source("rows", f32::fact(shape)).unwrap();
        let inputs = shape[shape.len() - 1];
        let whole = Tensor::from_shape(&[inputs, steps.len()], whole).unwrap();
        let whole = model.add_const("whole", whole).unwrap();
        let steps = model.add_const("steps", Tensor::from_shape(&[1, steps.len()], steps).unwrap()).unwrap();
        let zero = model.add_const("zero", Tensor::from_shape(&[1, 1], &[zero]).unwrap()).unwrap();
        let wide = model.wire_node("wide", cast(f32::datum_type()), &[whole]).unwrap();
        let wide = model.wire_node("centred", math::sub(), &[wide[0], zero]).unwrap();
        let weights = model.wire_node("weights", math::mul(), &[wide[0], steps]).unwrap();
        let leading: String = ('a'..).take(shape.len() - 2).collect();
        let axes = format!("{leading}mk,kn->{leading}mn").parse().unwrap();
        let product = EinSum { axes, operating_dt: f32::datum_type(), q_params: None };
        let product = model.wire_node("product", product, &[rows, weights[0]]).unwrap();
        model.select_output_outlets(&product).unwrap();
        model
    }

    fn run(model: TypedModel, shape: &[usize]) -> Vec<f32> {
        let count: usize = shape.iter().product();
        let rows: Vec<f32> = (0..count).map(|n| ((n * 29) % 83) as f32 / 40.0 - 1.0).collect();
        let rows = Tensor::from_shape(shape, &rows).unwrap();
        let outputs = model.into_optimized().unwrap().into_runnable().unwrap().run(tvec!(rows.into_tvalue())).unwrap();
        outputs[0].to_plain_array_view::<f32>().unwrap().iter().copied().collect()
    }

    #[test]
    fn products_with_eight_bits_are_the_interpreters_with_the_same_weights_widened() {
        // Rows, inputs and outputs that fill groups, parts and panels, and that do not. (The interpreter itself widens a few
        // dozen weights at once.)
        for (shape, outputs) in [(&[1, 4, 2, 40][..], 160), (&[1, 3, 1, 300], 12), (&[7, 61], 37), (&[1, 1, 513], 8)] {
            let inputs = shape[shape.len() - 1];
            let whole: Vec<i8> = (0..inputs * outputs).map(|n| ((n * 53) % 255) as u8 as i8).collect();
            let steps: Vec<f32> = (1..=outputs).map(|n| n as f32 / 1000.0).collect();
            let ours = kept(model(shape, &whole, &steps, 0.0)).unwrap();
            assert!(ours.nodes.iter().any(|node| node.op_is::<Product>()), "nothing was replaced: {ours}");
            let ours = run(ours, shape);
            let theirs = run(model(shape, &whole, &steps, 0.0), shape);
            let largest = theirs.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
            assert_eq!(ours.len(), theirs.len());
            let off = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(off <= 1e-5 * largest, "off by {off} of {largest}");
        }
    }

    #[test]
    fn weights_around_another_zero_are_left_to_the_interpreter() {
        let left = kept(model(&[2, 2], &[1, 2, 3, 4], &[0.5, 0.25], 1.0)).unwrap();
        assert!(!left.nodes.iter().any(|node| node.op_is::<Product>()), "{left}");
        let weights = weights::widened(left).unwrap();
        // Rows (-1, -0.275) and (0.45, -0.9) times ((0, 0.25), (1, 0.75)).
        for (found, expected) in run(weights, &[2, 2]).iter().zip([-0.275, -0.45625, -0.9, -0.5625]) {
            assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        }
    }
}
