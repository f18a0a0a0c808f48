#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod covariance;
mod kriging;

pub use covariance::Covariance;
pub use kriging::{Kernel, Kriging, Sample};
