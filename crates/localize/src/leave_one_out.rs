//! Which receiver disagrees with the rest.

use heimdall_recording::Position;

use crate::geodesy::{Geodesy, SPEED_OF_LIGHT_M_PER_S};
use crate::locate::{Evidence, locate_mean};
use crate::tdoa::PairLags;

/// Disagreement beyond which a receiver is named in a warning.
pub const DISAGREES_SIGMA: f64 = 4.0;

/// The fix without one receiver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeftOut {
    /// Posterior mean without it.
    pub mean: Position,
    /// Distance from the mean with all receivers, metres.
    pub moved_m: f64,
    /// Root mean square of its lags' distance from what the others predict, in σ of lag and prediction
    /// together; absent where the receiver has no lag or the others do not locate.
    pub disagreement_sigma: Option<f64>,
}

/// The fix without `receiver`, and how far that receiver's lags lie from what the others predict.
/// `None` where the others say nothing.
pub fn leave_one_out(geodesy: &Geodesy, evidence: &Evidence, all_mean: Position, receiver: usize) -> Option<LeftOut> {
    let own = evidence.receivers.get(receiver)?.position;
    let rest = evidence.without(receiver);
    let (posterior, mean) = locate_mean(geodesy, &rest)?;
    let (_, covariance) = posterior.body();
    let extent_m = covariance[0].max(covariance[2]).sqrt();
    let lags: Vec<(&PairLags, f64)> = evidence
        .pairs
        .iter()
        .filter_map(|pair| match (pair.first == receiver, pair.second == receiver) {
            (true, _) => Some((pair, 1.0)),
            (_, true) => Some((pair, -1.0)),
            _ => None,
        })
        .collect();
    // A linear prediction means something only where the others locate well within the scene's size.
    let locates = rest.pairs.len() >= 3 && extent_m < 0.1 * posterior.area.radius_m;
    let squares: Vec<f64> = lags
        .iter()
        .filter(|_| locates)
        .filter_map(|(pair, sign)| {
            let other = if *sign > 0.0 { pair.second } else { pair.first };
            let other = evidence.receivers.get(other)?.position;
            let (own_m, own_azimuth) = geodesy.distance_and_azimuth(mean, own);
            let (other_m, other_azimuth) = geodesy.distance_and_azimuth(mean, other);
            let component = pair.evidence.components.first()?;
            let error_m = sign * component.lag_s * SPEED_OF_LIGHT_M_PER_S - (own_m - other_m);
            let (own_sin, own_cos) = own_azimuth.to_radians().sin_cos();
            let (other_sin, other_cos) = other_azimuth.to_radians().sin_cos();
            let (ge, gn) = (other_sin - own_sin, other_cos - own_cos);
            let predicted = ge * ge * covariance[0] + 2.0 * ge * gn * covariance[1] + gn * gn * covariance[2];
            let measured =
                (component.sigma_s.powi(2) + 2.0 * evidence.bias_sigma_s.powi(2)) * SPEED_OF_LIGHT_M_PER_S.powi(2);
            Some(error_m * error_m / (predicted + measured))
        })
        .collect();
    let disagreement_sigma = (!squares.is_empty()).then(|| (squares.iter().sum::<f64>() / squares.len() as f64).sqrt());
    Some(LeftOut { mean, moved_m: geodesy.distance_m(all_mean, mean), disagreement_sigma })
}
