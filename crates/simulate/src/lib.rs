//! Scenes with known truth: an emission, the way to each receiver, and what each receiver records.
//!
//! ```
//! use heimdall_recording::Position;
//! use heimdall_simulate::{Modulation, Noise, Propagation, ReceiverSpec, Scene, Transmitter, simulate};
//!
//! let place = |lat, lon| Position::new(lat, lon).expect("on the Earth");
//! let receiver = |name, lat, lon| ReceiverSpec::new(name, place(lat, lon), 25e3, Noise::SnrDb(20.0));
//! let scene = Scene {
//!     seed: 1,
//!     center_frequency_hz: 145.5e6,
//!     start_time_unix_ns: 1_760_000_000_000_000_000,
//!     duration_s: 0.1,
//!     transmitter: Transmitter {
//!         position: place(44.9, 8.3),
//!         power_dbm: 40.0,
//!         frequency_offset_hz: 0.0,
//!         modulation: Modulation::FlatNoise { bandwidth_hz: 12.5e3 },
//!     },
//!     receivers: vec![receiver("Genova", 44.395, 8.956), receiver("Milano", 45.478, 9.123)],
//!     propagation: Propagation::free_space(),
//! };
//! let simulated = simulate(&scene)?;
//! assert_eq!(simulated.receivers[0].iq.len(), 2500);
//! # Ok::<(), heimdall_simulate::Error>(())
//! ```
//!
//! The same [`Scene`] always gives the same samples. [`sigmf_collection`] and [`level_csv`] turn
//! them into files in memory. [`foreign`] is a second world with a propagation law of its own, for
//! tests of methods that assume the first. Limits: one emission per scene (and a reference in [`simulate_unshared`]), receivers at rest,
//! passbands as flat as their sample rate, no fading within a recording.
#![forbid(unsafe_code)]

mod bandlimited;
mod error;
pub mod foreign;
mod fresnel;
mod modulation;
mod propagation;
mod radio_noise;
mod sample;
mod scene;
mod sigmf;
mod simulate;
mod stream;
mod table;
mod terrain;
mod terrain_loss;
mod unshared;
mod waveform;
pub mod world;

pub use error::Error;
pub use fresnel::{fresnel_integrals, knife_edge_loss_db};
pub use modulation::Modulation;
pub use propagation::{Propagation, REFERENCE_DISTANCE_M, SPEED_OF_LIGHT_M_PER_S, distance_m, free_space_loss_db};
pub use radio_noise::{Surroundings, system_noise_dbm_per_hz};
pub use sample::{SAMPLE_NAME, SAMPLE_REFERENCE, SAMPLES, Sample, sample_files, sample_scene};
pub use scene::{Noise, ReceiverSpec, Scene, Transmitter};
pub use sigmf::{NamedBytes, SampleFormat, sigmf_collection};
pub use simulate::{ReceiverTruth, SimulatedReceiver, SimulatedScene, simulate};
pub use stream::{IqWorkspace, Outage, ReceiverDraw, ReceiverIq, SceneDraw, simulate_receivers};
pub use table::level_csv;
pub use terrain::{FractalRelief, Terrain};
pub use terrain_loss::{EFFECTIVE_EARTH_RADIUS_M, bullington_loss_db, knife_edge_approximation_db, terrain_loss_db};
pub use unshared::{FreeClock, ReferenceEmission, Unshared, simulate_unshared};
