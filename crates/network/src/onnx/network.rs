use super::graph::{Graph, Value};
use super::head::Scales;
use super::wire::Attribute;
use crate::error::NetworkError;
use crate::forward::{NORM_EPSILON, band_coordinates};
use crate::layout::{BANDS, Block, Id, Pair};
use crate::weights::LocalizationNet;

/// Channels last and first.
const TO_LAST: (&str, Attribute<'_>) = ("perm", Attribute::Ints(&[0, 2, 3, 1]));
const TO_FIRST: (&str, Attribute<'_>) = ("perm", Attribute::Ints(&[0, 3, 1, 2]));

// The constants of every GELU.
const ROOT_OF_TWO: &str = "root_of_two";
const ONE: &str = "one";
const HALF: &str = "half";

/// Writes a network's function of `planes` as nodes, step for step as `forward.rs` computes it.
pub(super) struct Writer<'a> {
    pub(super) net: &'a LocalizationNet,
    pub(super) graph: &'a mut Graph,
}

impl<'a> Writer<'a> {
    pub fn new(net: &'a LocalizationNet, graph: &'a mut Graph) -> Writer<'a> {
        graph.scalar(ROOT_OF_TWO, std::f32::consts::SQRT_2);
        graph.scalar(ONE, 1.0);
        graph.scalar(HALF, 0.5);
        Writer { net, graph }
    }

    /// Writes everything, and returns how many cells the density has along a side, if there is one.
    pub fn write(mut self, scales: Scales) -> Result<Option<usize>, NetworkError> {
        let map = self.backbone()?;
        self.head(&map, scales)
    }

    pub(super) fn values(&self, id: Id) -> (&'a str, &'a [usize], &'a [f32]) {
        let entry = &self.net.layout.entries[id];
        (&entry.name, &entry.shape, &self.net.values[entry.range()])
    }

    pub(super) fn vector(&mut self, id: Id) -> Value {
        let (name, shape, values) = self.values(id);
        self.graph.vector(name, shape, values)
    }

    fn bias(&mut self, id: Id) -> Result<Value, NetworkError> {
        let (name, shape, values) = self.values(id);
        self.graph.bias(name, shape, values)
    }

    fn backbone(&mut self) -> Result<Value, NetworkError> {
        let backbone = &self.net.layout.backbone;
        let mut x = self.stem(backbone.stem)?;
        x = self.norm(&x, backbone.stem_norm);
        for stage in &backbone.stages {
            if let Some((norm, kernel)) = stage.downsample {
                x = self.norm(&x, norm);
                x = self.graph.add("Transpose", &[&x], &[TO_FIRST]);
                let (name, shape, values) = self.values(kernel.weight);
                let weight = self.graph.many(name, shape, values, 0)?;
                let bias = self.bias(kernel.bias)?;
                x = self.patches(&x, &weight, &bias, 2);
            }
            for block in &stage.blocks {
                x = self.block(&x, block)?;
            }
        }
        Ok(x)
    }

    /// The coordinate plane is the same for every scene: what the stem makes of it is added as a constant.
    fn stem(&mut self, stem: Pair) -> Result<Value, NetworkError> {
        let (name, shape, values) = self.values(stem.weight);
        let [width, channels, cells] = [shape[0], shape[1], shape[2] * shape[3]];
        let planes = self.net.config.planes;
        let kept: Vec<f32> =
            values.chunks_exact(channels * cells).flat_map(|kernel| &kernel[..planes * cells]).copied().collect();
        let weight = self.graph.matrix(name, &[width, planes, shape[2], shape[3]], &kept)?;
        let bias = self.vector(stem.bias);
        let x = self.patches("planes", &weight, &bias, 4);
        if !self.net.config.coordinate_plane {
            return Ok(x);
        }
        let mut constant = Vec::with_capacity(BANDS / 4 * width);
        for bands in band_coordinates().chunks_exact(4) {
            for kernel in values.chunks_exact(channels * cells) {
                let rows = kernel[planes * cells..].chunks_exact(4).zip(bands);
                constant.push(rows.map(|(row, band)| row.iter().sum::<f32>() * band).sum());
            }
        }
        let constant = self.graph.vector("stem.coordinates", &[1, BANDS / 4, 1, width], &constant);
        Ok(self.graph.add("Add", &[&x, &constant], &[]))
    }

    /// Convolution whose stride is its kernel, channels first in, channels last out.
    fn patches(&mut self, x: &str, weight: &str, bias: &str, step: i64) -> Value {
        let steps = [step, step];
        let attributes = [("kernel_shape", Attribute::Ints(&steps)), ("strides", Attribute::Ints(&steps))];
        let x = self.graph.add("Conv", &[x, weight, bias], &attributes);
        self.graph.add("Transpose", &[&x], &[TO_LAST])
    }

    pub(super) fn norm(&mut self, x: &str, pair: Pair) -> Value {
        let (weight, bias) = (self.vector(pair.weight), self.vector(pair.bias));
        let attributes = [("axis", Attribute::Int(-1)), ("epsilon", Attribute::Float(NORM_EPSILON as f32))];
        self.graph.add("LayerNormalization", &[x, &weight, &bias], &attributes)
    }

    /// x W + b over the last axis; the file holds W as (in, out).
    pub(super) fn linear(&mut self, x: &str, pair: Pair) -> Result<Value, NetworkError> {
        let (name, [inputs, outputs], turned) = self.turned(pair.weight);
        let weight = self.graph.matrix(name, &[inputs, outputs], &turned)?;
        let bias = self.vector(pair.bias);
        Ok(self.biased(x, &weight, &bias))
    }

    /// As [`linear`](Writer::linear), behind the stem.
    fn mix(&mut self, x: &str, pair: Pair) -> Result<Value, NetworkError> {
        let (name, shape, turned) = self.turned(pair.weight);
        let weight = self.graph.many(name, &shape, &turned, 1)?;
        let bias = self.bias(pair.bias)?;
        Ok(self.biased(x, &weight, &bias))
    }

    /// A matrix (out, in) as (in, out).
    fn turned(&self, id: Id) -> (&'a str, [usize; 2], Vec<f32>) {
        let (name, shape, values) = self.values(id);
        let [outputs, inputs] = [shape[0], shape[1]];
        let turned = (0..inputs).flat_map(|i| (0..outputs).map(move |o| values[o * inputs + i])).collect();
        (name, [inputs, outputs], turned)
    }

    fn biased(&mut self, x: &str, weight: &str, bias: &str) -> Value {
        let x = self.graph.add("MatMul", &[x, weight], &[]);
        self.graph.add("Add", &[&x, bias], &[])
    }

    /// ½ x (1 + erf(x / √2)), in the shape that runtimes recognise and replace by one operation.
    pub(super) fn gelu(&mut self, x: &str) -> Value {
        let inner = self.graph.add("Div", &[x, ROOT_OF_TWO], &[]);
        let inner = self.graph.add("Erf", &[&inner], &[]);
        let inner = self.graph.add("Add", &[&inner, ONE], &[]);
        let inner = self.graph.add("Mul", &[x, &inner], &[]);
        self.graph.add("Mul", &[&inner, HALF], &[])
    }

    fn block(&mut self, x: &str, block: &Block) -> Result<Value, NetworkError> {
        let (name, shape, values) = self.values(block.depthwise.weight);
        let weight = self.graph.many(name, shape, values, 0)?;
        let bias = self.bias(block.depthwise.bias)?;
        let branch = self.graph.add("Transpose", &[x], &[TO_FIRST]);
        let attributes = [
            ("group", Attribute::Int(shape[0] as i64)),
            ("kernel_shape", Attribute::Ints(&[7, 7])),
            ("pads", Attribute::Ints(&[3, 3, 3, 3])),
        ];
        let branch = self.graph.add("Conv", &[&branch, &weight, &bias], &attributes);
        let branch = self.graph.add("Transpose", &[&branch], &[TO_LAST]);
        let branch = self.norm(&branch, block.norm);
        let branch = self.mix(&branch, block.expand)?;
        let branch = self.gelu(&branch);
        let branch = self.mix(&branch, block.contract)?;
        let scale = self.vector(block.scale);
        let branch = self.graph.add("Mul", &[&branch, &scale], &[]);
        Ok(self.graph.add("Add", &[x, &branch], &[]))
    }

    pub(super) fn mean(&mut self, x: &str, axes: &[i64], keep: i64) -> Value {
        self.graph.add("ReduceMean", &[x], &[("axes", Attribute::Ints(axes)), ("keepdims", Attribute::Int(keep))])
    }

    pub(super) fn flatten(&mut self, x: &str) -> Value {
        self.graph.add("Flatten", &[x], &[("axis", Attribute::Int(1))])
    }

    pub(super) fn column(&mut self, x: &str, index: i64) -> Value {
        self.part(x, 1, index, index + 1)
    }
}
