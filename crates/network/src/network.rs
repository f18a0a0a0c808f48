use serde::{Deserialize, Serialize};

use crate::error::NetworkError;
use crate::layout::Layout;
use crate::size::Size;

/// How the two outputs look at the last stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Head {
    /// Mean over the map, as in the paper. Forgets where in the map something was.
    Pooled,
    /// Channels reduced to 64, the 4 × 1 map flattened, two hidden layers.
    Flatten,
    /// As `Flatten`, and beside the map what is measured on the planes: each receiver's level and arrival.
    Measured,
    /// The backbone corrects what is measured on the planes; position and covariance are those of a posterior over
    /// places, from maps of what each receiver measures from where.
    Place,
}

/// What decides a network's parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Depths and widths.
    pub size: Size,
    /// Input planes C = R + R(R−1)/2 of R receivers. 0 in a configuration file: as many as the training set has.
    pub planes: usize,
    /// A further plane that holds −1 … 1 along the bands, so that convolutions know where they are.
    pub coordinate_plane: bool,
    /// How the outputs look at the last stage.
    pub head: Head,
    /// Width of the two hidden layers of every head but `pooled`.
    pub head_width: usize,
    /// Cells along each side of the square over which `place` forms its posterior.
    pub cells: usize,
    /// Chance that training skips the last block; earlier blocks less often, the first never.
    pub stochastic_depth: f32,
    /// What the layer scale of every block starts as. The paper has 1e-6 for 300 epochs; short training wants more.
    pub layer_scale: f32,
}

impl Default for NetworkConfig {
    fn default() -> NetworkConfig {
        NetworkConfig {
            size: Size::Atto,
            planes: 0,
            coordinate_plane: true,
            head: Head::Place,
            head_width: 256,
            cells: 128,
            stochastic_depth: 0.1,
            layer_scale: 1e-2,
        }
    }
}

impl NetworkConfig {
    /// # Errors
    /// A setting outside its range.
    pub fn check(&self) -> Result<(), NetworkError> {
        // Eight receivers: 8 planes and 28 pairs.
        within("network.planes", self.planes as f64, 1.0, 36.0, "1 to 36")?;
        let receivers = self.receivers();
        if receivers * (receivers + 1) / 2 != self.planes {
            let value = self.planes.to_string();
            let allowed = "a number of receivers and their pairs: 3, 6, 10, 15, 21, 28 or 36";
            return Err(NetworkError::Setting { key: "network.planes", value, allowed });
        }
        within("network.cells", self.cells as f64, 8.0, 512.0, "8 to 512")?;
        within("network.head_width", self.head_width as f64, 8.0, 4096.0, "8 to 4096")?;
        within("network.stochastic_depth", f64::from(self.stochastic_depth), 0.0, 0.9, "0 to 0.9")?;
        within("network.layer_scale", f64::from(self.layer_scale), 0.0, 1.0, "0 to 1")
    }

    /// R of its R + R(R−1)/2 planes.
    pub fn receivers(&self) -> usize {
        (((8 * self.planes + 1) as f64).sqrt() as usize).saturating_sub(1) / 2
    }

    /// Numbers the network holds, maps and other statistics included.
    pub fn parameter_count(&self) -> usize {
        Layout::new(self).count()
    }
}

pub(crate) fn within(
    key: &'static str,
    value: f64,
    least: f64,
    most: f64,
    allowed: &'static str,
) -> Result<(), NetworkError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(NetworkError::Setting { key, value: value.to_string(), allowed })
}
