//! Which places methods may learn from.

use serde::{Deserialize, Serialize};

use super::World;

/// A part of a world's blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// What methods learn from.
    Training,
    /// What their settings are chosen by.
    Validation,
    /// What results are reported on.
    Test,
}

/// A block by its column from the west and its row from the south.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Block {
    /// From the west edge.
    pub column: u32,
    /// From the south edge.
    pub row: u32,
}

impl World {
    /// Block that a place lies in; places outside the square count to the nearest.
    pub fn block(&self, [east, north]: [f64; 2]) -> Block {
        let last = (self.extent_m / self.blocks.side_m).round() - 1.0;
        let index = |metres: f64| ((metres + self.extent_m / 2.0) / self.blocks.side_m).floor().clamp(0.0, last) as u32;
        Block { column: index(east), row: index(north) }
    }

    /// Part that a block belongs to in the realisation `seed`: a hash of both seeds and the block, uniform on 0…1, is
    /// below the test's share, below both shares, or above.
    pub fn split(&self, seed: u64, block: Block) -> Split {
        let place = u64::from(block.column) << 32 | u64::from(block.row);
        let hash = mix(mix(mix(self.blocks.seed) ^ seed) ^ place);
        let uniform = (hash >> 11) as f64 / (1_u64 << 53) as f64;
        if uniform < self.blocks.test_share {
            Split::Test
        } else if uniform < self.blocks.test_share + self.blocks.validation_share {
            Split::Validation
        } else {
            Split::Training
        }
    }
}

/// The output function of SplitMix64 (Steele, Lea & Flood 2014).
pub(super) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
