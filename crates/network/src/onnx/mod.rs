//! A checkpoint as an ONNX file.

mod graph;
mod head;
mod measure;
mod network;
mod place;
mod wire;

use crate::checkpoint::Checkpoint;
use crate::error::NetworkError;
use crate::layout::{BANDS, FRAMES};
use crate::network::within;
use graph::Graph;
use head::Scales;
use network::Writer;
use wire::{Dimension, Message, entry, value};

/// LayerNormalization came with 17; 8 is the file version of that time.
const OPERATOR_SET: i64 = 17;
const FILE_VERSION: i64 = 8;

/// How an ONNX file stores matrices and kernels. Computed with are single-precision numbers either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// As trained.
    F32,
    /// Rounded to half precision: half the size.
    F16,
    /// Matrices and kernels behind the stem as whole numbers of eight bits with a step per output, their biases in half
    /// precision; the rest as [`F16`](Precision::F16). About a quarter of the size.
    I8,
}

/// The ONNX file (operator set 17) of a checkpoint.
///
/// Input `planes` (N, C, 128, 32), any N. Outputs `position` (N, 2), metres east and north, and `covariance` (N, 3),
/// metres: the lower triangle of the covariance's Cholesky factor, rows (east-east, north-east, north-north), times the
/// temperature; where the network forms a posterior over places also `density` (N, S, S), the logarithm of the
/// probability of each cell, rows from the south, each from the west. The file's metadata names `receivers`, comma-separated in the order of the planes, and `feature_hash`.
///
/// # Errors
/// Weights, scale or temperature that are not finite, or too large for the precision.
pub fn export(checkpoint: &Checkpoint, precision: Precision) -> Result<Vec<u8>, NetworkError> {
    checkpoint.net.check_finite()?;
    let state = &checkpoint.state;
    within("scale_m", state.scale_m, 1e-3, 1e9, "0.001 to 1e9")?;
    within("temperature", state.temperature, 1e-6, 1e6, "above 0 and finite")?;
    let mut graph = Graph::new(precision);
    within("density_temperature", state.density_temperature, 1e-6, 1e6, "above 0 and finite")?;
    let scales = Scales {
        position_m: state.scale_m as f32,
        deviation_m: (state.scale_m * state.temperature) as f32,
        density: state.density_temperature as f32,
    };
    let cells = Writer::new(&checkpoint.net, &mut graph).write(scales)?;
    let mut body = Message::default();
    graph.nodes.into_iter().for_each(|node| body.message(1, node));
    body.text(2, "localizer");
    graph.constants.into_iter().for_each(|constant| body.message(5, constant));
    let batch = Dimension::Named("N");
    let planes = Dimension::Known(checkpoint.net.config.planes);
    body.message(11, value("planes", &[batch, planes, Dimension::Known(BANDS), Dimension::Known(FRAMES)]));
    body.message(12, value("position", &[batch, Dimension::Known(2)]));
    body.message(12, value("covariance", &[batch, Dimension::Known(3)]));
    if let Some(cells) = cells {
        body.message(12, value("density", &[batch, Dimension::Known(cells), Dimension::Known(cells)]));
    }
    let mut operators = Message::default();
    operators.int(2, OPERATOR_SET);
    let mut model = Message::default();
    model.int(1, FILE_VERSION);
    model.text(2, "heimdall");
    model.text(3, env!("CARGO_PKG_VERSION"));
    model.message(7, body);
    model.message(8, operators);
    model.message(14, entry("receivers", &state.receivers.join(",")));
    model.message(14, entry("feature_hash", &state.feature_hash));
    Ok(model.into_bytes())
}
