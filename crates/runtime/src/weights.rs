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
