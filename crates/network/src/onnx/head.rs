use super::graph::Value;
use super::network::Writer;
use super::wire::Attribute;
use crate::error::NetworkError;
use crate::forward::DEVIATION_FLOOR;
use crate::head::MEASURED_LIMIT;
use crate::layout::{EndIds, Pair};

/// From the network's units to those of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scales {
    /// Metres of one unit of position.
    pub position_m: f32,
    /// Metres of one unit of a deviation, temperature included.
    pub deviation_m: f32,
    /// What the logarithm of the density is divided by.
    pub density: f32,
}

impl Writer<'_> {
    /// From the last stage's map to the outputs; the cells along a side of the density, if there is one.
    pub(super) fn head(&mut self, map: &str, scales: Scales) -> Result<Option<usize>, NetworkError> {
        let ids = self.net.layout.head.clone();
        let x = match ids.reduce {
            None => {
                let pooled = self.mean(map, &[1, 2], 0);
                self.norm(&pooled, ids.norm)
            }
            Some(reduce) => {
                let cells = self.norm(map, ids.norm);
                let reduced = self.linear(&cells, reduce)?;
                self.flatten(&reduced)
            }
        };
        match ids.end {
            EndIds::Linear { position, uncertainty } => {
                let x = self.hidden(x, &ids.hidden)?;
                self.direct(&x, position, uncertainty, scales)?;
                Ok(None)
            }
            EndIds::Measured { measure, position, uncertainty, statistics } => {
                let measures = self.measure(measure);
                let flat = self.concat(&measures.each());
                let (mean, inverse) = (self.vector(statistics.weight), self.vector(statistics.bias));
                let centred = self.sub(&flat, &mean);
                let scaled = self.mul(&centred, &inverse);
                let cut = self.clip(&scaled, -MEASURED_LIMIT, MEASURED_LIMIT);
                let x = self.concat(&[&x, &cut]);
                let x = self.hidden(x, &ids.hidden)?;
                self.direct(&x, position, uncertainty, scales)?;
                Ok(None)
            }
            EndIds::Place { measure, place } => {
                let measures = self.measure(measure);
                let x = self.hidden(x, &ids.hidden)?;
                let adjustment = self.linear(&x, place.adjust)?;
                let adjusted = self.adjusted(&measures, &adjustment);
                self.place(&adjusted, place, scales);
                Ok(Some(self.net.config.cells))
            }
        }
    }

    fn hidden(&mut self, mut x: Value, layers: &[Pair]) -> Result<Value, NetworkError> {
        for &layer in layers {
            let linear = self.linear(&x, layer)?;
            x = self.gelu(&linear);
        }
        Ok(x)
    }

    fn direct(&mut self, x: &str, position: Pair, uncertainty: Pair, scales: Scales) -> Result<(), NetworkError> {
        let position = self.linear(x, position)?;
        let raw = self.linear(x, uncertainty)?;
        let soft = self.graph.add("Softplus", &[&raw], &[]);
        let floored = self.shift(&soft, DEVIATION_FLOOR);
        let parts = [self.column(&floored, 0), self.column(&raw, 1), self.column(&floored, 2)];
        let factor = self.concat(&parts.each_ref().map(String::as_str));
        self.outputs(&position, &factor, scales);
        Ok(())
    }

    /// The first two outputs, from the network's units.
    pub(super) fn outputs(&mut self, position: &str, factor: &str, scales: Scales) {
        let scale = self.graph.scalar("position_scale_m", scales.position_m);
        self.graph.add_as("position", "Mul", &[position, &scale], &[]);
        let scale = self.graph.scalar("deviation_scale_m", scales.deviation_m);
        self.graph.add_as("covariance", "Mul", &[factor, &scale], &[]);
    }

    // Operations under short names: formulas read as such.

    pub(super) fn add(&mut self, a: &str, b: &str) -> Value {
        self.graph.add("Add", &[a, b], &[])
    }

    pub(super) fn sub(&mut self, a: &str, b: &str) -> Value {
        self.graph.add("Sub", &[a, b], &[])
    }

    pub(super) fn mul(&mut self, a: &str, b: &str) -> Value {
        self.graph.add("Mul", &[a, b], &[])
    }

    pub(super) fn div(&mut self, a: &str, b: &str) -> Value {
        self.graph.add("Div", &[a, b], &[])
    }

    pub(super) fn square(&mut self, a: &str) -> Value {
        self.mul(a, a)
    }

    pub(super) fn matmul(&mut self, a: &str, b: &str) -> Value {
        self.graph.add("MatMul", &[a, b], &[])
    }

    /// Exp, Log, Sqrt, Neg.
    pub(super) fn of(&mut self, operator: &str, x: &str) -> Value {
        self.graph.add(operator, &[x], &[])
    }

    pub(super) fn scale(&mut self, x: &str, factor: f32) -> Value {
        let factor = self.graph.number(factor);
        self.mul(x, &factor)
    }

    pub(super) fn shift(&mut self, x: &str, by: f32) -> Value {
        let by = self.graph.number(by);
        self.add(x, &by)
    }

    pub(super) fn clip(&mut self, x: &str, least: f32, most: f32) -> Value {
        let (least, most) = (self.graph.number(least), self.graph.number(most));
        self.graph.add("Clip", &[x, &least, &most], &[])
    }

    /// Along the last axis.
    pub(super) fn concat(&mut self, parts: &[&str]) -> Value {
        self.graph.add("Concat", parts, &[("axis", Attribute::Int(-1))])
    }

    /// Sum over the last axis, which stays.
    pub(super) fn sum(&mut self, x: &str) -> Value {
        let axes = self.graph.list(&[-1]);
        self.graph.add("ReduceSum", &[x, &axes], &[("keepdims", Attribute::Int(1))])
    }

    /// Largest along one axis.
    pub(super) fn largest(&mut self, x: &str, axis: i64, keep: i64) -> Value {
        self.graph.add("ReduceMax", &[x], &[("axes", Attribute::Ints(&[axis])), ("keepdims", Attribute::Int(keep))])
    }

    pub(super) fn softmax(&mut self, x: &str) -> Value {
        self.graph.add("Softmax", &[x], &[("axis", Attribute::Int(-1))])
    }

    /// To a shape in which 0 keeps an extent.
    pub(super) fn reshape(&mut self, x: &str, shape: &[i64]) -> Value {
        let shape = self.graph.list(shape);
        self.graph.add("Reshape", &[x, &shape], &[])
    }

    /// `from..to` along an axis.
    pub(super) fn part(&mut self, x: &str, axis: i64, from: i64, to: i64) -> Value {
        let parts = [from, to, axis].map(|index| self.graph.list(&[index]));
        self.graph.add("Slice", &[x, &parts[0], &parts[1], &parts[2]], &[])
    }
}
