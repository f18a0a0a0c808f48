//! The waterfall's arithmetic: which samples a picture element stands for, what level it shows, and where it lies on
//! axes that several receivers share.
//!
//! Everything here is natively tested and knows no browser. Two programs add the edges: `tiles` computes in Web
//! Workers, `waterfall` draws what comes back.
//!
//! ```text
//!   View ─► visible tiles ─► pieces ─► worker: samples ─► spectra ─► levels ─► picture
//! ```
#![forbid(unsafe_code)]

mod axis;
mod colour;
mod compute;
mod lane;
mod level;
mod protocol;
pub mod selection;
pub mod sigmf;
mod spectrum;
pub mod text;
mod tile;
mod view;

pub use axis::{Tick, frequency_ticks, frequency_unit, time_ticks};
pub use colour::ColourMap;
pub use compute::Computer;
pub use lane::{Axes, Lane, lanes};
pub use level::{ABSENT, LevelRange, automatic, dbfs};
pub use protocol::{Reply, Request};
pub use spectrum::Spectrum;
pub use tile::{Grid, Pass, Piece, Taper, Tile, passes, pieces, visible};
pub use view::{Limits, Span, View};
