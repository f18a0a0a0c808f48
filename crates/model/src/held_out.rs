//! `held-out.json`: what a published network did on each scene that it has never seen.

use heimdall_recording::Position;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Name of the file beside the card; versions from before it was written have none.
pub const HELD_OUT_FILE: &str = "held-out.json";
/// Name of the file with the course of the training, a row an evaluation; absent likewise.
pub const LEARNING_FILE: &str = "learning.csv";

/// What `held-out.json` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldOut {
    /// "network", as in the card's metrics.
    pub method: String,
    /// Name of the world that the scenes were drawn from.
    pub world: String,
    /// One entry per scene.
    pub scenes: Vec<HeldOutScene>,
}

/// A held-out scene: where it was, and how well it was found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldOutScene {
    /// Latitude of the true place, degrees.
    pub lat: f64,
    /// Longitude of the true place, degrees.
    pub lon: f64,
    /// Distance from the true place to the posterior's mean, metres.
    pub error_m: f64,
    /// Probability in the smallest region that reaches the true place, 0…1; even over all scenes where the network is
    /// calibrated.
    pub confidence: f64,
}

impl HeldOut {
    /// Reads and checks `held-out.json`.
    ///
    /// # Errors
    /// Where it is none, or where a scene has no place on the globe, a negative error or a confidence that is no share.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let held_out: Self = serde_json::from_slice(json).map_err(Error::HeldOut)?;
        match held_out.scenes.iter().position(|scene| !scene.is_valid()) {
            Some(index) => Err(Error::HeldOutScene(index)),
            None => Ok(held_out),
        }
    }

    /// What `share` of the scenes are not farther off than, metres; linear between scenes, `None` without any.
    pub fn error_quantile_m(&self, share: f64) -> Option<f64> {
        let mut errors_m: Vec<f64> = self.scenes.iter().map(|scene| scene.error_m).collect();
        errors_m.sort_by(f64::total_cmp);
        let place = share.clamp(0.0, 1.0) * errors_m.len().checked_sub(1)? as f64;
        let (low, high) = (errors_m.get(place.floor() as usize)?, errors_m.get(place.ceil() as usize)?);
        Some(low + (high - low) * place.fract())
    }
}

impl HeldOutScene {
    /// Where the transmitter was.
    pub fn position(&self) -> Position {
        Position { latitude_deg: self.lat, longitude_deg: self.lon }
    }

    fn is_valid(&self) -> bool {
        Position::new(self.lat, self.lon).is_some()
            && (0.0..f64::INFINITY).contains(&self.error_m)
            && (0.0..=1.0).contains(&self.confidence)
    }
}
