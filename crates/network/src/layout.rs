use crate::network::{Head, NetworkConfig};
use crate::size::Size;

/// Bands of a plane.
pub const BANDS: usize = 128;
/// Frames (time segments) of a plane.
pub const FRAMES: usize = 32;
/// Cells of the last stage's map: 128 / 32 bands × 32 / 32 frames.
pub(crate) const LAST_CELLS: usize = 4;
/// Numbers that sum up one plane for [`Head::Levels`]: mean, peak, place of the peak.
pub(crate) const SUMMARIES: usize = 3;
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

#[derive(Debug, Clone)]
pub(crate) struct HeadIds {
    pub norm: Pair,
    pub reduce: Option<Pair>,
    /// Mean and inverse standard deviation of the summaries over the training scenes.
    pub summary: Option<Pair>,
    pub hidden: Vec<Pair>,
    pub position: Pair,
    pub uncertainty: Pair,
}

/// Every tensor of a network, in order, and who uses which.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub entries: Vec<Entry>,
    pub backbone: Backbone,
    pub head: HeadIds,
}

impl Layout {
    pub fn new(config: &NetworkConfig) -> Layout {
        let mut list = Builder::default();
        let planes = config.planes + usize::from(config.coordinate_plane);
        list.layer_scale = config.layer_scale;
        let backbone = list.backbone(config.size, planes, config.stochastic_depth);
        let head = list.head(config);
        Layout { entries: list.entries, backbone, head }
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
        let mut inputs = width;
        let (mut reduce, mut summary, mut hidden) = (None, None, Vec::new());
        if config.head != Head::Pooled {
            let reduced = REDUCED.min(width);
            reduce = Some(self.affine("head.reduce", &[reduced, width], inverse_root(width), part));
            inputs = LAST_CELLS * reduced;
            if config.head == Head::Levels {
                let summaries = SUMMARIES * config.planes;
                let weight = self.add("summary.mean".into(), &[summaries], Start::Constant(0.0), Part::Statistics);
                let bias =
                    self.add("summary.inverse_deviation".into(), &[summaries], Start::Constant(1.0), Part::Statistics);
                summary = Some(Pair { weight, bias });
                inputs += summaries;
            }
            for layer in 1..=2 {
                let shape = [config.head_width, inputs];
                hidden.push(self.affine(&format!("head.fc{layer}"), &shape, inverse_root(inputs), part));
                inputs = config.head_width;
            }
        }
        let position = self.affine("position", &[2, inputs], 0.02, part);
        let uncertainty = self.affine("uncertainty", &[3, inputs], 0.02, part);
        HeadIds { norm, reduce, summary, hidden, position, uncertainty }
    }
}

fn inverse_root(inputs: usize) -> f32 {
    1.0 / (inputs as f32).sqrt()
}
