//! Files to report: the one way of the data that the page and the command line share.
//!
//! [`survey`] looks at a recording, [`align_clocks`] compares clocks on a reference transmitter where one is named, [`plan`] chooses band and time for the scene, [`extract`] takes them
//! out of each recording, [`Solver`] turns the channels into a [`Report`], [`export`] writes it.
#![forbid(unsafe_code)]

mod band;
mod clocks;
mod emissions;
mod error;
mod evidence;
pub mod export;
mod extract;
mod hash;
mod mirror;
pub mod network;
mod plan;
mod receivers;
mod report;
mod settings;
mod solver;
mod stage;
mod survey;
mod time;

pub use clocks::{AlignedClock, Clocks, RecordingClock, Reference, ReferenceScheme, ReferenceSettings, align_clocks};
pub use emissions::{Emission, emissions};
pub use error::Error;
pub use extract::extract;
pub use hash::{Checksums, checksums};
pub use plan::plan;
pub use report::*;
pub use settings::{Band, Settings, TimeWindow};
pub use solver::{Detail, Solver};
pub use stage::*;
pub use survey::survey;

/// Version of the program, as reports state it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
