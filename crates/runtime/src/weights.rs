//! Weights that are stored otherwise than they are computed with.

use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::konst::Const;

/// Does every step over constants alone once: half precision and whole numbers become what is computed with. By itself the
/// interpreter does so up to 4 MiB, and for larger ones at every run.
pub(crate) fn widened(mut model: TypedModel) -> TractResult<TypedModel> {
    for id in model.eval_order()? {
        let node = model.node(id);
        if node.inputs.is_empty() || node.outputs.len() != 1 || node.op_is::<Const>() {
            continue;
        }
        let constant = |fact: &&TypedFact| fact.konst.clone().map(IntoTValue::into_tvalue);
        let constants: Option<TVec<TValue>> = model.node_input_facts(id)?.iter().map(constant).collect();
        let Some(constants) = constants else { continue };
        let Some(result) = node.op.eval_out_of_plan(constants)? else { continue };
        let mut patch = TypedModelPatch::default();
        let constant = patch.add_const(format!("{}.once", node.name), args_1!(result).into_tensor())?;
        patch.shunt_outside(&model, id.into(), constant)?;
        patch.apply(&mut model)?;
    }
    Ok(model)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tract_onnx::tract_core::ops::cast::{Cast, cast};
    use tract_onnx::tract_core::ops::math;

    use super::*;

    #[test]
    fn large_weights_in_half_precision_are_not_widened_at_each_run() {
        let side = 1500;
        let mut model = TypedModel::default();
        let input = model.add_source("input", f32::fact([side, side])).unwrap();
        let half = Tensor::from_shape(&[side, side], &vec![f16::from_f32(0.5); side * side]).unwrap();
        let half = model.add_const("weights", half).unwrap();
        let wide = model.wire_node("wide", cast(f32::datum_type()), &[half]).unwrap();
        let sum = model.wire_node("sum", math::add(), &[input, wide[0]]).unwrap();
        model.select_output_outlets(&sum).unwrap();
        let optimized = widened(model).unwrap().into_optimized().unwrap();
        assert!(!optimized.nodes.iter().any(|node| node.op_is::<Cast>()), "{optimized}");
        let input = Tensor::from_shape(&[side, side], &vec![1.0_f32; side * side]).unwrap();
        let outputs = optimized.into_runnable().unwrap().run(tvec!(input.into_tvalue())).unwrap();
        assert_eq!(outputs[0].to_plain_array_view::<f32>().unwrap().iter().copied().fold(0.0, f32::max), 1.5);
    }
}
