//! Weights that are stored in half precision.

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::cast::Cast;

/// Makes them what is computed with, once. By itself the interpreter does so up to 4 MiB, and for larger ones at every
/// run.
pub(crate) fn widened(mut model: TypedModel) -> TractResult<TypedModel> {
    for id in 0..model.nodes.len() {
        let node = model.node(id);
        let (Some(cast), Some(input)) = (node.op_as::<Cast>(), node.inputs.first()) else { continue };
        let Some(stored) = model.outlet_fact(*input)?.konst.clone() else { continue };
        let wide = stored.cast_to_dt(cast.to)?.into_owned();
        let mut patch = TypedModelPatch::default();
        let constant = patch.add_const(format!("{}.widened", node.name), wide)?;
        patch.shunt_outside(&model, id.into(), constant)?;
        patch.apply(&mut model)?;
    }
    Ok(model)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tract_onnx::tract_core::internal::*;
    use tract_onnx::tract_core::ops::{cast::cast, math};

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
