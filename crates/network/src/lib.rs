//! The localizer network: ConvNeXt over what the receivers saw, answering with a position and its covariance.
//!
//! ```no_run
//! use heimdall_network::{Start, TrainConfig, TrainingSet, train};
//! # fn main() -> Result<(), heimdall_network::NetworkError> {
//! let set = TrainingSet::open("scenes".as_ref())?;
//! let config = TrainConfig::from_yaml("epochs: 20\nnetwork:\n  size: atto\n")?;
//! let outcome = train(&set, &config, Start::Fresh, "run".as_ref(), &mut |p| {
//!     println!("{}/{} loss {:.3}, {:.0?} to go", p.epoch, p.epochs, p.loss, p.remaining);
//!     std::ops::ControlFlow::Continue(())
//! })?;
//! println!("{:?}", outcome.best.state.validation);
//! # Ok(())
//! # }
//! ```
//!
//! A network is a list of named tensors ([`LocalizationNet::tensors`]); the backbone computes on it as it is, and the
//! tensor library sees the head's part only while it computes. So gradients of several threads add up in a fixed order, the optimiser works on flat memory, checkpoints
//! are plain safetensors files, and the ONNX file is written from the same list.
//!
//! Native only: the page runs the exported file. docs/training.md has the rest.

mod answer;
mod augment;
mod backbone;
mod calibrate;
mod checkpoint;
mod config;
mod data;
mod eight_bit;
mod error;
mod forward;
#[cfg(test)]
mod golden;
mod gradient;
mod head;
mod layout;
mod loss;
mod maps;
mod measure;
mod network;
mod onnx;
mod optimizer;
mod place;
mod predict;
mod size;
mod store;
mod train;
mod weights;

pub use answer::{Answer, Density, Prediction};
pub use calibrate::{Metrics, fit_density_temperature, fit_temperature};
pub use checkpoint::{Checkpoint, State};
pub use config::{Augmentation, TrainConfig};
pub use data::{PLANE_LEN, SceneLabel, SetHeader, Split, TrainingSet, TrainingSetWriter};
pub use error::NetworkError;
pub use layout::{BANDS, FRAMES};
pub use network::{Head, NetworkConfig};
pub use onnx::{Precision, export};
pub use size::Size;
pub use train::{LAST_FILE, Outcome, Progress, Start, train};
pub use weights::LocalizationNet;
