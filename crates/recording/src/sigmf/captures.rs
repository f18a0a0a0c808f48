//! The `captures` array: stretches of samples with a start time and a frequency.

use serde_json::Value;

use super::meta::{Meta, geolocation, natural};
use crate::bytes::Bytes;
use crate::time_text::{fraction_digits, rfc3339_ns};
use crate::{Layout, Position, TimeGrade};

/// Captures that are looked at.
const MAX_CAPTURES: usize = 100_000;
/// A computer's clock may jump by this much from capture to capture without a break, ns.
const NTP_JUMP_NS: u64 = 10_000_000;

/// Samples without a break.
pub(super) struct Segment {
    pub(super) layout: Layout,
    pub(super) frequency_hz: Option<f64>,
    pub(super) start_ns: Option<i64>,
    pub(super) fraction_digits: usize,
    pub(super) position: Option<Position>,
    pub(super) notices: Vec<String>,
}

struct Capture {
    sample_start: u64,
    /// Header bytes before this capture's samples.
    header_bytes: u64,
    global_index: Option<u64>,
    frequency_hz: Option<f64>,
    start_ns: Option<i64>,
    fraction_digits: usize,
    position: Option<Position>,
}

impl Capture {
    fn read(value: &Value) -> Self {
        let count = |key: &str| value.get(key).and_then(natural);
        let datetime = value.get("core:datetime").and_then(Value::as_str);
        Self {
            sample_start: count("core:sample_start").unwrap_or(0),
            header_bytes: count("core:header_bytes").unwrap_or(0),
            global_index: count("core:global_index"),
            frequency_hz: value.get("core:frequency").and_then(Value::as_f64),
            start_ns: datetime.and_then(rfc3339_ns),
            fraction_digits: datetime.map_or(0, fraction_digits),
            position: value.get("core:geolocation").and_then(geolocation),
        }
    }

    /// True where this capture goes on from `before` in index, time and frequency.
    fn continues(&self, before: &Self, meta: &Meta) -> bool {
        let samples = self.sample_start.saturating_sub(before.sample_start);
        let index = match (before.global_index, self.global_index) {
            (Some(before), Some(this)) => before.checked_add(samples) == Some(this),
            _ => true,
        };
        let disciplined = matches!(meta.grade, Some(TimeGrade::Gnss | TimeGrade::Reference));
        let time = match (before.start_ns, self.start_ns, meta.sample_rate_hz) {
            (Some(before), Some(this), Some(rate_hz)) => {
                let expected_ns = (samples as f64 / rate_hz * 1e9) as i64;
                let sample_ns = (1e9 / rate_hz) as u64;
                let allowed_ns = if disciplined { sample_ns } else { NTP_JUMP_NS };
                before.saturating_add(expected_ns).abs_diff(this) <= allowed_ns
            }
            _ => true,
        };
        let frequency = self.frequency_hz.is_none() || self.frequency_hz == before.frequency_hz;
        let place = self.position.is_none() || self.position == before.position;
        index && time && frequency && place && self.header_bytes == 0
    }
}

/// Segments in the order of the file, with the bytes that are there.
pub(super) fn segments(meta: &Meta, data: &Bytes, numbers: u32) -> Vec<Segment> {
    let mut captures: Vec<Capture> = meta.captures.iter().take(MAX_CAPTURES).map(Capture::read).collect();
    captures.sort_by_key(|capture| capture.sample_start);
    if captures.is_empty() {
        captures.push(Capture::read(&Value::Null));
    }
    let starts: Vec<usize> = (0..captures.len())
        .filter(|at| match (at.checked_sub(1).and_then(|b| captures.get(b)), captures.get(*at)) {
            (Some(before), Some(this)) => !this.continues(before, meta),
            _ => true,
        })
        .collect();
    let end = data.len().saturating_sub(meta.trailing_bytes);
    let frame_bytes = meta.datatype.coding.bytes().saturating_mul(u64::from(numbers)).max(1);
    let mut header_bytes = 0_u64;
    let mut segments = Vec::new();
    for (number, start) in starts.iter().enumerate() {
        let Some(capture) = captures.get(*start) else {
            continue;
        };
        header_bytes = header_bytes.saturating_add(capture.header_bytes);
        // core:offset: sample_start counts from the start of a longer original.
        let frames = capture.sample_start.saturating_sub(meta.offset);
        let offset = frames.saturating_mul(frame_bytes).saturating_add(header_bytes);
        let left = end.saturating_sub(offset);
        let next = starts.get(number + 1).and_then(|next| captures.get(*next));
        let wanted =
            next.map(|next| next.sample_start.saturating_sub(capture.sample_start).saturating_mul(frame_bytes));
        let length = wanted.unwrap_or(left).min(left);
        if length < frame_bytes && starts.len() > 1 {
            continue;
        }
        let mut notices = Vec::new();
        let rest = length % frame_bytes;
        if rest > 0 {
            notices.push(format!("Truncated: {rest} bytes at the end are no whole sample"));
        }
        segments.push(Segment {
            layout: Layout::contiguous(offset, length, meta.datatype.coding, numbers),
            frequency_hz: capture.frequency_hz,
            start_ns: capture.start_ns,
            fraction_digits: capture.fraction_digits,
            position: capture.position,
            notices,
        });
    }
    if segments.is_empty() {
        let layout = Layout::contiguous(0, 0, meta.datatype.coding, numbers);
        segments.push(Segment {
            layout,
            frequency_hz: None,
            start_ns: None,
            fraction_digits: 0,
            position: None,
            notices: Vec::new(),
        });
    }
    segments
}
