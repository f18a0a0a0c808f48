//! From channels and reports to the experts' evidence.

use heimdall_localize::{BearingObservation, Evidence, LevelObservation, LevelPrior, PairLags, Propagation, Receiver};

use crate::receivers::SceneReceiver;
use crate::{Channel, Scene, network};

/// Gain uncertainty of receivers that nobody calibrated, 1 σ.
const GAIN_SIGMA_DB: f64 = 10.0;
/// Of a gain offset from a table that says nothing of its certainty.
const TABLE_GAIN_SIGMA_DB: f64 = 2.0;
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
    let entry = scene.recordings.get(receiver.recording?)?;
    let (offset_db, table_sigma_db) = table_gain(scene, &receiver.name).unzip();
    let level_db = level_dbfs - offset_db.unwrap_or(0.0);
    // A gain that follows the signal takes from the level what it varies by.
    let measured_db = LEVEL_SIGMA_DB.hypot(entry.survey.agc_db.unwrap_or(0.0));
    Some(match &entry.recording.full_scale_dbm {
        Some(full_scale) => SceneLevel {
            level_db: level_db + full_scale.value,
            sigma_db: measured_db.hypot(table_sigma_db.unwrap_or(0.0)),
            calibrated: true,
        },
        None => SceneLevel {
            level_db,
            sigma_db: measured_db.hypot(table_sigma_db.unwrap_or_else(|| gain_sigma_db(scene))),
            calibrated: false,
        },
    })
}

/// Gain offset and its σ, where a table of receivers says so.
fn table_gain(scene: &Scene, receiver: &str) -> Option<(f64, f64)> {
    let row = scene.receivers.iter().find(|row| row.name.eq_ignore_ascii_case(receiver))?;
    Some((row.gain_offset_db?, row.gain_sigma_db.unwrap_or(TABLE_GAIN_SIGMA_DB)))
}

/// The levels that are comparable with one another; the others are left out.
///
/// Decibels of full scale and of a milliwatt are not comparable: where two or more receivers are
/// calibrated, they speak. Uncalibrated levels follow the log-distance law in line of sight only, so
/// elsewhere they are left out beside lags.
pub(crate) fn comparable(
    levels: &[Option<SceneLevel>],
    taking_part: &[usize],
    has_lags: bool,
    propagation: Propagation,
) -> Vec<Option<SceneLevel>> {
    let level = |index: usize| levels.get(index).copied().flatten().filter(|_| taking_part.contains(&index));
    let calibrated = (0..levels.len()).filter(|index| level(*index).is_some_and(|l| l.calibrated)).count();
    let use_calibrated = calibrated >= 2;
    let may_speak = use_calibrated || !has_lags || propagation == Propagation::LineOfSight;
    (0..levels.len()).map(|index| level(index).filter(|l| may_speak && l.calibrated == use_calibrated)).collect()
}

/// Evidence of the receivers that take part; `levels` are the comparable ones, beside `receivers`.
pub(crate) fn evidence(
    scene: &Scene,
    receivers: &[SceneReceiver],
    taking_part: &[usize],
    levels: &[Option<SceneLevel>],
    pairs: Vec<PairLags>,
    propagation: Propagation,
) -> Evidence {
    let chosen: Vec<(usize, &SceneReceiver)> =
        taking_part.iter().filter_map(|index| Some((*index, receivers.get(*index)?))).collect();
    let spoken: Vec<(usize, SceneLevel)> = chosen
        .iter()
        .enumerate()
        .filter_map(|(slot, (index, _))| Some((slot, levels.get(*index).copied().flatten()?)))
        .collect();
    let use_calibrated = spoken.iter().any(|(_, level)| level.calibrated);
    let observations: Vec<LevelObservation> = spoken
        .into_iter()
        .map(|(receiver, l)| LevelObservation { receiver, level_db: l.level_db, sigma_db: l.sigma_db })
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
        neural: network::evidence(scene, receivers, taking_part),
        level_prior,
        bias_sigma_s: bias_sigma_s(scene, propagation),
        propagation,
        area: None,
    }
}
