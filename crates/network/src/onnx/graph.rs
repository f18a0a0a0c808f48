use std::collections::HashSet;

use half::f16;

use super::Precision;
use super::wire::{Attribute, DataType, Message, node, tensor};
use crate::eight_bit::EightBit;
use crate::error::NetworkError;

/// Name of a tensor in the graph.
pub(super) type Value = String;

/// Nodes and constants, in the order in which they are computed.
#[derive(Debug)]
pub(super) struct Graph {
    pub nodes: Vec<Message>,
    pub constants: Vec<Message>,
    precision: Precision,
    made: usize,
    /// Constants that were stored under a name made of their value.
    named: HashSet<Value>,
}

impl Graph {
    pub fn new(precision: Precision) -> Graph {
        Graph { nodes: Vec::new(), constants: Vec::new(), precision, made: 0, named: HashSet::new() }
    }

    /// The result of `operator` under a fresh name.
    pub fn add(&mut self, operator: &str, inputs: &[&str], attributes: &[(&str, Attribute<'_>)]) -> Value {
        self.made += 1;
        let output = format!("{}_{}", operator.to_lowercase(), self.made);
        self.add_as(&output, operator, inputs, attributes);
        output
    }

    /// The result of `operator` under the name `output`.
    pub fn add_as(&mut self, output: &str, operator: &str, inputs: &[&str], attributes: &[(&str, Attribute<'_>)]) {
        self.nodes.push(node(operator, inputs, output, attributes));
    }

    /// A constant that stays in single precision: vectors are few, and norms and scales need their digits.
    pub fn vector(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Value {
        let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.constants.push(tensor(name, shape, DataType::F32, &raw));
        name.to_owned()
    }

    pub fn scalar(&mut self, name: &str, value: f32) -> Value {
        self.vector(name, &[], &[value])
    }

    /// A number under a name made of its bits; the same number is stored once.
    pub fn number(&mut self, value: f32) -> Value {
        let name = format!("number_{:08x}", value.to_bits());
        if self.named.insert(name.clone()) { self.scalar(&name, value) } else { name }
    }

    /// A list of whole numbers, stored once likewise.
    pub fn list(&mut self, values: &[i64]) -> Value {
        let name = format!("list_{values:?}");
        if self.named.insert(name.clone()) {
            let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            self.constants.push(tensor(&name, &[values.len()], DataType::I64, &raw));
        }
        name
    }

    /// A matrix or kernel behind the stem, with its outputs along `axis`: in eight bits where the precision says so.
    pub fn many(&mut self, name: &str, shape: &[usize], values: &[f32], axis: usize) -> Result<Value, NetworkError> {
        if self.precision != Precision::I8 {
            return self.matrix(name, shape, values);
        }
        let EightBit { steps, whole, .. } = EightBit::of(values, shape, axis);
        let raw: Vec<u8> = whole.iter().map(|whole| whole.cast_unsigned()).collect();
        let stored = format!("{name}.i8");
        self.constants.push(tensor(&stored, shape, DataType::I8, &raw));
        let steps = self.vector(&format!("{name}.step"), &[steps.len()], &steps);
        self.add_as(name, "DequantizeLinear", &[&stored, &steps], &[("axis", Attribute::Int(axis as i64))]);
        Ok(name.to_owned())
    }

    /// A bias behind the stem: in half precision beside weights of eight bits, which tell its digits apart no longer.
    pub fn bias(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Result<Value, NetworkError> {
        if self.precision == Precision::I8 {
            return self.matrix(name, shape, values);
        }
        Ok(self.vector(name, shape, values))
    }

    /// A matrix or kernel, stored as the precision says and computed with in single precision.
    pub fn matrix(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Result<Value, NetworkError> {
        if self.precision == Precision::F32 {
            return Ok(self.vector(name, shape, values));
        }
        let halves: Vec<f16> = values.iter().map(|v| f16::from_f32(*v)).collect();
        if halves.iter().any(|h| !h.is_finite()) {
            return Err(NetworkError::NotFinite {
                what: format!("the tensor {name} in half precision"),
                advice: "its weights are beyond 65504: export in single precision",
            });
        }
        let raw: Vec<u8> = halves.iter().flat_map(|h| h.to_le_bytes()).collect();
        let stored = format!("{name}.f16");
        self.constants.push(tensor(&stored, shape, DataType::F16, &raw));
        self.add_as(name, "Cast", &[&stored], &[("to", Attribute::Int(DataType::F32 as i64))]);
        Ok(name.to_owned())
    }
}
