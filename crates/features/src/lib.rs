//! From complex baseband to what the experts need: a band on a common time grid, levels,
//! spectrograms and the correlation between receivers.
//!
//! Everything here is arithmetic on slices: no clock, no file, no thread.
#![forbid(unsafe_code)]

mod agc;
mod channel;
mod clock;
mod correlate;
mod correlogram;
mod cross;
mod fft;
mod lag;
mod level;
mod mel;
mod pair;
mod pooled;
mod spectrogram;
mod window;

pub use agc::gain_control_db;
pub use channel::{ChannelSettings, Channeliser};
pub use clock::{ClockChannel, ClockSearch, NoClock, PairClock, compare_clocks, reclock};
pub use correlate::{CorrelationSettings, Segments};
pub use correlogram::{Correlogram, SegmentSpectrum};
pub use level::{BandLevel, band_level, power_spectrum};
pub use mel::*;
pub use pair::{LagPeak, PairChannel, PairCorrelation, WeightedCorrelation, Weighting, correlate_pair};
pub use pooled::{BandPooler, TimeSegments};
pub use spectrogram::*;
pub use window::*;
