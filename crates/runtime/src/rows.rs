//! Steps that the interpreter takes number by number, through a pointer to a function: a row with each row of many,
//! sums over short rows or over columns, columns brought to unit power. Here they are loops that vectorise.

use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::nn::{Reduce, Reducer, RmsNorm};

/// Rows of at least this many numbers are summed well by the interpreter.
const LONG_ROW: usize = 64;
/// A short row is repeated to this many numbers, so that loops over it are worth their start.
const REPEATED: usize = 256;

/// Replaces such steps of an optimised model.
pub(crate) fn faster(mut model: TypedModel) -> TractResult<TypedModel> {
    for id in 0..model.nodes.len() {
        let node = model.node(id);
        if let Some(step) = faster_step(&model, node)? {
            TypedModelPatch::replace_single_op(&model, node, &node.inputs, step)?.apply(&mut model)?;
        }
    }
    model.into_compact()
}

fn faster_step(model: &TypedModel, node: &TypedNode) -> TractResult<Option<Box<dyn TypedOp>>> {
    let facts = model.node_input_facts(node.id)?;
    if node.outputs.len() != 1 || facts.iter().any(|fact| fact.datum_type != f32::datum_type()) {
        return Ok(None);
    }
    let shapes: Option<Vec<&[usize]>> = facts.iter().map(|fact| fact.shape.as_concrete()).collect();
    let Some(shapes) = shapes else { return Ok(None) };
    if let [shape] = shapes.as_slice() {
        if let Some(Reduce { axes, reducer: Reducer::Sum }) = node.op_as::<Reduce>()
            && let [axis] = axes.as_slice()
            && shape.get(*axis).is_some_and(|extent| *axis + 1 < shape.len() || *extent < LONG_ROW)
        {
            return Ok(Some(Box::new(Sum { axis: *axis })));
        }
        if let Some(RmsNorm { axis, eps }) = node.op_as::<RmsNorm>()
            && axis + 1 < shape.len()
        {
            return Ok(Some(Box::new(UnitPower { axis: *axis, floor: Arc::clone(eps) })));
        }
    }
    if let [first, second] = shapes.as_slice()
        && let Some(operation) = Operation::of(node)
    {
        for (row_first, row, rows) in [(false, second, first), (true, first, second)] {
            if is_row_of(row, rows) {
                return Ok(Some(Box::new(ByRow { operation, row_first })));
            }
        }
    }
    Ok(None)
}

/// Whether `rows` is a sequence of several of `row`.
fn is_row_of(row: &[usize], rows: &[usize]) -> bool {
    let leading = row.iter().take_while(|extent| **extent == 1).count();
    let numbers: usize = row.iter().product();
    row.len() == rows.len() && numbers > 1 && row.get(leading..) == rows.get(leading..) && row != rows
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
enum Operation {
    Add,
    Sub,
    Mul,
}

impl Operation {
    fn of(node: &TypedNode) -> Option<Self> {
        let name = node.op().name();
        let plain = node.op_is::<TypedBinOp>();
        let fused = name.starts_with("Opt") && name.ends_with("Unicast");
        if !plain && !fused {
            return None;
        }
        match name.trim_start_matches("Opt").trim_end_matches("Unicast") {
            "Add" => Some(Self::Add),
            "Sub" => Some(Self::Sub),
            "Mul" => Some(Self::Mul),
            _ => None,
        }
    }
}

/// A row with each of many: (…, n, m) with (1, …, 1, m).
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct ByRow {
    operation: Operation,
    row_first: bool,
}

impl Op for ByRow {
    fn name(&self) -> StaticName {
        format!("ByRow{:?}", self.operation).into()
    }
    op_as_typed_op!();
}

impl EvalOp for ByRow {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let (first, second) = args_2!(inputs);
        let (rows, row) = if self.row_first { (second, first) } else { (first, second) };
        let mut rows = rows.into_tensor();
        let row = numbers(&row)?;
        let row = row.repeat(REPEATED.div_ceil(row.len().max(1)));
        let mut plain = rows.try_as_plain_ram_mut()?;
        let all = plain.as_slice_mut::<f32>()?;
        match (self.operation, self.row_first) {
            (Operation::Add, _) => each(all, &row, |a, b| a + b),
            (Operation::Mul, _) => each(all, &row, |a, b| a * b),
            (Operation::Sub, false) => each(all, &row, |a, b| a - b),
            (Operation::Sub, true) => each(all, &row, |a, b| b - a),
        }
        Ok(tvec!(rows.into_tvalue()))
    }
}

impl TypedOp for ByRow {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let rows = inputs.get(usize::from(self.row_first)).context("ByRow takes two inputs")?;
        Ok(tvec!(f32::fact(rows.shape.clone())))
    }
    as_op!();
}

fn each(all: &mut [f32], row: &[f32], operation: impl Fn(f32, f32) -> f32) {
    for piece in all.chunks_mut(row.len().max(1)) {
        piece.iter_mut().zip(row).for_each(|(a, b)| *a = operation(*a, *b));
    }
}

/// The sum over an axis, which becomes 1.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct Sum {
    axis: usize,
}

impl Op for Sum {
    fn name(&self) -> StaticName {
        "Sum".into()
    }
    op_as_typed_op!();
}

impl EvalOp for Sum {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        let (extent, inner) = extents(input.shape(), self.axis);
        let all = numbers(&input)?;
        let sums: Vec<f32> = if inner == 1 {
            all.chunks_exact(extent).map(|row| row.iter().sum()).collect()
        } else {
            all.chunks_exact(extent * inner).flat_map(|rows| column_sums(rows, inner, |x| x)).collect()
        };
        let mut shape: TVec<usize> = input.shape().into();
        shape.iter_mut().skip(self.axis).take(1).for_each(|extent| *extent = 1);
        Ok(tvec!(Tensor::from_shape(&shape, &sums)?.into_tvalue()))
    }
}

impl TypedOp for Sum {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let mut shape = inputs.first().context("Sum takes an input")?.shape.clone();
        shape.set(self.axis, 1.to_dim());
        Ok(tvec!(f32::fact(shape)))
    }
    as_op!();
}

/// Everything over the root of the mean square along an axis that is not the last.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct UnitPower {
    axis: usize,
    /// Added to the mean square.
    floor: Arc<Tensor>,
}

impl Op for UnitPower {
    fn name(&self) -> StaticName {
        "UnitPower".into()
    }
    op_as_typed_op!();
}

impl EvalOp for UnitPower {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let mut input = args_1!(inputs).into_tensor();
        let (extent, inner) = extents(input.shape(), self.axis);
        let floor: f32 = self.floor.cast_to_scalar()?;
        let mut plain = input.try_as_plain_ram_mut()?;
        for rows in plain.as_slice_mut::<f32>()?.chunks_exact_mut(extent * inner) {
            let mut factors = column_sums(rows, inner, |x| x * x);
            factors.iter_mut().for_each(|sum| *sum = (*sum / extent as f32 + floor).sqrt().recip());
            each(rows, &factors, |a, b| a * b);
        }
        Ok(tvec!(input.into_tvalue()))
    }
}

impl TypedOp for UnitPower {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs.first().context("UnitPower takes an input")?.without_value()))
    }
    as_op!();
}

/// Of an axis, and of all after it; at least 1.
fn extents(shape: &[usize], axis: usize) -> (usize, usize) {
    let extent = shape.get(axis).copied().unwrap_or(1).max(1);
    (extent, shape.iter().skip(axis + 1).product::<usize>().max(1))
}

fn column_sums(rows: &[f32], columns: usize, of: impl Fn(f32) -> f32) -> Vec<f32> {
    let mut sums = vec![0.0; columns];
    for row in rows.chunks_exact(columns) {
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += of(*x));
    }
    sums
}

fn numbers(value: &TValue) -> TractResult<&[f32]> {
    value.try_as_plain_ram()?.as_slice::<f32>()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tract_onnx::tract_core::ops::math;

    use super::*;

    /// What the model of one step says by itself and with that step replaced; the numbers are not symmetric in it.
    fn both(shapes: &[&[usize]], step: impl Fn(&mut TypedModel, &[OutletId]) -> OutletId) -> [Vec<f32>; 2] {
        let mut model = TypedModel::default();
        let wire =
            |(index, shape): (usize, &&[usize])| model.add_source(format!("input{index}"), f32::fact(*shape)).unwrap();
        let sources: Vec<OutletId> = shapes.iter().enumerate().map(wire).collect();
        let output = step(&mut model, &sources);
        model.select_output_outlets(&[output]).unwrap();
        let inputs: TVec<TValue> = shapes.iter().map(|shape| input(shape).into_tvalue()).collect();
        let replaced = faster(model.clone()).unwrap();
        let is_ours = |node: &TypedNode| node.op_is::<ByRow>() || node.op_is::<Sum>() || node.op_is::<UnitPower>();
        assert!(replaced.nodes.iter().any(is_ours), "nothing was replaced: {replaced}");
        [model, replaced].map(|model| {
            let outputs = model.into_runnable().unwrap().run(inputs.clone()).unwrap();
            outputs[0].to_plain_array_view::<f32>().unwrap().iter().copied().collect()
        })
    }

    fn input(shape: &[usize]) -> Tensor {
        let count: usize = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|n| ((n * 37 + count) % 101) as f32 / 50.0 - 1.0).collect();
        Tensor::from_shape(shape, &values).unwrap()
    }

    fn close([expected, found]: [Vec<f32>; 2]) {
        assert_eq!(expected.len(), found.len());
        let off = expected.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(off < 1e-5, "off by {off}");
    }

    #[test]
    fn a_row_with_each_of_many_is_what_the_interpreter_makes_of_it() {
        let many: [(&[usize], &[usize]); 3] =
            [(&[1, 500, 7], &[1, 1, 7]), (&[1, 12, 8, 3], &[1, 1, 8, 3]), (&[1, 3, 300], &[1, 1, 300])];
        for (rows, row) in many {
            let operations: [fn() -> TypedBinOp; 3] = [math::add, math::sub, math::mul];
            for operation in operations {
                let step = |model: &mut TypedModel, inputs: &[OutletId]| {
                    model.wire_node("step", operation(), inputs).unwrap()[0]
                };
                close(both(&[rows, row], step));
                close(both(&[row, rows], step));
            }
        }
    }

    #[test]
    fn sums_over_short_rows_and_over_columns_are_the_interpreters() {
        for (shape, axis) in [(&[1, 500, 7][..], 2), (&[1, 12, 8, 3], 1), (&[2, 3, 5], 1), (&[2, 3, 5], 0)] {
            close(both(&[shape], |model, inputs| {
                model.wire_node("step", Reduce { axes: tvec!(axis), reducer: Reducer::Sum }, inputs).unwrap()[0]
            }));
        }
    }

    #[test]
    fn columns_have_the_power_that_the_interpreter_gives_them() {
        for (shape, axis) in [(&[1, 12, 8, 3][..], 1), (&[2, 3, 5], 1)] {
            close(both(&[shape], |model, inputs| {
                let eps = Arc::new(tensor0(1e-6_f32));
                model.wire_node("step", RmsNorm { axis, eps }, inputs).unwrap()[0]
            }));
        }
    }
}
