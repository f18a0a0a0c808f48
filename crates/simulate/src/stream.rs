//! Samples for training: the receivers of one draw, fast and in single precision.
//!
//! The emission is put once on a grid that oversamples its own bandwidth twice; each receiver reads
//! it off at its own times, so a second at 192 kHz costs little more than its noise does. Buffers
//! stay in [`IqWorkspace`] from one draw to the next.

mod draw;
mod interpolate;
mod noise;
mod receive;

pub use draw::{Outage, ReceiverDraw, SceneDraw};
pub use receive::{IqWorkspace, ReceiverIq, simulate_receivers};
