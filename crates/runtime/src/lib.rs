//! Runs a published localizer network: planes in, a distribution over position out.
//!
//! ```no_run
//! use heimdall_model::{ModelCard, ONNX_FILE, Planes};
//! use heimdall_runtime::Localizer;
//!
//! let card = ModelCard::parse(&std::fs::read("metadata.json")?)?;
//! let localizer = Localizer::load(&card, &std::fs::read(ONNX_FILE)?)?;
//! let planes = Planes::new(card.constellation.plane_count(), vec![0.0; card.constellation.plane_count() * 4096])?;
//! let answer = localizer.answer(&planes)?;
//! println!("{:?} m east and north", answer.position_enu_m);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The interpreter (tract) compiles for minutes and weighs megabytes in wasm: this crate alone links it, and only the
//! page's network worker and `heimdall locate --models` link this crate.
#![forbid(unsafe_code)]

mod eight_bit;
mod error;
mod localizer;
mod rows;
mod weights;

pub use error::Error;
pub use localizer::Localizer;
