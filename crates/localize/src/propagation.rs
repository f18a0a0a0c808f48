//! How a wave is taken to travel, by frequency: how far it reaches and how wrong its arrival time is.

use serde::{Deserialize, Serialize};

/// The usual path at a frequency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Propagation {
    /// Below 500 kHz: along the ground.
    GroundWave,
    /// 0.5 to 30 MHz: off the ionosphere.
    SkyWave,
    /// Above 30 MHz.
    LineOfSight,
}

impl Propagation {
    /// The usual path at `frequency_hz`; line of sight where the frequency is unknown.
    pub fn at(frequency_hz: Option<f64>) -> Self {
        match frequency_hz {
            Some(hz) if hz > 0.0 && hz < 0.5e6 => Self::GroundWave,
            Some(hz) if hz > 0.0 && hz < 30e6 => Self::SkyWave,
            _ => Self::LineOfSight,
        }
    }

    /// Arrival-time bias of one receiver, 1 σ, seconds: propagation, position of the receiver and its
    /// front end. 20 µs was found on LF recordings; one ionospheric hop is late by tens to hundreds of
    /// microseconds; in line of sight 0.1 µs of clock and front end and as much again by reflections.
    pub fn bias_sigma_s(self) -> f64 {
        match self {
            Self::GroundWave => 20e-6,
            Self::SkyWave => 100e-6,
            Self::LineOfSight => 0.15e-6,
        }
    }

    /// How far beyond its receivers a transmitter is looked for, metres.
    pub fn reach_m(self) -> f64 {
        match self {
            Self::GroundWave => 1_200e3,
            Self::SkyWave => 3_000e3,
            Self::LineOfSight => 100e3,
        }
    }

    /// Name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::GroundWave => "ground wave",
            Self::SkyWave => "sky wave",
            Self::LineOfSight => "line of sight",
        }
    }
}
