//! The sensors of Chan & Ho, "A simple and efficient estimator for hyperbolic location",
//! IEEE Trans. Signal Processing 42 (1994), table I: metres, Gaussian range differences.

use heimdall_localize::{
    Evidence, Geodesy, LevelPrior, LocalFrame, Propagation, Receiver, SPEED_OF_LIGHT_M_PER_S, SearchArea, locate,
    tdoa_bound,
};
use heimdall_recording::Position;

use super::draw::normal;
use super::measured::lags;
use super::{Figure, draw, parallel};

const X_M: [f64; 10] = [0.0, -5.0, 4.0, -2.0, 7.0, -7.0, 2.0, -4.0, 3.0, 1.0];
const Y_M: [f64; 10] = [0.0, 8.0, 6.0, 4.0, 3.0, 5.0, 5.0, 2.0, 3.0, 8.0];
const SOURCE_M: [f64; 2] = [8.0, 22.0];
/// Range-difference covariance 0.001·(I + 11ᵀ)/2 m² is 0.0005 m² per receiver.
const RANGE_VARIANCE_M2: f64 = 0.0005;
/// Published trace of the bound, m², for 4…10 sensors; 4 is ambiguous.
const PUBLISHED_M2: [f64; 7] = [0.6884, 0.1451, 0.1334, 0.1143, 0.1054, 0.1032, 0.0943];

/// Mean squared error of the posterior mean against the bound, 4 to 10 sensors.
pub(crate) fn study(trials: usize, seed: u64) -> Vec<Figure> {
    let geodesy = Geodesy::default();
    // On the equator, where the local plane is flat to a part in 10¹² at this size.
    let frame = LocalFrame { origin: Position { latitude_deg: 0.0, longitude_deg: 10.0 } };
    let place = |x_y_m: [f64; 2]| frame.position(&geodesy, x_y_m);
    let truth = place(SOURCE_M);
    let sensors: Vec<Receiver> =
        X_M.iter().zip(Y_M).map(|(x, y)| Receiver { name: format!("{x},{y}"), position: place([*x, y]) }).collect();
    let mut figures = Vec::new();
    for (count, published) in (4..=10).zip(PUBLISHED_M2) {
        let receivers = sensors.get(..count).unwrap_or(&sensors);
        let positions: Vec<Position> = receivers.iter().map(|r| r.position).collect();
        let bound = tdoa_bound(&geodesy, truth, &positions, &vec![RANGE_VARIANCE_M2; count]);
        let trace = bound.map_or(f64::NAN, |covariance| covariance[0] + covariance[2]);
        figures.push(Figure {
            what: format!("Chan–Ho, {count} sensors: trace of the bound, m²"),
            value: format!("{trace:.4}"),
            wanted: format!("{published:.4} published"),
            reached: Some((trace - published).abs() < 1e-4),
        });
        let squares = parallel::map(trials, |trial| {
            let geodesy = Geodesy::default();
            let mut rng = draw::generator(seed, 30 + count as u64, trial);
            let sigma_s = RANGE_VARIANCE_M2.sqrt() / SPEED_OF_LIGHT_M_PER_S;
            let errors_s: Vec<f64> = receivers.iter().map(|_| sigma_s * normal(&mut rng)).collect();
            let evidence = Evidence {
                receivers: receivers.to_vec(),
                pairs: lags(&geodesy, receivers, truth, &errors_s, &vec![sigma_s; count]),
                levels: Vec::new(),
                bearings: Vec::new(),
                neural: None,
                level_prior: LevelPrior::default(),
                bias_sigma_s: 0.0,
                propagation: Propagation::LineOfSight,
                area: Some(SearchArea { center: frame.origin, radius_m: 60.0 }),
            };
            let estimate = locate(&geodesy, &evidence).fix.mean;
            estimate.map_or(f64::INFINITY, |mean| geodesy.distance_m(mean, truth).powi(2))
        });
        let mse = squares.iter().sum::<f64>() / squares.len().max(1) as f64;
        figures.push(Figure {
            what: format!("Chan–Ho, {count} sensors: mean squared error over bound ({trials} trials)"),
            value: format!("{:.3}", mse / trace),
            wanted: if count > 4 { "≤ 1.1".into() } else { String::new() },
            reached: (count > 4).then_some(mse / trace <= 1.1),
        });
    }
    figures
}
