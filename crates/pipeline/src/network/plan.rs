//! What a network is to hear of each recording.

use heimdall_model::ModelCard;
use serde::{Deserialize, Serialize};

use crate::band::center_hz;
use crate::network::{ModelFit, NetworkName};
use crate::plan::why_not_timed;
use crate::receivers::station;
use crate::{Scene, SceneRecording, plan};

/// Rates that differ less are the same: what planes allow.
const SAME_RATE: f64 = 1e-3;
/// Of the time that a network hears, this share must be there.
const LEAST_SHARE: f64 = 0.9;

/// One stretch of time and one band for all receivers of a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkPlan {
    /// Which network.
    pub name: NetworkName,
    /// Frequency at the middle of the planes.
    pub center_hz: f64,
    /// Rate of the samples that planes are made of.
    pub rate_hz: f64,
    /// How much of time, seconds.
    pub duration_s: f64,
    /// Time 0 for recordings whose clocks agree.
    pub start_unix_ns: i64,
    /// The same for the others: seconds after their own sample 0.
    pub offset_s: f64,
    /// In the constellation's order, `None` for a receiver that is missing.
    pub listeners: Vec<Option<NetworkListener>>,
}

/// A receiver that the network hears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkListener {
    /// Its recording.
    pub id: String,
    /// Its name in the scene.
    pub receiver: String,
    /// Power at the antenna of a tone of full scale, dBm.
    pub full_scale_dbm: f64,
    /// Whether its clock is good for time differences.
    pub timed: bool,
}

impl NetworkPlan {
    /// Ids of the recordings to listen to.
    pub fn recordings(&self) -> impl Iterator<Item = &str> {
        self.listeners.iter().flatten().map(|listener| listener.id.as_str())
    }

    /// True where both plans ask for the same samples of every recording that they share.
    pub fn same_samples(&self, other: &Self) -> bool {
        self.samples_asked_for() == other.samples_asked_for()
    }

    pub(crate) fn samples_asked_for(&self) -> (f64, f64, f64, i64, f64) {
        (self.center_hz, self.rate_hz, self.duration_s, self.start_unix_ns, self.offset_s)
    }
}

/// What the model of `card`, found by [`choose`](crate::network::choose), is to hear.
///
/// Where all recordings have the model's rate and one centre frequency, planes show them whole, as in training; else
/// the chosen band's middle, decimated to the model's rate.
///
/// # Errors
/// A sentence where a recording is too slow, too short or not calibrated.
pub fn network_plan(scene: &Scene, fit: &ModelFit, card: &ModelCard) -> Result<NetworkPlan, String> {
    let grid = plan(scene).ok_or("No recording can take part.")?;
    if fit.recordings.len() != card.constellation.receivers.len() {
        return Err("Its card is for other receivers than the list of models says: publish it again.".into());
    }
    let entry = |id: &String| scene.recordings.iter().find(|entry| entry.id == *id);
    let heard: Vec<&SceneRecording> = fit.recordings.iter().flatten().filter_map(entry).collect();
    let rate_hz = card.features.sample_rate_hz();
    let rate_of = |entry: &SceneRecording| entry.recording.sample_rate_hz.as_ref().map_or(0.0, |rate| rate.value);
    if let Some(slow) = heard.iter().find(|entry| rate_of(entry) < rate_hz * (1.0 - SAME_RATE)) {
        return Err(format!(
            "It hears {:.0} samples per second and more, and {} has {:.0}; samples are not made up.",
            rate_hz,
            slow.recording.name,
            rate_of(slow)
        ));
    }
    let common_s = grid.samples as f64 / grid.rate_hz;
    let duration_s = card.features.duration_s;
    if common_s < LEAST_SHARE * duration_s {
        return Err(format!("It hears {duration_s:.1} s, and the recordings have {common_s:.2} s in common."));
    }
    let centers_hz: Vec<f64> = heard.iter().map(|entry| center_hz(entry)).collect();
    let whole = heard.iter().all(|entry| (rate_of(entry) / rate_hz - 1.0).abs() <= SAME_RATE);
    let one_center = centers_hz.first().copied().filter(|first| centers_hz.iter().all(|center| center == first));
    let listener = |id: &String| -> Result<NetworkListener, String> {
        let entry = entry(id).ok_or("A recording has gone.")?;
        let own = entry.recording.full_scale_dbm.as_ref().map(|fact| fact.value);
        let full_scale_dbm = own
            .or(card.uncalibrated_full_scale_dbm)
            .ok_or_else(|| format!("It needs levels in dBm, and {} is not calibrated.", station(&entry.recording)))?;
        Ok(NetworkListener {
            id: id.clone(),
            receiver: crate::receivers::name_of(scene, id).unwrap_or_default(),
            full_scale_dbm,
            timed: why_not_timed(entry, Some(&grid)).is_none(),
        })
    };
    Ok(NetworkPlan {
        name: NetworkName { model: card.name.clone(), version: card.version.clone() },
        center_hz: one_center.filter(|_| whole).unwrap_or(grid.band.center_hz),
        rate_hz,
        duration_s,
        start_unix_ns: grid.start_unix_ns,
        offset_s: grid.offset_s,
        listeners: fit.recordings.iter().map(|id| id.as_ref().map(listener).transpose()).collect::<Result<_, _>>()?,
    })
}
