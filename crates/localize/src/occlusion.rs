//! What a receiver means to the network: the fix with its planes taken away.

use heimdall_recording::Position;

use crate::geodesy::Geodesy;
use crate::locate::{Evidence, locate_mean};

/// The fix without one receiver's planes; its lags and level stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Occluded {
    /// Posterior mean without them.
    pub mean: Position,
    /// Distance from the mean with all planes, metres.
    pub moved_m: f64,
    /// Area of the 68 % region over that with all planes.
    pub growth: f64,
}

/// The fix with the network's answer replaced by that without each receiver's planes; `None` for receivers whose
/// planes it did not see, and for all where no network speaks.
pub fn occlude(geodesy: &Geodesy, evidence: &Evidence) -> Vec<Option<Occluded>> {
    let nothing = || vec![None; evidence.receivers.len()];
    let Some(neural) = evidence.neural.as_ref().filter(|neural| neural.without.iter().any(Option::is_some)) else {
        return nothing();
    };
    // By the same coarser search, so that the areas compare.
    let Some((all, all_mean)) = locate_mean(geodesy, evidence) else { return nothing() };
    let all_m2 = all.densest(0.68).1;
    let occluded = |receiver: usize| {
        let observation = neural.without.get(receiver)?.clone()?;
        let mut rest = evidence.clone();
        rest.neural.as_mut()?.observation = observation;
        let (posterior, mean) = locate_mean(geodesy, &rest)?;
        Some(Occluded {
            mean,
            moved_m: geodesy.distance_m(all_mean, mean),
            growth: posterior.densest(0.68).1 / all_m2.max(f64::MIN_POSITIVE),
        })
    };
    (0..evidence.receivers.len()).map(occluded).collect()
}
