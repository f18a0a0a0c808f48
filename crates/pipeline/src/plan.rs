//! Which band and which time every recording gives.

use heimdall_recording::TimeGrade;

use crate::band::{choose, span_hz};
use crate::receivers::{SceneReceiver, receivers};
use crate::{Clocks, Plan, Scene, SceneRecording, TimeWindow};

/// Grid rate over bandwidth: room for the resampler's slope.
const OVERSAMPLING: f64 = 1.28;
/// More is not read unless a window is chosen.
const MOST_SECONDS: f64 = 60.0;
/// Grid samples per recording that fit a worker.
const MOST_SAMPLES: f64 = 3e6;
/// Product of band and time over that with switched-off receivers, from which on these are left out: 5 % of a lag's σ.
const WORTH_ANOTHER_GRID: f64 = 1.1;
/// Less than this in common is no overlap.
const LEAST_SECONDS: f64 = 0.02;

/// Chooses band and time window for the scene; `None` where no recording can take part.
///
/// Receivers that are switched off count as long as they cost the others next to nothing, so that the grid stays
/// and switching is cheap. Where they cost more (a short recording, a narrow one, another band) they do not count.
pub fn plan(scene: &Scene) -> Option<Plan> {
    let receivers = receivers(scene);
    let usable = |off_too: bool| -> Vec<&SceneRecording> {
        let counted =
            receivers.iter().filter(|receiver| receiver.why_not.is_none() && (off_too || !receiver.switched_off));
        counted.filter_map(|receiver| scene.recordings.get(receiver.recording?)).collect()
    };
    let (of_all, of_used) = (plan_for(scene, &usable(true)), plan_for(scene, &usable(false)));
    let (Some(all), Some(used)) = (&of_all, &of_used) else { return of_used.or(of_all) };
    let keeps_all = used.recordings.iter().all(|id| all.recordings.contains(id));
    let evidence = |plan: &Plan| plan.band.bandwidth_hz * plan.samples as f64 / plan.rate_hz;
    if keeps_all && evidence(used) <= evidence(all) * WORTH_ANOTHER_GRID { of_all } else { of_used }
}

fn plan_for(scene: &Scene, usable: &[&SceneRecording]) -> Option<Plan> {
    let sharing = same_band(usable);
    let band = scene.settings.band.or_else(|| choose(&sharing, scene.clocks.as_ref().and_then(Clocks::avoided_hz)))?;
    let rate_hz = band.bandwidth_hz * OVERSAMPLING;
    if !(rate_hz.is_finite() && rate_hz > 0.0) {
        return None;
    }
    let (start_unix_ns, common_s) = common_time(&sharing);
    let longest_s = sharing.iter().filter_map(|entry| duration_s(entry)).fold(0.0, f64::max);
    let available_s = if common_s > 0.0 { common_s } else { longest_s };
    let numbers = |window: &TimeWindow| window.start_s.is_finite() && window.duration_s.is_finite();
    let (offset_s, wanted_s) = match scene.settings.window.filter(numbers) {
        Some(window) => (window.start_s.clamp(0.0, available_s), window.duration_s),
        None => (0.0, MOST_SECONDS),
    };
    let seconds = wanted_s.min(available_s - offset_s).min(MOST_SAMPLES / rate_hz);
    let samples = (seconds * rate_hz).floor();
    if samples.is_nan() || samples < 64.0 {
        return None;
    }
    Some(Plan {
        band,
        rate_hz,
        start_unix_ns: start_unix_ns + (offset_s * 1e9).round() as i64,
        offset_s,
        samples: samples as usize,
        recordings: sharing.iter().map(|entry| entry.id.clone()).collect(),
    })
}

/// True where the recording's clock can be compared with others' to well under a microsecond.
pub(crate) fn is_synchronised(entry: &SceneRecording) -> bool {
    matches!(entry.recording.time_grade, TimeGrade::Gnss | TimeGrade::Reference)
        && entry.recording.start_time_unix_ns.is_some()
}

/// The largest set of recordings that overlap in frequency; the others record something else.
fn same_band<'a>(usable: &[&'a SceneRecording]) -> Vec<&'a SceneRecording> {
    let overlapping = |seed: &SceneRecording| -> Vec<&'a SceneRecording> {
        let Some((low, high)) = span_hz(seed) else { return Vec::new() };
        let middle = (low + high) / 2.0;
        let holds = |entry: &&&SceneRecording| span_hz(entry).is_some_and(|(low, high)| low < middle && middle < high);
        usable.iter().filter(holds).copied().collect()
    };
    let sets = usable.iter().map(|seed| overlapping(seed));
    sets.fold(Vec::new(), |best, set| if set.len() > best.len() { set } else { best })
}

/// Start and length of the time that the largest group of synchronised recordings shares.
fn common_time(recordings: &[&SceneRecording]) -> (i64, f64) {
    let spans: Vec<(i64, i64)> =
        recordings.iter().filter(|entry| is_synchronised(entry)).filter_map(|e| span_ns(e)).collect();
    let covered = |instant: i64| spans.iter().filter(|(start, end)| *start <= instant && instant < *end).count();
    let start = spans.iter().map(|span| span.0).max_by_key(|start| (covered(*start), -*start)).unwrap_or(0);
    let end = spans.iter().filter(|span| span.0 <= start && start < span.1).map(|span| span.1).min().unwrap_or(start);
    let seconds = (end - start) as f64 * 1e-9;
    if covered(start) >= 2 && seconds >= LEAST_SECONDS { (start, seconds) } else { (start, 0.0) }
}

fn duration_s(entry: &SceneRecording) -> Option<f64> {
    Some(entry.recording.sample_count as f64 / entry.recording.sample_rate_hz.as_ref()?.value)
}

/// When a recording holds what it is tuned to.
fn span_ns(entry: &SceneRecording) -> Option<(i64, i64)> {
    let start = entry.recording.start_time_unix_ns.as_ref()?.value;
    let whole_s = [0.0, duration_s(entry)?];
    let [from_s, to_s] = entry.recording.clock_fit.and_then(|fit| fit.tuned_s).unwrap_or(whole_s);
    Some((start.checked_add((from_s * 1e9) as i64)?, start.checked_add((to_s * 1e9) as i64)?))
}

/// Why a usable recording gives no lag under a plan.
pub(crate) fn why_not_timed(entry: &SceneRecording, plan: Option<&Plan>) -> Option<String> {
    if !is_synchronised(entry) {
        return Some(format!("No time differences from it: {}", entry.recording.time_reason));
    }
    let plan = plan?;
    if !plan.recordings.contains(&entry.id) {
        return Some("It records another band than the others.".into());
    }
    let (start, end) = span_ns(entry)?;
    let plan_end = plan.start_unix_ns + (plan.samples as f64 / plan.rate_hz * 1e9) as i64;
    (end <= plan.start_unix_ns || start >= plan_end).then(|| "It was recorded at another time than the others.".into())
}

/// Receivers that a plan gives a channel to.
pub(crate) fn takes_part(receiver: &SceneReceiver) -> bool {
    receiver.why_not.is_none() && !receiver.switched_off && receiver.position.is_some()
}
