//! Channels to report.

use std::collections::HashMap;
use std::ops::ControlFlow;

use heimdall_features::{CorrelationSettings, PairChannel, PairCorrelation, Segments, correlate_pair};
use heimdall_localize::{
    DETECTED, DISAGREES_SIGMA, Evidence, Geodesy, LeftOut, PairLags, SPEED_OF_LIGHT_M_PER_S, Verdict, bound_lines,
    combine_weightings, hyperbola, leave_one_out, locate, occlude,
};
use heimdall_recording::Position;

use crate::band::center_hz;
use crate::evidence::{SceneLevel, bias_sigma_s, comparable, evidence, gain_sigma_db, level, propagation};
use crate::network::{self, OcclusionReport};
use crate::plan::{plan, takes_part, why_not_timed};
use crate::receivers::{LOCAL_ORIGIN, SceneReceiver, is_local, receivers, unusable};
use crate::report::{self, Curve, Effective, LeaveOneOut, LevelReport, LocalFix, PairReport, ReceiverReport, Report};
use crate::time::rfc3339;
use crate::{Channel, Plan, Scene, VERSION};

/// Receivers whose lags are used: pairs grow with the square.
const MOST_TIMED: usize = 16;
/// Receivers that a search looks at.
const MOST_RECEIVERS: usize = 120;
/// Receivers for which leaving one out is tried; of three, the two others locate nothing.
const MOST_LEFT_OUT: usize = 12;

/// How much a report says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Also what each receiver means: the fix without it, the warning where it disagrees with the others, the fix without
    /// what the network heard of it.
    #[default]
    Whole,
    /// The fix alone, in about half the time.
    Brief,
}

/// Solves scenes, remembering correlations between calls so that moving or switching a receiver is quick.
#[derive(Default)]
pub struct Solver {
    detail: Detail,
    plan: Option<Plan>,
    correlations: HashMap<(String, String, u64), Option<PairCorrelation>>,
}

/// A receiver with lags: its index among all, and its channel.
struct Timed<'a> {
    receiver: usize,
    channel: &'a Channel,
    notch_hz: f64,
    position: Position,
}

impl Solver {
    /// One that says so much.
    #[must_use]
    pub fn new(detail: Detail) -> Self {
        Self { detail, ..Self::default() }
    }

    /// Forgets what was computed of a recording, whose samples are now others (I and Q exchanged, a file that is read in
    /// another way): on the same grid nothing else tells.
    pub fn forget(&mut self, recording: &str) {
        self.correlations.retain(|(first, second, _), _| first != recording && second != recording);
    }

    /// The report of a scene from the channels that answer its plan; channels of another plan are not used.
    /// `progress` gets the share done; breaking only leaves out what is still to come.
    pub fn solve(
        &mut self,
        scene: &Scene,
        channels: &[Channel],
        progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Report {
        let geodesy = Geodesy::default();
        let plan = plan(scene);
        let same = |known: &Plan| plan.as_ref().is_some_and(|plan| plan.same_grid(known));
        if !self.plan.as_ref().is_some_and(same) {
            self.correlations.clear();
            self.plan.clone_from(&plan);
        }
        let mut receivers = receivers(scene);
        let channel_of = |receiver: &SceneReceiver| {
            let entry = scene.recordings.get(receiver.recording?)?;
            channels.iter().find(|c| c.facts.id == entry.id && same(&c.facts.plan))
        };
        let levels: Vec<Option<SceneLevel>> =
            receivers.iter().map(|receiver| level(scene, receiver, channel_of(receiver))).collect();
        let placed = choose_receivers(&mut receivers, &levels);
        let timed = self.timed(scene, &receivers, &placed, &channel_of, plan.as_ref());
        let pairs = self.correlate(&geodesy, scene, &timed, plan.as_ref(), progress);
        let propagation = propagation(scene, plan.as_ref().map(|plan| plan.band.center_hz));
        let spoken = comparable(&levels, &placed, !pairs.is_empty(), propagation);
        let taking_part = with_evidence(scene, &mut receivers, placed, &timed, &spoken, plan.as_ref());
        let clock_sigma_s: Vec<f64> = timed.iter().map(|timed| clock_sigma_s(scene, &receivers, timed)).collect();
        let lags = lag_evidence(&pairs, &timed, &taking_part, &clock_sigma_s);
        let evidence = evidence(scene, &receivers, &taking_part, &spoken, lags, propagation);
        let mut located = locate(&geodesy, &evidence);
        let asked = located.fix.mean.filter(|_| self.detail == Detail::Whole);
        let left_out = left_out(&geodesy, &evidence, asked, progress);
        let occlusions = network::occlusions(&occlude(&geodesy, &evidence));
        warn_of_disagreement(&mut located.fix.warnings, &evidence, &left_out);
        untimed_reasons(&mut located.fix, scene, &receivers, plan.as_ref(), &evidence);
        let local = is_local(scene);
        let to_local = |position: Option<Position>| position.map(|p| LOCAL_ORIGIN.east_north_m(&geodesy, p));
        let local_fix =
            (|| Some(LocalFix { mean_m: to_local(located.fix.mean)?, mode_m: to_local(located.fix.mode)? }))();
        Report {
            version: VERSION.into(),
            synthetic: scene.recordings.iter().any(|entry| entry.recording.synthetic),
            settings: scene.settings.clone(),
            effective: Effective {
                band: plan.as_ref().map(|plan| plan.band),
                window_start: plan.as_ref().filter(|_| timed.len() >= 2).map(|plan| rfc3339(plan.start_unix_ns)),
                window_duration_s: plan.as_ref().map(|plan| plan.samples as f64 / plan.rate_hz),
                propagation: propagation.label().into(),
                bias_sigma_s: bias_sigma_s(scene, propagation),
                gain_sigma_db: gain_sigma_db(scene),
                level_prior: evidence.level_prior.clone(),
            },
            local,
            local_fix: local_fix.filter(|_| local),
            receivers: receivers
                .iter()
                .enumerate()
                .map(|(index, receiver)| {
                    let slot = taking_part.iter().position(|taking| *taking == index);
                    receiver_report(
                        receiver,
                        levels.get(index).copied().flatten(),
                        slot.and_then(|slot| left_out.get(slot).copied().flatten()),
                        slot.and_then(|slot| occlusions.get(slot).copied().flatten()),
                        slot.is_some(),
                    )
                })
                .collect(),
            recordings: report::recordings(scene, &receivers, &channel_of),
            pairs: pair_reports(&geodesy, &evidence, &pairs, &timed, &receivers, &located.fix, &clock_sigma_s),
            network: network::report(scene, &evidence, &located.fix.experts),
            fix: located.fix,
            bounds: if scene.settings.bounds { bound_lines(&geodesy, &evidence) } else { Vec::new() },
            clocks: scene.clocks.clone(),
            inputs: Vec::new(),
            refused: scene.refused.clone(),
        }
    }

    fn timed<'a>(
        &self,
        scene: &Scene,
        receivers: &[SceneReceiver],
        taking_part: &[usize],
        channel_of: &dyn Fn(&SceneReceiver) -> Option<&'a Channel>,
        plan: Option<&Plan>,
    ) -> Vec<Timed<'a>> {
        let mut timed: Vec<Timed> = taking_part
            .iter()
            .filter_map(|index| {
                let receiver = receivers.get(*index)?;
                let entry = scene.recordings.get(receiver.recording?)?;
                let channel = channel_of(receiver)?;
                why_not_timed(entry, plan).is_none().then_some(())?;
                let notch_hz = center_hz(entry) - plan?.band.center_hz;
                Some(Timed { receiver: *index, channel, notch_hz, position: receiver.position.as_ref()?.value })
            })
            .collect();
        timed.sort_by(|a, b| b.channel.facts.snr_db.total_cmp(&a.channel.facts.snr_db));
        timed.truncate(MOST_TIMED);
        timed.sort_by_key(|timed| timed.receiver);
        timed
    }

    /// Correlations of all pairs of timed receivers, as indices into `timed`.
    fn correlate(
        &mut self,
        geodesy: &Geodesy,
        scene: &Scene,
        timed: &[Timed],
        plan: Option<&Plan>,
        progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Vec<(usize, usize, f64, PairCorrelation)> {
        let Some(plan) = plan else { return Vec::new() };
        let bias = bias_sigma_s(scene, propagation(scene, Some(plan.band.center_hz)));
        let index_pairs: Vec<(usize, usize)> =
            (0..timed.len()).flat_map(|i| (i + 1..timed.len()).map(move |j| (i, j))).collect();
        let max_lag_s = |i: usize, j: usize| {
            let baseline =
                timed.get(i).zip(timed.get(j)).map_or(0.0, |(a, b)| geodesy.distance_m(a.position, b.position));
            // In steps of a tenth, so that a receiver nudged on the map keeps its correlations.
            let wanted = baseline / SPEED_OF_LIGHT_M_PER_S + 6.0 * bias + 2.0 / plan.band.bandwidth_hz;
            1.1f64.powf(wanted.log(1.1).ceil())
        };
        let longest_s = index_pairs.iter().map(|(i, j)| max_lag_s(*i, *j)).fold(0.0, f64::max);
        let settings = CorrelationSettings::choose(plan.rate_hz, plan.band.bandwidth_hz, plan.samples, longest_s);
        let mut segments: HashMap<usize, Segments> = HashMap::new();
        let mut result = Vec::new();
        for (done, (i, j)) in index_pairs.iter().enumerate() {
            let (Some(a), Some(b)) = (timed.get(*i), timed.get(*j)) else { continue };
            let max_lag = max_lag_s(*i, *j);
            let key = (
                a.channel.facts.id.clone(),
                b.channel.facts.id.clone(),
                max_lag.to_bits() ^ settings.segment_len as u64,
            );
            if !self.correlations.contains_key(&key) {
                for (index, timed) in [(*i, a), (*j, b)] {
                    segments.entry(index).or_insert_with(|| {
                        Segments::new(&timed.channel.samples, &timed.channel.facts.present, timed.notch_hz, settings)
                    });
                }
                let both = pair_channel(a, segments.get(i)).zip(pair_channel(b, segments.get(j)));
                let correlation = both.and_then(|(a, b)| correlate_pair(&a, &b, max_lag));
                self.correlations.insert(key.clone(), correlation);
            }
            if let Some(Some(correlation)) = self.correlations.get(&key) {
                result.push((*i, *j, max_lag, correlation.clone()));
            }
            if progress(0.8 * (done + 1) as f32 / index_pairs.len() as f32).is_break() {
                break;
            }
        }
        result
    }
}

fn pair_channel<'a>(timed: &Timed<'a>, segments: Option<&'a Segments>) -> Option<PairChannel<'a>> {
    let channel = timed.channel;
    let present = channel.facts.present.clone();
    Some(PairChannel { samples: &channel.samples, present, segments: segments? })
}

/// Receivers that take part in the search, as indices; says of the others why not.
fn choose_receivers(receivers: &mut [SceneReceiver], levels: &[Option<SceneLevel>]) -> Vec<usize> {
    for (receiver, level) in receivers.iter_mut().zip(levels) {
        if receiver.why_not.is_none() && receiver.switched_off {
            receiver.why_not = Some("Switched off.".into());
        } else if receiver.why_not.is_none() && receiver.position.is_none() {
            receiver.why_not =
                Some("Its position is not known: type it in, click on the map or drop a receivers.csv.".into());
        } else if receiver.recording.is_none() && receiver.bearing.is_none() && level.is_none() {
            receiver.why_not = Some("It has neither level nor bearing.".into());
        }
    }
    let chosen: Vec<usize> =
        receivers.iter().enumerate().filter(|(_, receiver)| takes_part(receiver)).map(|(index, _)| index).collect();
    for index in chosen.iter().skip(MOST_RECEIVERS) {
        if let Some(receiver) = receivers.get_mut(*index) {
            receiver.why_not = Some(format!("Only the first {MOST_RECEIVERS} receivers are used."));
        }
    }
    chosen.into_iter().take(MOST_RECEIVERS).collect()
}

/// Of the receivers that could take part, those with a lag, a comparable level or a bearing; says of the
/// others why they have none. Where nobody has any, all stay, for the verdict to count.
fn with_evidence(
    scene: &Scene,
    receivers: &mut [SceneReceiver],
    placed: Vec<usize>,
    timed: &[Timed],
    levels: &[Option<SceneLevel>],
    plan: Option<&Plan>,
) -> Vec<usize> {
    let has_lag = |index: usize| timed.len() >= 2 && timed.iter().any(|timed| timed.receiver == index);
    let has_bearing = |index: usize| receivers.get(index).is_some_and(|receiver| receiver.bearing.is_some());
    let has_level = |index: usize| levels.get(index).is_some_and(Option::is_some);
    let heard = |index: usize| receivers.get(index).is_some_and(|receiver| network::heard(scene, &receiver.name));
    let speaks = |index: &usize| has_lag(*index) || has_bearing(*index) || has_level(*index) || heard(*index);
    let (speaking, silent): (Vec<usize>, Vec<usize>) = placed.iter().copied().partition(speaks);
    if speaking.is_empty() {
        return placed;
    }
    for index in silent {
        let Some(receiver) = receivers.get_mut(index) else { continue };
        let entry = receiver.recording.and_then(|recording| scene.recordings.get(recording));
        let why = entry.and_then(|entry| why_not_timed(entry, plan));
        receiver.why_not = Some(why.unwrap_or_else(|| "Nothing of it is comparable with the others.".into()));
    }
    speaking
}

fn lag_evidence(
    pairs: &[(usize, usize, f64, PairCorrelation)],
    timed: &[Timed],
    taking_part: &[usize],
    clock_sigma_s: &[f64],
) -> Vec<PairLags> {
    let bare: Vec<(usize, usize, PairCorrelation)> = pairs.iter().map(|(i, j, _, c)| (*i, *j, c.clone())).collect();
    let slot = |index: usize| {
        let receiver = timed.get(index)?.receiver;
        taking_part.iter().position(|taking| *taking == receiver)
    };
    combine_weightings(&bare)
        .into_iter()
        .zip(pairs)
        .filter_map(|(mut evidence, (i, j, max_lag_s, _))| {
            // What the clocks' alignment leaves is no better for a longer correlation: it adds to every peak.
            let clocks_s = pair_clock_sigma_s(clock_sigma_s, *i, *j);
            evidence.components.iter_mut().for_each(|component| component.sigma_s = component.sigma_s.hypot(clocks_s));
            evidence.scatter_sigma_s = evidence.scatter_sigma_s.hypot(clocks_s);
            Some(PairLags { first: slot(*i)?, second: slot(*j)?, max_lag_s: *max_lag_s, evidence })
        })
        .collect()
}

/// 1 σ of the arrival times that a receiver's clock leaves where it was aligned on a reference.
fn clock_sigma_s(scene: &Scene, receivers: &[SceneReceiver], timed: &Timed) -> f64 {
    let recording = receivers.get(timed.receiver).and_then(|receiver| receiver.recording);
    let entry = recording.and_then(|recording| scene.recordings.get(recording));
    let aligned = entry.filter(|entry| entry.recording.clock_fit.is_some());
    aligned.and_then(|entry| entry.recording.time_sigma_s).unwrap_or(0.0)
}

fn pair_clock_sigma_s(clock_sigma_s: &[f64], i: usize, j: usize) -> f64 {
    let of = |index: usize| clock_sigma_s.get(index).copied().unwrap_or(0.0);
    of(i).hypot(of(j))
}

fn left_out(
    geodesy: &Geodesy,
    evidence: &Evidence,
    mean: Option<Position>,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Vec<Option<LeftOut>> {
    let count = evidence.receivers.len();
    let Some(mean) = mean.filter(|_| (4..=MOST_LEFT_OUT).contains(&count)) else { return vec![None; count] };
    (0..count)
        .map(|receiver| {
            let share = 0.85 + 0.15 * receiver as f32 / count as f32;
            (progress(share).is_continue()).then(|| leave_one_out(geodesy, evidence, mean, receiver)).flatten()
        })
        .collect()
}

fn warn_of_disagreement(warnings: &mut Vec<String>, evidence: &Evidence, left_out: &[Option<LeftOut>]) {
    let heard = |receiver: usize| {
        let own = evidence.pairs.iter().filter(|pair| pair.first == receiver || pair.second == receiver);
        own.map(|pair| pair.evidence.detection > DETECTED).reduce(|any, one| any || one)
    };
    if evidence.pairs.iter().any(|pair| pair.evidence.detection > DETECTED) {
        let deaf = evidence.receivers.iter().enumerate().filter(|(index, _)| heard(*index) == Some(false));
        warnings.extend(deaf.map(|(_, receiver)| {
            format!("{} has no signal in common with the others in this band and time.", receiver.name)
        }));
    }
    let worst = left_out
        .iter()
        .zip(&evidence.receivers)
        .filter_map(|(left, receiver)| Some((left.as_ref()?.disagreement_sigma?, receiver)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((sigma, receiver)) = worst.filter(|(sigma, _)| *sigma > DISAGREES_SIGMA) {
        warnings.push(format!(
            "{} disagrees with the others: its lags are {sigma:.0} σ from what they predict. Check its position and clock, or switch it off.",
            receiver.name
        ));
    }
}

/// Says of recordings whose lags could not be used why that is.
fn untimed_reasons(
    fix: &mut heimdall_localize::Fix,
    scene: &Scene,
    receivers: &[SceneReceiver],
    plan: Option<&Plan>,
    evidence: &Evidence,
) {
    let sentences = receivers.iter().filter(|receiver| !receiver.switched_off).flat_map(|receiver| {
        let entry = receiver.recording.and_then(|recording| scene.recordings.get(recording));
        let clock = entry.filter(|entry| unusable(entry).is_none()).and_then(|entry| why_not_timed(entry, plan));
        let mut why: Vec<String> = receiver.why_not.iter().cloned().chain(clock).collect();
        why.dedup();
        why.into_iter().map(|why| format!("{}: {why}", receiver.name))
    });
    let sentences: Vec<String> = sentences.filter(|_| !scene.recordings.is_empty()).collect();
    if evidence.pairs.is_empty() && fix.verdict != Verdict::Located {
        fix.reasons.extend(sentences.into_iter().take(8));
    } else {
        fix.warnings.extend(sentences.into_iter().take(8));
    }
}

fn receiver_report(
    receiver: &SceneReceiver,
    level: Option<SceneLevel>,
    left_out: Option<LeftOut>,
    occlusion: Option<OcclusionReport>,
    used: bool,
) -> ReceiverReport {
    ReceiverReport {
        name: receiver.name.clone(),
        position: receiver.position.clone(),
        used,
        why_not: receiver.why_not.clone(),
        level: level.map(|l| LevelReport { level_db: l.level_db, calibrated: l.calibrated, sigma_db: l.sigma_db }),
        bearing_deg: receiver.bearing.map(|(bearing, _)| bearing),
        bearing_sigma_deg: receiver.bearing.map(|(_, sigma)| sigma),
        leave_one_out: left_out.map(|l| LeaveOneOut {
            mean: l.mean,
            moved_m: l.moved_m,
            disagreement_sigma: l.disagreement_sigma,
        }),
        occlusion,
    }
}

fn pair_reports(
    geodesy: &Geodesy,
    evidence: &Evidence,
    pairs: &[(usize, usize, f64, PairCorrelation)],
    timed: &[Timed],
    receivers: &[SceneReceiver],
    fix: &heimdall_localize::Fix,
    clock_sigma_s: &[f64],
) -> Vec<PairReport> {
    let reach_m = 2.0 * fix.searched_radius_m;
    evidence
        .pairs
        .iter()
        .zip(pairs)
        .filter_map(|(lags, (i, j, max_lag_s, correlation))| {
            let (a, b) = (timed.get(*i)?, timed.get(*j)?);
            let name = |timed: &Timed| receivers.get(timed.receiver).map(|receiver| receiver.name.clone());
            let best = lags.evidence.components.first()?;
            let bias = std::f64::consts::SQRT_2 * evidence.bias_sigma_s;
            let clocks = pair_clock_sigma_s(clock_sigma_s, *i, *j);
            let predicted_s = fix.mean.map(|mean| {
                (geodesy.distance_m(a.position, mean) - geodesy.distance_m(b.position, mean)) / SPEED_OF_LIGHT_M_PER_S
            });
            Some(PairReport {
                receivers: [name(a)?, name(b)?],
                lag_s: best.lag_s,
                sigma_s: best.sigma_s.hypot(bias),
                thermal_sigma_s: lags.evidence.thermal_sigma_s,
                scatter_sigma_s: (lags.evidence.scatter_sigma_s.powi(2) - clocks * clocks).max(0.0).sqrt(),
                clock_sigma_s: clocks,
                bias_sigma_s: bias,
                residual_s: predicted_s.map(|predicted| best.lag_s - predicted),
                peak: correlation.peak,
                detection: lags.evidence.detection,
                components: lags.evidence.components.clone(),
                max_lag_s: *max_lag_s,
                curve: Curve {
                    start_s: correlation.curve_start_s,
                    step_s: correlation.curve_step_s,
                    values: correlation.curve.clone(),
                },
                hyperbola: vec![hyperbola(geodesy, a.position, b.position, best.lag_s, reach_m)],
            })
        })
        .collect()
}
