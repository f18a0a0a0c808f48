//! From channels and reports to the experts' evidence.

use heimdall_localize::{BearingObservation, Evidence, LevelObservation, LevelPrior, PairLags, Propagation, Receiver};

use crate::receivers::SceneReceiver;
use crate::{Channel, Scene};

/// Gain uncertainty of receivers that nobody calibrated, 1 σ.
const GAIN_SIGMA_DB: f64 = 10.0;
/// Error of a level measured over a second or more.
const LEVEL_SIGMA_DB: f64 = 1.0;
/// Below this a band's level is mostly noise.
const LEAST_SNR_DB: f64 = 0.0;

/// What a receiver's level is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SceneLevel {
    pub(crate) level_db: f64,
    pub(crate) sigma_db: f64,
    pub(crate) calibrated: bool,
}

/// Gain uncertainty in force.
pub(crate) fn gain_sigma_db(scene: &Scene) -> f64 {
    scene.settings.gain_sigma_db.filter(|sigma| sigma.is_finite() && *sigma >= 0.0).unwrap_or(GAIN_SIGMA_DB)
}

/// How the wave travels, by the band or the reports' frequency.
pub(crate) fn propagation(scene: &Scene, center_hz: Option<f64>) -> Propagation {
    let reported = scene.reports.iter().find_map(|row| row.frequency_hz);
    Propagation::at(center_hz.filter(|hz| *hz > 0.0).or(reported))
}

/// Bias in force.
pub(crate) fn bias_sigma_s(scene: &Scene, propagation: Propagation) -> f64 {
    let typed = scene.settings.bias_sigma_s.filter(|sigma| sigma.is_finite() && *sigma >= 0.0);
    typed.unwrap_or_else(|| propagation.bias_sigma_s())
}

/// Level of a receiver: as reported, else measured in its channel.
pub(crate) fn level(scene: &Scene, receiver: &SceneReceiver, channel: Option<&Channel>) -> Option<SceneLevel> {
    if let Some((level_db, sigma_db)) = receiver.level {
        return Some(SceneLevel { level_db, sigma_db, calibrated: true });
    }
    let facts = &channel?.facts;
    if facts.snr_db < LEAST_SNR_DB {
        return None;
    }
    let power = 10f64.powf(facts.power_dbfs / 10.0) - 10f64.powf(facts.noise_dbfs / 10.0);
    let level_dbfs = 10.0 * power.max(1e-20).log10();
    let recording = &scene.recordings.get(receiver.recording?)?.recording;
    Some(match &recording.full_scale_dbm {
        Some(full_scale) => {
            SceneLevel { level_db: level_dbfs + full_scale.value, sigma_db: LEVEL_SIGMA_DB, calibrated: true }
        }
        None => {
            SceneLevel { level_db: level_dbfs, sigma_db: LEVEL_SIGMA_DB.hypot(gain_sigma_db(scene)), calibrated: false }
        }
    })
}

/// Evidence of the receivers that take part; `levels` runs beside `receivers`.
pub(crate) fn evidence(
    scene: &Scene,
    receivers: &[SceneReceiver],
    taking_part: &[usize],
    levels: &[Option<SceneLevel>],
    pairs: Vec<PairLags>,
    center_hz: Option<f64>,
) -> Evidence {
    let propagation = propagation(scene, center_hz);
    let chosen: Vec<(usize, &SceneReceiver)> =
        taking_part.iter().filter_map(|index| Some((*index, receivers.get(*index)?))).collect();
    let calibrated =
        chosen.iter().filter(|(index, _)| levels.get(*index).copied().flatten().is_some_and(|l| l.calibrated)).count();
    // Decibels of full scale and of a milliwatt are not comparable: the larger group speaks. Uncalibrated
    // levels follow the log-distance law in line of sight only, so beside lags they are left out elsewhere.
    let use_calibrated = calibrated >= 2;
    let may_speak = use_calibrated || pairs.is_empty() || propagation == Propagation::LineOfSight;
    let observations: Vec<LevelObservation> = chosen
        .iter()
        .enumerate()
        .filter_map(|(slot, (index, _))| {
            let level = levels.get(*index).copied().flatten()?;
            (may_speak && level.calibrated == use_calibrated).then_some(LevelObservation {
                receiver: slot,
                level_db: level.level_db,
                sigma_db: level.sigma_db,
            })
        })
        .collect();
    let mean_level = observations.iter().map(|o| o.level_db).sum::<f64>() / observations.len().max(1) as f64;
    let standard = LevelPrior::default();
    let level_prior = if use_calibrated {
        standard
    } else {
        // Full scale says nothing of power: any is possible.
        LevelPrior { power_mean_db: mean_level + 60.0, power_sigma_db: 200.0, ..standard }
    };
    let bearings = chosen
        .iter()
        .enumerate()
        .filter_map(|(slot, (_, receiver))| {
            let (bearing_deg, sigma_deg) = receiver.bearing?;
            Some(BearingObservation { receiver: slot, bearing_deg, sigma_deg })
        })
        .collect();
    let on = |expert: &str| !scene.settings.experts_off.iter().any(|off| off == expert);
    Evidence {
        receivers: chosen
            .iter()
            .filter_map(|(_, r)| Some(Receiver { name: r.name.clone(), position: r.position.as_ref()?.value }))
            .collect(),
        pairs: if on("tdoa") { pairs } else { Vec::new() },
        levels: if on("level") { observations } else { Vec::new() },
        bearings: if on("bearing") { bearings } else { Vec::new() },
        level_prior,
        bias_sigma_s: bias_sigma_s(scene, propagation),
        propagation,
        area: None,
    }
}
