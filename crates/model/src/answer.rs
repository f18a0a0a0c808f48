//! What a network says of a scene.

use serde::{Deserialize, Serialize};

/// A distribution over position in the constellation's plane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Metres east and north of the origin.
    pub position_enu_m: [f64; 2],
    /// Cholesky factor of the covariance, l₁₁, l₂₁, l₂₂, metres; l₁₁ and l₂₂ are positive.
    pub factor_m: [f64; 3],
    /// Natural logs of the probabilities of the S × S cells that the card's density names, row after row from the
    /// south, each from the west.
    pub density: Option<Vec<f32>>,
}

impl Answer {
    /// L·Lᵀ, m².
    pub fn covariance_m2(&self) -> [[f64; 2]; 2] {
        let [l11, l21, l22] = self.factor_m;
        [[l11 * l11, l11 * l21], [l11 * l21, l21 * l21 + l22 * l22]]
    }
}
