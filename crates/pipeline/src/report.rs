//! The report: every number between the files and the fix. The page draws it, the command line prints it.

use heimdall_localize::{BoundLine, Fix, LagComponent, LevelPrior};
use heimdall_recording::{Fact, Position, Question, TimeGrade};
use serde::{Deserialize, Serialize};

use crate::network::{NetworkReport, OcclusionReport};
use crate::receivers::SceneReceiver;
use crate::time::rfc3339;
use crate::{Band, Channel, Clocks, Scene, Settings, mirror};

/// One receiver of the scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiverReport {
    /// Station name, unique in the scene.
    pub name: String,
    /// Where it is, if known.
    pub position: Option<Fact<Position>>,
    /// True where it took part in the fix.
    pub used: bool,
    /// Why it did not take part.
    pub why_not: Option<String>,
    /// Level in the band.
    pub level: Option<LevelReport>,
    /// Bearing from this receiver, degrees clockwise from true north.
    pub bearing_deg: Option<f64>,
    /// 1 σ of the bearing.
    pub bearing_sigma_deg: Option<f64>,
    /// How far the fix moves without this receiver.
    pub leave_one_out: Option<LeaveOneOut>,
    /// How far the fix moves where the network does not see this receiver.
    pub occlusion: Option<OcclusionReport>,
}

/// A level as the level expert saw it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelReport {
    /// Signal level, noise removed; dBm where `calibrated`, else dB relative to full scale.
    pub level_db: f64,
    /// True where `level_db` is in dBm.
    pub calibrated: bool,
    /// 1 σ of the measurement including the gain's uncertainty, dB.
    pub sigma_db: f64,
}

/// The fix without one receiver.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeaveOneOut {
    /// Posterior mean without it.
    pub mean: Position,
    /// Distance from the fix with all receivers.
    pub moved_m: f64,
    /// Distance of its lags from what the others predict, in σ; absent where they cannot tell.
    pub disagreement_sigma: Option<f64>,
}

/// A fix in a scene's own metres.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocalFix {
    /// Posterior mean, x and y, metres.
    pub mean_m: [f64; 2],
    /// Highest density, x and y, metres.
    pub mode_m: [f64; 2],
}

/// One recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordingReport {
    /// File name.
    pub name: String,
    /// Receiver it belongs to.
    pub receiver: String,
    /// SHA-256 of the file, lower-case hex; absent while it is being computed.
    pub sha256: Option<String>,
    /// Container format.
    pub container: String,
    /// Complex samples in the file.
    pub sample_count: u64,
    /// Samples per second.
    pub sample_rate_hz: Option<Fact<f64>>,
    /// Time of sample 0: RFC 3339, UTC, nanoseconds.
    pub start_time: Option<Fact<String>>,
    /// Length.
    pub duration_s: Option<f64>,
    /// How well the clock is known.
    pub time_grade: TimeGrade,
    /// Why.
    pub time_reason: String,
    /// Frequency at 0 Hz of the baseband.
    pub center_frequency_hz: Option<Fact<f64>>,
    /// Power in the band, dB relative to full scale.
    pub level_dbfs: Option<f64>,
    /// Signal-to-noise ratio in the band.
    pub snr_db: Option<f64>,
    /// What only the user can answer.
    pub questions: Vec<Question>,
    /// Sentences worth showing.
    pub notices: Vec<String>,
}

/// One pair of receivers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairReport {
    /// Names: the lag is arrival at the first minus arrival at the second.
    pub receivers: [String; 2],
    /// Most likely lag, seconds.
    pub lag_s: f64,
    /// 1 σ of the lag, all terms.
    pub sigma_s: f64,
    /// Term from noise.
    pub thermal_sigma_s: f64,
    /// Term from the scatter between segments.
    pub scatter_sigma_s: f64,
    /// Term from clocks that were aligned on a reference transmitter.
    #[serde(default)]
    pub clock_sigma_s: f64,
    /// Term from propagation, position and front-end bias.
    pub bias_sigma_s: f64,
    /// Lag minus what the fix predicts.
    pub residual_s: Option<f64>,
    /// Normalised correlation at the peak, 0…1.
    pub peak: f64,
    /// Integrated signal-to-noise ratio of the peak.
    pub detection: f64,
    /// The pair's likelihood over lag: a mixture of Gaussians, bias not included.
    pub components: Vec<LagComponent>,
    /// Largest lag that the geometry allows.
    pub max_lag_s: f64,
    /// Normalised correlation magnitude over lag, for the plot.
    pub curve: Curve,
    /// Lines of constant lag on the map: `[line][vertex][lon, lat]`.
    pub hyperbola: Vec<Vec<[f64; 2]>>,
}

/// Equally spaced samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Lag of the first value, seconds.
    pub start_s: f64,
    /// Spacing, seconds.
    pub step_s: f64,
    /// Values.
    pub values: Vec<f32>,
}

/// What was used after all automatic choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effective {
    /// Band used by the experts.
    pub band: Option<Band>,
    /// Start of the time window: RFC 3339, UTC, nanoseconds.
    pub window_start: Option<String>,
    /// Length of the time window.
    pub window_duration_s: Option<f64>,
    /// How the wave is taken to travel: "ground wave", "sky wave", "line of sight".
    pub propagation: String,
    /// Arrival-time bias per receiver, 1 σ.
    pub bias_sigma_s: f64,
    /// Gain uncertainty of uncalibrated receivers, 1 σ.
    pub gain_sigma_db: f64,
    /// What the level expert held of power, exponent and shadowing beforehand.
    pub level_prior: LevelPrior,
}

/// A file that could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// File name.
    pub name: String,
    /// A sentence: what, where, what to do.
    pub reason: String,
}

/// A file that the report rests on: recordings, their metadata, tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputReport {
    /// File name.
    pub name: String,
    /// SHA-256 of the file, lower-case hex; absent where it was not or could not be computed.
    pub sha256: Option<String>,
}

/// Every number between the files and the fix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Version of the program.
    pub version: String,
    /// True where any input says that it is simulated.
    pub synthetic: bool,
    /// What the user chose.
    pub settings: Settings,
    /// What was used.
    pub effective: Effective,
    /// True where positions are local metres laid around 0° N 0° E, not places on the globe.
    pub local: bool,
    /// The fix in local metres, where `local`.
    pub local_fix: Option<LocalFix>,
    /// The answer.
    pub fix: Fix,
    /// The network's part in it; absent where nobody looked for a network.
    pub network: Option<NetworkReport>,
    /// Lines of equal Cramér–Rao bound, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<BoundLine>,
    /// What became of clocks that were aligned on a reference transmitter; absent where none was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clocks: Option<Clocks>,
    /// Receivers.
    pub receivers: Vec<ReceiverReport>,
    /// Recordings.
    pub recordings: Vec<RecordingReport>,
    /// Pairs of receivers.
    pub pairs: Vec<PairReport>,
    /// Every file that was used, in the order given; filled in by who holds the files.
    pub inputs: Vec<InputReport>,
    /// Files that were refused; the others went on.
    pub refused: Vec<Refusal>,
}

/// Recordings of the scene with what the channels measured.
pub(crate) fn recordings<'a>(
    scene: &Scene,
    receivers: &[SceneReceiver],
    channel_of: &dyn Fn(&SceneReceiver) -> Option<&'a Channel>,
) -> Vec<RecordingReport> {
    receivers
        .iter()
        .zip(mirror::hints(scene, receivers))
        .filter_map(|(receiver, mirrored)| {
            let entry = scene.recordings.get(receiver.recording?)?;
            let recording = &entry.recording;
            let facts = channel_of(receiver).map(|channel| &channel.facts);
            let mut notices = recording.notices.clone();
            if entry.survey.clipped > 1e-3 && facts.is_none() {
                notices.push(format!("{:.1} % of its samples are clipped.", 100.0 * entry.survey.clipped));
            }
            notices.extend(entry.survey.agc_db.map(|agc_db| {
                format!(
                    "Its gain seems to follow the signal (automatic gain control): its noise falls by {agc_db:.0} dB where \
                     the signal rises. Its level counts for as much less; record with a fixed gain."
                )
            }));
            notices.extend(facts.iter().flat_map(|facts| facts.notices.clone()));
            notices.extend(mirrored);
            notices.extend(scene.collections.iter().filter_map(|collection| collection.contradicts(recording)));
            Some(RecordingReport {
                name: recording.name.clone(),
                receiver: receiver.name.clone(),
                sha256: entry.sha256.clone(),
                container: recording.container.clone(),
                sample_count: recording.sample_count,
                sample_rate_hz: recording.sample_rate_hz.clone(),
                start_time: recording.start_time_unix_ns.as_ref().map(|t| Fact::new(rfc3339(t.value), t.origin)),
                duration_s: recording.sample_rate_hz.as_ref().map(|rate| recording.sample_count as f64 / rate.value),
                time_grade: recording.time_grade,
                time_reason: recording.time_reason.clone(),
                center_frequency_hz: recording.center_frequency_hz.clone(),
                level_dbfs: facts.map(|facts| facts.power_dbfs),
                snr_db: facts.map(|facts| facts.snr_db),
                questions: recording.questions.clone(),
                notices,
            })
        })
        .collect()
}
