use crate::network::{Head, NetworkConfig};
use crate::size::Size;

/// Bands of a plane.
pub const BANDS: usize = 128;
/// Frames (time segments) of a plane.
pub const FRAMES: usize = 32;
/// Cells of the last stage's map: 128 / 32 bands × 32 / 32 frames.
pub(crate) const LAST_CELLS: usize = 4;
/// Numbers that a receiver measures for [`Head::Measured`]: level and arrival, each with its weight.
pub(crate) const MEASURES: usize = 4;
/// Channels of the last stage's map after the flattening heads' reduction.
const REDUCED: usize = 64;

/// What a parameter starts as.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Start {
    /// Normal of this standard deviation, cut at two of them.
    Normal(f32),
    /// The same number everywhere.
    Constant(f32),
}

/// Who moves a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Trained unless the backbone is frozen.
    Backbone,
    /// Always trained.
    Head,
    /// Set from the data, never trained.
    Statistics,
}

/// One named tensor in the flat list of all parameters.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// As in timm's ConvNeXt where it has the same tensor.
    pub name: String,
    /// Row-major.
    pub shape: Vec<usize>,
    /// Where it begins in the flat list.
    pub offset: usize,
    pub start: Start,
    pub part: Part,
}

impl Entry {
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Weight decay moves matrices and kernels, not biases, norms and scales (Liu et al. 2022, appendix A.1).
    pub fn decays(&self) -> bool {
        self.shape.len() > 1
    }

    pub fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.count()
    }
}

/// Place of an entry in the list.
pub(crate) type Id = usize;

/// Weight and bias.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub weight: Id,
    pub bias: Id,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    pub depthwise: Pair,
    pub norm: Pair,
    pub expand: Pair,
    pub contract: Pair,
    pub scale: Id,
    /// Chance that training skips the block.
    pub drop: f32,
}

#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// Norm and 2×2 convolution; the first stage has none.
    pub downsample: Option<(Pair, Pair)>,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Clone)]
pub(crate) struct Backbone {
    pub stem: Pair,
    pub stem_norm: Pair,
    pub stages: Vec<Stage>,
}

impl Backbone {
    /// Matrices and kernels behind the stem, and their biases: nearly all numbers of a large network.
    pub fn behind_stem(&self) -> impl Iterator<Item = Pair> {
        self.stages.iter().flat_map(|stage| {
            let blocks = stage.blocks.iter().flat_map(|block| [block.depthwise, block.expand, block.contract]);
            stage.downsample.iter().map(|(_, kernel)| *kernel).chain(blocks)
        })
    }
}

#[derive(Debug, Clone)]
pub(crate) struct HeadIds {
    pub norm: Pair,
    pub reduce: Option<Pair>,
    pub hidden: Vec<Pair>,
    pub end: EndIds,
}

/// What is known of the planes' axes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MeasureIds {
    /// (128) share of white noise that falls into each band.
    pub noise: Id,
    /// (pairs) lag at the upper end of a pair's plane, µs.
    pub half_lag: Id,
    /// (1) what a mel plane holds where its receiver is missing.
    pub floor: Id,
    /// (1) decibels per unit of a mel plane.
    pub decibels: Id,
}

/// How an answer is formed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum EndIds {
    /// Linear in the hidden layer.
    Linear { position: Pair, uncertainty: Pair },
    /// Linear in the hidden layer, which has the measurements normalised as here beside it.
    Measured { measure: MeasureIds, position: Pair, uncertainty: Pair, statistics: Pair },
    /// A posterior over places from corrected measurements.
    Place { measure: MeasureIds, place: PlaceIds },
}

impl HeadIds {
    /// How planes are measured, where the head looks at them.
    pub fn measure(&self) -> Option<MeasureIds> {
        match self.end {
            EndIds::Linear { .. } => None,
            EndIds::Measured { measure, .. } | EndIds::Place { measure, .. } => Some(measure),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct PlaceIds {
    /// From the hidden layer to the corrections of what was measured, 4 for each receiver.
    pub adjust: Pair,
    /// (1) logarithm of the factor on the level's log-likelihood.
    pub sharpness: Id,
    /// (1) logarithm of the factor on the deviations.
    pub deviation: Id,
    /// (R, 2) receivers, km east and north.
    pub receivers: Id,
    /// (1) half of the side of the square of cells, km.
    pub half_extent: Id,
    /// (1) kilometres that the network's unit of position stands for.
    pub scale: Id,
    /// (2) mean and variance of what the receivers' levels have in common, dB.
    pub common: Id,
    pub maps: MapIds,
}

/// What each receiver is expected to measure from each cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MapIds {
    /// (G, R) level less the common part, dB.
    pub level: Id,
    /// (G) variance about it, dB².
    pub level_variance: Id,
    /// (G, R) delay beyond the direct path, µs.
    pub excess: Id,
    /// (G) variance about it, µs².
    pub excess_variance: Id,
}

/// Every tensor of a network, in order, and who uses which.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// The backbone's, then the head's.
    pub entries: Vec<Entry>,
    pub first_of_head: Id,
    pub backbone: Backbone,
    pub head: HeadIds,
}

impl Layout {
    pub fn new(config: &NetworkConfig) -> Layout {
        let mut list = Builder::default();
        let planes = config.planes + usize::from(config.coordinate_plane);
        list.layer_scale = config.layer_scale;
        let backbone = list.backbone(config.size, planes, config.stochastic_depth);
        let first_of_head = list.entries.len();
        let head = list.head(config);
        Layout { entries: list.entries, first_of_head, backbone, head }
    }

    pub fn count(&self) -> usize {
        self.entries.last().map_or(0, |last| last.range().end)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Builder {
    entries: Vec<Entry>,
    layer_scale: f32,
}

impl Builder {
    pub fn count(&self) -> usize {
        self.entries.last().map_or(0, |last| last.range().end)
    }

    fn add(&mut self, name: String, shape: &[usize], start: Start, part: Part) -> Id {
        self.entries.push(Entry { name, shape: shape.to_vec(), offset: self.count(), start, part });
        self.entries.len() - 1
    }

    /// Kernel or matrix of `shape` and a bias of zeros.
    fn affine(&mut self, name: &str, shape: &[usize], deviation: f32, part: Part) -> Pair {
        let weight = self.add(format!("{name}.weight"), shape, Start::Normal(deviation), part);
        let bias = self.add(format!("{name}.bias"), &shape[..1], Start::Constant(0.0), part);
        Pair { weight, bias }
    }

    fn norm(&mut self, name: &str, width: usize, part: Part) -> Pair {
        let weight = self.add(format!("{name}.weight"), &[width], Start::Constant(1.0), part);
        let bias = self.add(format!("{name}.bias"), &[width], Start::Constant(0.0), part);
        Pair { weight, bias }
    }

    /// `drop` is the chance of the last block; the first has 0 and the others lie on a line between (Huang et al. 2016).
    pub fn backbone(&mut self, size: Size, planes: usize, drop: f32) -> Backbone {
        let (depths, widths) = (size.depths(), size.widths());
        let last_block = (depths.iter().sum::<usize>() - 1).max(1) as f32;
        let part = Part::Backbone;
        let stem = self.affine("stem.0", &[widths[0], planes, 4, 4], 0.02, part);
        let stem_norm = self.norm("stem.1", widths[0], part);
        let mut before = 0;
        let mut stages = Vec::new();
        for (s, (&depth, &width)) in depths.iter().zip(&widths).enumerate() {
            let downsample = (s > 0).then(|| {
                let narrow = widths[s - 1];
                let norm = self.norm(&format!("stages.{s}.downsample.0"), narrow, part);
                let kernel = [width, narrow, 2, 2];
                (norm, self.affine(&format!("stages.{s}.downsample.1"), &kernel, 0.02, part))
            });
            let mut blocks = Vec::new();
            for b in 0..depth {
                blocks.push(self.block(&format!("stages.{s}.blocks.{b}"), width, drop * before as f32 / last_block));
                before += 1;
            }
            stages.push(Stage { downsample, blocks });
        }
        Backbone { stem, stem_norm, stages }
    }

    fn block(&mut self, name: &str, width: usize, drop: f32) -> Block {
        let part = Part::Backbone;
        let depthwise = self.affine(&format!("{name}.conv_dw"), &[width, 1, 7, 7], 0.02, part);
        let norm = self.norm(&format!("{name}.norm"), width, part);
        let expand = self.affine(&format!("{name}.mlp.fc1"), &[4 * width, width], 0.02, part);
        let contract = self.affine(&format!("{name}.mlp.fc2"), &[width, 4 * width], 0.02, part);
        let scale = self.add(format!("{name}.gamma"), &[width], Start::Constant(self.layer_scale), part);
        Block { depthwise, norm, expand, contract, scale, drop }
    }

    fn head(&mut self, config: &NetworkConfig) -> HeadIds {
        let part = Part::Head;
        let width = config.size.widths()[3];
        let norm = self.norm("head.norm", width, part);
        let receivers = config.receivers();
        let measured = matches!(config.head, Head::Measured | Head::Place);
        let measure = measured.then(|| self.measure(config.planes - receivers));
        let mut statistics = None;
        let mut inputs = width;
        let (mut reduce, mut hidden) = (None, Vec::new());
        if config.head != Head::Pooled {
            let reduced = REDUCED.min(width);
            reduce = Some(self.affine("head.reduce", &[reduced, width], inverse_root(width), part));
            inputs = LAST_CELLS * reduced;
            if config.head == Head::Measured {
                let count = MEASURES * receivers;
                let weight = self.statistic("measured.mean", &[count], 0.0);
                let bias = self.statistic("measured.inverse_deviation", &[count], 1.0);
                statistics = Some(Pair { weight, bias });
                inputs += count;
            }
            for layer in 1..=2 {
                let shape = [config.head_width, inputs];
                hidden.push(self.affine(&format!("head.fc{layer}"), &shape, inverse_root(inputs), part));
                inputs = config.head_width;
            }
        }
        let end = match (measure, statistics) {
            (Some(measure), None) => EndIds::Place { measure, place: self.place(config, inputs) },
            (measure, statistics) => {
                let position = self.affine("position", &[2, inputs], 0.02, part);
                let uncertainty = self.affine("uncertainty", &[3, inputs], 0.02, part);
                match measure.zip(statistics) {
                    Some((measure, statistics)) => EndIds::Measured { measure, position, uncertainty, statistics },
                    None => EndIds::Linear { position, uncertainty },
                }
            }
        };
        HeadIds { norm, reduce, hidden, end }
    }

    fn statistic(&mut self, name: &str, shape: &[usize], value: f32) -> Id {
        self.add(name.into(), shape, Start::Constant(value), Part::Statistics)
    }

    fn measure(&mut self, pairs: usize) -> MeasureIds {
        MeasureIds {
            noise: self.statistic("measure.noise", &[BANDS], 1.0 / BANDS as f32),
            half_lag: self.statistic("measure.half_lag_us", &[pairs], 1.0),
            floor: self.statistic("measure.floor", &[1], -2.0),
            decibels: self.statistic("measure.decibels", &[1], 20.0),
        }
    }

    fn place(&mut self, config: &NetworkConfig, inputs: usize) -> PlaceIds {
        let (receivers, cells) = (config.receivers(), config.cells * config.cells);
        // Zeros: before training nothing is corrected.
        let adjust = self.affine("place.adjust", &[4 * receivers, inputs], 0.0, Part::Head);
        let scalar = |list: &mut Self, name: &str| list.add(name.into(), &[1], Start::Constant(0.0), Part::Head);
        PlaceIds {
            adjust,
            sharpness: scalar(self, "place.sharpness"),
            deviation: scalar(self, "place.deviation"),
            receivers: self.statistic("place.receivers_km", &[receivers, 2], 0.0),
            half_extent: self.statistic("place.half_extent_km", &[1], 1.0),
            scale: self.statistic("place.scale_km", &[1], 1.0),
            common: self.statistic("place.common_db", &[2], 1.0),
            maps: MapIds {
                level: self.statistic("place.level_db", &[cells, receivers], 0.0),
                level_variance: self.statistic("place.level_variance", &[cells], 1.0),
                excess: self.statistic("place.excess_us", &[cells, receivers], 0.0),
                excess_variance: self.statistic("place.excess_variance", &[cells], 1.0),
            },
        }
    }
}

fn inverse_root(inputs: usize) -> f32 {
    1.0 / (inputs as f32).sqrt()
}
