//! One recording's share of a network's plan.

use std::ops::ControlFlow;

use heimdall_features::{ChannelSettings, Channeliser};
use heimdall_recording::ByteSource;
use num_complex::Complex32;
use serde::{Deserialize, Serialize};

use crate::band::center_hz;
use crate::network::NetworkPlan;
use crate::plan::is_synchronised;
use crate::{Error, SceneRecording};

/// Share of the model's rate that is kept flat where a recording is decimated.
const FLAT_SHARE: f64 = 0.94;
const SAME_RATE: f64 = 1e-3;
const BLOCK: usize = 1 << 16;

/// Samples of one receiver for a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// What they are.
    pub facts: HeardFacts,
    /// Complex baseband, full scale 1.
    pub samples: Vec<Complex32>,
}

/// What a network's samples are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeardFacts {
    /// Recording.
    pub id: String,
    /// Plan that they answer.
    pub plan: NetworkPlan,
    /// True rate.
    pub sample_rate_hz: f64,
    /// Time of the first after the plan's time 0, seconds.
    pub start_s: f64,
}

/// Takes what a network is to hear out of a recording.
///
/// # Errors
/// [`Error::Missing`] without a sample rate, [`Error::Recording`] where samples cannot be read, [`Error::Stopped`] where
/// `progress` (which gets the share done) breaks.
pub fn listen(
    entry: &SceneRecording,
    source: &dyn ByteSource,
    plan: &NetworkPlan,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
) -> Result<Heard, Error> {
    let recording = &entry.recording;
    let missing = || Error::Missing { fact: "The sample rate", name: recording.name.clone() };
    let rate_hz = recording.sample_rate_hz.as_ref().ok_or_else(missing)?.value;
    let start = recording.start_time_unix_ns.as_ref().filter(|_| is_synchronised(entry));
    let first_s = start.map_or(plan.offset_s, |start| (plan.start_unix_ns - start.value) as f64 * 1e-9);
    let offset_hz = plan.center_hz - center_hz(entry);
    let whole = offset_hz == 0.0 && (rate_hz / plan.rate_hz - 1.0).abs() <= SAME_RATE;
    let count = i64::try_from(recording.sample_count).unwrap_or(i64::MAX);
    let facts =
        |sample_rate_hz, start_s| HeardFacts { id: entry.id.clone(), plan: plan.clone(), sample_rate_hz, start_s };
    if whole {
        // The samples as they are: resampling would change the edges of the band, which training has seen.
        let first = ((first_s * rate_hz).floor() as i64).clamp(0, count);
        let last = ((first_s + plan.duration_s) * rate_hz).ceil().min(count as f64) as i64;
        let mut samples = Vec::new();
        read(entry, source, first..last, progress, &mut |block| samples.extend_from_slice(block))?;
        return Ok(Heard { facts: facts(rate_hz, first as f64 / rate_hz - first_s), samples });
    }
    let mut channeliser = Channeliser::new(ChannelSettings {
        input_rate_hz: rate_hz,
        offset_hz,
        bandwidth_hz: FLAT_SHARE * plan.rate_hz,
        output_rate_hz: plan.rate_hz,
        first_position: first_s * rate_hz,
        output_len: (plan.duration_s * plan.rate_hz).floor() as usize,
    });
    let (first, last) = channeliser.input_range();
    let range = first.clamp(0, count)..last.clamp(0, count);
    channeliser.start_at(range.start);
    read(entry, source, range, progress, &mut |block| channeliser.push(block))?;
    Ok(Heard { facts: facts(plan.rate_hz, 0.0), samples: channeliser.finish() })
}

/// Reads a stretch of samples, block by block.
fn read(
    entry: &SceneRecording,
    source: &dyn ByteSource,
    range: std::ops::Range<i64>,
    progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
    take: &mut dyn FnMut(&[Complex32]),
) -> Result<(), Error> {
    let stored = entry.recording.samples(source);
    let mut block = vec![Complex32::default(); BLOCK];
    let mut position = range.start;
    while position < range.end {
        let len = usize::try_from(range.end - position).unwrap_or(BLOCK).min(BLOCK);
        let buffer = block.get_mut(..len).unwrap_or(&mut []);
        let read = stored.read(position as u64, buffer)?.samples;
        if read == 0 {
            break;
        }
        take(buffer.get(..read).unwrap_or(&[]));
        position += read as i64;
        if progress((position - range.start) as f32 / (range.end - range.start).max(1) as f32).is_break() {
            return Err(Error::Stopped);
        }
    }
    Ok(())
}
