//! Observations to a fix: experts turn what receivers saw into likelihoods over position, their product
//! with the prior is the posterior, and the fix is what it says.
#![forbid(unsafe_code)]

mod bearing;
mod bound;
mod bound_lines;
mod contour;
mod density;
mod ellipse;
mod expert;
mod fix;
mod gains;
mod geodesy;
mod hyperbola;
mod leave_one_out;
mod level;
mod locate;
mod neural;
mod occlusion;
mod posterior;
mod propagation;
mod range;
mod region;
mod tdoa;
mod tempered;
mod verdict;

pub use bearing::{BearingExpert, BearingObservation};
pub use bound::{level_bound, tdoa_bound};
pub use bound_lines::{BoundLine, bound_lines};
pub use density::DensityGrid;
pub use ellipse::{Covariance, ellipse, gaussian_k};
pub use expert::{Expert, Likelihood, Place};
pub use fix::*;
pub use gains::{Gain, GainModel, GainReading, Gains, NoGains, estimate_gains};
pub use geodesy::{Geodesy, LocalFrame, SPEED_OF_LIGHT_M_PER_S};
pub use hyperbola::hyperbola;
pub use leave_one_out::{DISAGREES_SIGMA, LeftOut, leave_one_out};
pub use level::{LevelExpert, LevelObservation, LevelPrior};
pub use locate::{Evidence, Located, Receiver, locate, search_area};
pub use neural::{NeuralEvidence, NeuralExpert, NeuralObservation};
pub use occlusion::{Occluded, occlude};
pub use posterior::{Cell, Posterior, SearchArea};
pub use propagation::Propagation;
pub use tdoa::{LagComponent, LagEvidence, PairLags, TdoaExpert, combine_weightings};
pub use verdict::DETECTED;
