//! Position error of TDoA from IQ against the Cramér–Rao bound.

use std::f64::consts::PI;

use anyhow::Context;
use heimdall_localize::{Geodesy, LocalFrame, SPEED_OF_LIGHT_M_PER_S, tdoa_bound};
use heimdall_pipeline::Settings;
use heimdall_recording::Position;
use heimdall_simulate::Modulation;
use rand::Rng;

use super::draw::{in_hull, receivers};
use super::iq::{BANDWIDTH_HZ, Spec, report};
use super::{Figure, draw, parallel};

const DURATION_S: f64 = 1.0;

/// eᵀ·CRLB⁻¹·e of one scene.
fn scene(seed: u64, index: usize) -> anyhow::Result<f64> {
    let geodesy = Geodesy::default();
    let mut rng = draw::generator(seed, 50, index);
    let count = rng.random_range(4..=8);
    let receivers = receivers(&mut rng, &geodesy, count, 150e3);
    let truth = in_hull(&mut rng, &geodesy, &receivers);
    let snr_db: Vec<f64> = receivers.iter().map(|_| 10.0 + 20.0 * rng.random::<f64>()).collect();
    let spec = Spec {
        center_frequency_hz: 145.5e6,
        duration_s: DURATION_S,
        bias_sigma_s: 0.0,
        modulation: Modulation::FlatNoise { bandwidth_hz: BANDWIDTH_HZ },
        settings: Settings { bias_sigma_s: Some(0.0), experts_off: vec!["level".into()], ..Settings::default() },
    };
    let report = report(&mut rng, &spec, &receivers, &snr_db, truth)?;
    let mean = report.fix.mean.context("a fix")?;
    // Several noisy copies of one Gaussian signal: J = K/(1+Σs)·[Σs·diag(s) − ssᵀ] (Hahn & Tretter 1973),
    // which is that of independent arrival times with variances (1+Σs)/(K·s·Σs).
    let snr: Vec<f64> = snr_db.iter().map(|db| 10f64.powf(db / 10.0)).collect();
    let all: f64 = snr.iter().sum();
    let k = 2.0 * DURATION_S * (2.0 * PI).powi(2) * BANDWIDTH_HZ.powi(3) / 12.0;
    let variances: Vec<f64> =
        snr.iter().map(|s| (1.0 + all) / (k * s * all) * SPEED_OF_LIGHT_M_PER_S.powi(2)).collect();
    let positions: Vec<Position> = receivers.iter().map(|r| r.position).collect();
    let [ee, en, nn] = tdoa_bound(&geodesy, truth, &positions, &variances).context("a bound")?;
    let [e, n] = LocalFrame { origin: truth }.east_north_m(&geodesy, mean);
    Ok((nn * e * e - 2.0 * en * e * n + ee * n * n) / (ee * nn - en * en))
}

/// √(mean(eᵀ·CRLB⁻¹·e)/2) over all scenes, none left out.
pub(crate) fn study(scenes: usize, seed: u64) -> anyhow::Result<Vec<Figure>> {
    let squares =
        parallel::map(scenes, |index| scene(seed, index).map_err(|error| format!("scene {index}: {error:#}")));
    let mut squares = squares.into_iter().collect::<Result<Vec<_>, _>>().map_err(anyhow::Error::msg)?;
    let root = (squares.iter().sum::<f64>() / squares.len().max(1) as f64 / 2.0).sqrt();
    squares.sort_by(f64::total_cmp);
    let largest = squares.last().copied().unwrap_or(0.0).sqrt();
    Ok(vec![
        Figure {
            what: format!("TDoA from IQ, no bias: √(mean(eᵀ·CRLB⁻¹·e)/2) ({scenes} scenes)"),
            value: format!("{root:.3}"),
            wanted: "≤ 1.15".into(),
            reached: Some(root <= 1.15),
        },
        Figure {
            what: "TDoA from IQ, no bias: largest error, in σ of the bound".into(),
            value: format!("{largest:.2}"),
            wanted: String::new(),
            reached: None,
        },
    ])
}
