//! The localizer network's contract: for which receivers a model is made, what it is given, and what it answers.
//!
//! ```
//! use heimdall_model::{Constellation, FeatureSettings, ReceiverInput, Site, planes};
//! use heimdall_recording::Position;
//! use num_complex::Complex32;
//!
//! let site = |name: &str, latitude_deg, longitude_deg| Site {
//!     name: name.into(),
//!     position: Position { latitude_deg, longitude_deg },
//! };
//! let constellation =
//!     Constellation::new("two".into(), vec![site("Torino", 45.044, 7.672), site("Genova", 44.395, 8.956)])?;
//! let settings = FeatureSettings::default();
//! let tone = vec![Complex32::new(0.1, 0.0); 192_000];
//! let heard = ReceiverInput {
//!     samples: &tone,
//!     sample_rate_hz: 192_000.0,
//!     full_scale_dbm: -30.0,
//!     start_s: 0.0,
//!     common_clock: false,
//! };
//! let planes = planes(&constellation, &settings, &[Some(heard), None])?;
//! assert_eq!(planes.plane_count(), 3);
//! assert_eq!(planes.plane(1).iter().copied().fold(0.0, f32::min), -2.0); // missing: the floor
//! # Ok::<(), heimdall_model::Error>(())
//! ```
#![forbid(unsafe_code)]

mod answer;
mod calibration;
mod card;
mod constellation;
mod error;
mod held_out;
mod index;
mod planes;
mod settings;

pub use answer::Answer;
pub use calibration::{CalibrationPoint, calibration};
pub use card::*;
pub use constellation::{Constellation, Pair, RECEIVER_COUNTS, Site};
pub use error::Error;
pub use held_out::{HELD_OUT_FILE, HeldOut, HeldOutScene, LEARNING_FILE};
pub use index::{FoundModel, IndexEntry, ModelIndex, Promotion};
pub use planes::{Planes, ReceiverInput, planes};
pub use settings::{FeatureSettings, PLANE_COLUMNS, PLANE_ROWS};
