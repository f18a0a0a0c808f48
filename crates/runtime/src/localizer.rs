//! One network, ready to run.

use std::io::Cursor;
use std::sync::Arc;

use heimdall_model::{
    Answer, COVARIANCE, DENSITY, INPUT, ModelCard, ONNX_FILE, PLANE_COLUMNS, PLANE_ROWS, POSITION, Planes,
};
use tract_onnx::prelude::*;

use crate::{Error, eight_bit, rows, weights};

/// Probabilities of all cells may add up to 1 within this.
const TOTAL_TOLERANCE: f64 = 1e-2;

/// A network that was checked against its card.
pub struct Localizer {
    plan: Arc<TypedRunnableModel>,
    plane_count: usize,
    cells: Option<usize>,
}

impl Localizer {
    /// Reads `onnx`, the file [`ONNX_FILE`] of a published model.
    ///
    /// # Errors
    /// Where the bytes are not those that the card names, are no network, or one of other input and outputs than the
    /// contract's.
    pub fn load(card: &ModelCard, onnx: &[u8]) -> Result<Self, Error> {
        card.verify(ONNX_FILE, onnx)?;
        let unreadable = |error: TractError| Error::Unreadable { reason: cause(&error), file: ONNX_FILE };
        let mut graph = tract_onnx::onnx().model_for_read(&mut Cursor::new(onnx)).map_err(unreadable)?;
        let plane_count = card.constellation.plane_count();
        let cells = card.density.map(|density| density.cells);
        let differs = |reason: String| Error::Contract { reason, file: ONNX_FILE };
        let inputs = graph.input_outlets().map_err(unreadable)?.to_vec();
        let named = |outlet: &OutletId| graph.nodes.get(outlet.node).map_or("", |node| node.name.as_str()).to_owned();
        let names: Vec<String> = inputs.iter().map(named).collect();
        if names != [INPUT] {
            return Err(differs(format!("its inputs are {}, not {INPUT}", list(&names))));
        }
        let expected: Vec<&str> = [POSITION, COVARIANCE].into_iter().chain(cells.map(|_| DENSITY)).collect();
        let outputs = graph.output_outlets().map_err(unreadable)?.to_vec();
        let found: Vec<String> = outputs.iter().map(|outlet| output_name(&graph, *outlet)).collect();
        if found != expected {
            return Err(differs(format!("its outputs are {}, not {}", list(&found), list(&expected))));
        }
        // One scene at a time: a batch that is known makes the plan three times as fast.
        let shape = [1, plane_count, PLANE_ROWS, PLANE_COLUMNS];
        let fact = InferenceFact::dt_shape(f32::datum_type(), shape);
        graph.set_input_fact(0, fact).map_err(|error| differs(cause(&error)))?;
        let typed = graph.into_typed().and_then(eight_bit::kept).and_then(weights::widened);
        let optimized = typed.and_then(|typed| typed.into_optimized()).and_then(rows::faster);
        let optimized = optimized.map_err(|error| differs(cause(&error)))?;
        let sizes: [&[usize]; 3] = [&[1, 2], &[1, 3], &[1, cells.unwrap_or(0), cells.unwrap_or(0)]];
        for ((index, name), size) in expected.iter().enumerate().zip(sizes) {
            let fact = optimized.output_fact(index).map_err(|error| differs(cause(&error)))?;
            let fits =
                fact.datum_type == f32::datum_type() && fact.shape.as_concrete().is_some_and(|shape| shape == size);
            if !fits {
                return Err(differs(format!("its output {name} is {fact:?}, not {size:?} numbers of 32 bits")));
            }
        }
        let plan = optimized.into_runnable().map_err(unreadable)?;
        Ok(Self { plan, plane_count, cells })
    }

    /// Runs it on a scene.
    ///
    /// # Errors
    /// Where the planes are another constellation's, or where the answer is no distribution (weights or planes that
    /// are not finite).
    pub fn answer(&self, planes: &Planes) -> Result<Answer, Error> {
        if planes.plane_count() != self.plane_count {
            return Err(Error::PlaneCount { given: planes.plane_count(), expected: self.plane_count });
        }
        let shape = [1, self.plane_count, PLANE_ROWS, PLANE_COLUMNS];
        let failed = |error: TractError| Error::Failed(cause(&error));
        let input = Tensor::from_shape(&shape, planes.values()).map_err(failed)?;
        let outputs = self.plan.run(tvec!(input.into())).map_err(failed)?;
        let values = |index: usize| -> Result<Vec<f32>, Error> {
            let output = outputs.get(index).ok_or_else(|| Error::Failed("an output is missing".into()))?;
            let view = output.to_plain_array_view::<f32>().map_err(failed)?;
            Ok(view.iter().copied().collect())
        };
        let wide = |value: &f32| f64::from(*value);
        let (position, factor) = (values(0)?, values(1)?);
        let ([east, north], [l11, l21, l22]) = (position.as_slice(), factor.as_slice()) else {
            return Err(Error::Answer("its outputs have other sizes than at loading"));
        };
        let answer = Answer {
            position_enu_m: [east, north].map(wide),
            factor_m: [l11, l21, l22].map(wide),
            density: self.cells.map(|_| values(2)).transpose()?,
        };
        check(&answer)?;
        Ok(answer)
    }
}

/// Whether an answer is a distribution.
fn check(answer: &Answer) -> Result<(), Error> {
    let [l11, _, l22] = answer.factor_m;
    if !answer.position_enu_m.iter().chain(&answer.factor_m).all(|value| value.is_finite()) {
        return Err(Error::Answer("position or covariance are not finite"));
    }
    if l11 <= 0.0 || l22 <= 0.0 {
        return Err(Error::Answer("the covariance is not positive"));
    }
    let total = |cells: &Vec<f32>| cells.iter().map(|log| f64::from(*log).exp()).sum::<f64>();
    let adds_up = |total: f64| (total - 1.0).abs() < TOTAL_TOLERANCE;
    if !answer.density.as_ref().map(total).is_none_or(adds_up) {
        return Err(Error::Answer("the probabilities of the cells do not add up to 1"));
    }
    Ok(())
}

/// The graph's name of an output: its node's, or its own where the node has several.
fn output_name(graph: &InferenceModel, outlet: OutletId) -> String {
    let label = graph.outlet_label(outlet).map(str::to_owned);
    label.unwrap_or_else(|| graph.nodes.get(outlet.node).map_or(String::new(), |node| node.name.clone()))
}

fn list<T: AsRef<str>>(names: &[T]) -> String {
    names.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ")
}

/// The innermost reason, in one line: the outer ones repeat the interpreter's own steps.
fn cause(error: &TractError) -> String {
    let text = error.root_cause().to_string();
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(160).collect()
}
