use serde::{Deserialize, Serialize};

/// Sizes of the ConvNeXt family: Liu et al. 2022, "A ConvNet for the 2020s", section 2 and table 10, and the smaller
/// Atto to Nano of ConvNeXt V2 (Woo et al. 2023, table 14) with the first version's blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// Not of the papers: 60 thousand parameters, to try a set-up or a data set in seconds.
    Probe,
    /// 3.7 million parameters.
    Atto,
    /// 5.2 million parameters.
    Femto,
    /// 9.1 million parameters.
    Pico,
    /// 15.6 million parameters.
    Nano,
    /// 28.6 million parameters.
    Tiny,
    /// 50.2 million parameters.
    Small,
    /// 88.6 million parameters.
    Base,
    /// 197.8 million parameters.
    Large,
}

impl Size {
    /// Every size, smallest first.
    pub const ALL: [Size; 9] = [
        Size::Probe,
        Size::Atto,
        Size::Femto,
        Size::Pico,
        Size::Nano,
        Size::Tiny,
        Size::Small,
        Size::Base,
        Size::Large,
    ];

    /// Blocks in each of the four stages.
    pub fn depths(self) -> [usize; 4] {
        match self {
            Size::Probe => [1, 1, 1, 1],
            Size::Atto | Size::Femto | Size::Pico => [2, 2, 6, 2],
            Size::Nano => [2, 2, 8, 2],
            Size::Tiny => [3, 3, 9, 3],
            Size::Small | Size::Base | Size::Large => [3, 3, 27, 3],
        }
    }

    /// Channels in each of the four stages.
    pub fn widths(self) -> [usize; 4] {
        let first = match self {
            Size::Probe => 8,
            Size::Atto => 40,
            Size::Femto => 48,
            Size::Pico => 64,
            Size::Nano => 80,
            Size::Tiny | Size::Small => 96,
            Size::Base => 128,
            Size::Large => 192,
        };
        [first, 2 * first, 4 * first, 8 * first]
    }

    /// Parameters with three input planes and a classifier of 1000 classes: the figure that papers publish.
    pub fn published_count(self) -> usize {
        let mut layout = crate::layout::Builder::default();
        layout.backbone(self, 3, 1.0);
        let width = self.widths()[3];
        layout.count() + 2 * width + (width + 1) * 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of Liu et al. 2022 and Woo et al. 2023, to the digits printed there.
    #[test]
    fn parameter_counts_are_the_published_ones() {
        let published = [
            (Size::Atto, 3.7),
            (Size::Femto, 5.2),
            (Size::Pico, 9.05),
            (Size::Nano, 15.6),
            (Size::Tiny, 28.6),
            (Size::Small, 50.2),
            (Size::Base, 88.6),
            (Size::Large, 197.8),
        ];
        for (size, millions) in published {
            let counted = size.published_count() as f64 / 1e6;
            let unit = if size == Size::Pico { 0.01 } else { 0.1 };
            assert!((counted - millions).abs() <= unit / 2.0, "{size:?}: {counted} against {millions}");
        }
    }
}
