//! One recording's share of the plan: the band on the common grid, its level and noise.

use std::ops::ControlFlow;

use heimdall_features::{ChannelSettings, Channeliser, band_level, reclock};
use heimdall_recording::ByteSource;
use num_complex::Complex32;

use crate::band::center_hz;
use crate::plan::is_synchronised;
use crate::{Channel, ChannelFacts, Error, Plan, SceneRecording};

const BLOCK: usize = 1 << 16;
/// Samples that moving onto another clock loses at either end.
const RECLOCK_EDGE: f64 = 17.0;

/// Takes the plan's band and time out of a recording; memory is the channel and one block.
///
/// # Errors
/// [`Error::Missing`] without a sample rate, [`Error::Recording`] where samples cannot be read,
/// [`Error::Stopped`] where `progress` (which gets the share done) breaks.
pub fn extract(
    entry: &SceneRecording,
    source: &dyn ByteSource,
    plan: &Plan,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Channel, Error> {
    let recording = &entry.recording;
    let rate = recording.sample_rate_hz.as_ref();
    let input_rate_hz =
        rate.ok_or_else(|| Error::Missing { fact: "The sample rate", name: recording.name.clone() })?.value;
    let fit = recording.clock_fit.unwrap_or_default();
    let start = recording.start_time_unix_ns.as_ref().filter(|_| is_synchronised(entry));
    // Exact in integers: the difference of two times of the day fits a double to the nanosecond.
    let first_s = start.map_or(plan.offset_s, |start| (plan.start_unix_ns - start.value) as f64 * 1e-9);
    let mut channeliser = Channeliser::new(ChannelSettings {
        input_rate_hz,
        offset_hz: plan.band.center_hz - center_hz(entry) + fit.frequency_offset_hz,
        bandwidth_hz: plan.band.bandwidth_hz,
        output_rate_hz: plan.rate_hz,
        first_position: first_s * input_rate_hz,
        output_len: plan.samples,
    });
    let (wanted_first, wanted_last) = channeliser.input_range();
    let count = i64::try_from(recording.sample_count).unwrap_or(i64::MAX);
    let tuned = |second: f64| ((second * input_rate_hz) as i64).clamp(0, count);
    let [tuned_first, tuned_last] = fit.tuned_s.map_or([0, count], |tuned_s| tuned_s.map(tuned));
    let first = wanted_first.clamp(tuned_first, tuned_last.max(tuned_first));
    let last = wanted_last.clamp(first, tuned_last.max(first));
    channeliser.start_at(first);
    let stored = recording.samples(source);
    let mut block = vec![Complex32::default(); BLOCK];
    let mut position = first;
    let (mut clipped, mut non_finite) = (0, 0);
    while position < last {
        let len = usize::try_from(last - position).unwrap_or(BLOCK).min(BLOCK);
        let buffer = block.get_mut(..len).unwrap_or(&mut []);
        let outcome = stored.read(position as u64, buffer)?;
        if outcome.samples == 0 {
            break;
        }
        clipped += outcome.clipped;
        non_finite += outcome.non_finite;
        channeliser.push(buffer.get(..outcome.samples).unwrap_or(&[]));
        position += outcome.samples as i64;
        if progress((position - first) as f32 / (last - first).max(1) as f32).is_break() {
            return Err(Error::Stopped);
        }
    }
    let mut samples = channeliser.finish();
    let grid = |input: i64| (input as f64 / input_rate_hz - first_s) * plan.rate_hz;
    let mut edge = 24.0 * (plan.rate_hz / input_rate_hz).max(1.0);
    if fit.rate_drift_per_s != 0.0 || fit.frequency_drift_hz_per_s != 0.0 {
        // The channeliser knows constant rates; what changes within the recording is small and is undone here.
        let since_start_s = |n: usize| first_s + n as f64 / plan.rate_hz;
        let position = |n: usize| n as f64 - 0.5 * fit.rate_drift_per_s * since_start_s(n).powi(2) * plan.rate_hz;
        let turns = |n: usize| 0.5 * fit.frequency_drift_hz_per_s * since_start_s(n).powi(2);
        samples = reclock(&samples, samples.len(), position, turns);
        edge += RECLOCK_EDGE;
    }
    let present_from = (grid(tuned_first) + edge).max(0.0).ceil().min(plan.samples as f64) as usize;
    let present_to = (grid(position) - edge).clamp(present_from as f64, plan.samples as f64) as usize;
    let present = present_from..present_to;
    let level = band_level(samples.get(present.clone()).unwrap_or(&[]), plan.rate_hz, plan.band.bandwidth_hz);
    let mut notices = Vec::new();
    let read = (position - first).max(1) as f64;
    if clipped as f64 / read > 1e-3 {
        notices.push(format!(
            "{:.1} % of its samples are clipped: the level is too low and the lags less certain.",
            100.0 * clipped as f64 / read
        ));
    }
    if non_finite > 0 {
        notices.push(format!("{non_finite} samples are not numbers; they count as zero."));
    }
    Ok(Channel {
        facts: ChannelFacts {
            id: entry.id.clone(),
            plan: plan.clone(),
            power_dbfs: decibels(level.power),
            noise_dbfs: decibels(level.noise),
            snr_db: decibels(level.snr()),
            present,
            notices,
        },
        samples,
    })
}

fn decibels(power: f64) -> f64 {
    10.0 * power.max(1e-20).log10()
}
