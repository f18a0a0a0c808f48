//! SDRangel's .sdriq: a header of 32 bytes, then I and Q in turn (SDRangel, `filerecord.h`).

use crate::bytes::{Bytes, Fields};
use crate::draft::{Clock, Draft};
use crate::gps_time::NS_PER_S;
use crate::{Error, Fact, Layout, Origin, SampleCoding, TimeGrade};

const HEADER_BYTES: u64 = 32;
/// Times after the year 5138 in seconds are milliseconds: newer versions write those.
const MAX_SECONDS: u64 = 100_000_000_000;

/// True where the first 32 bytes are such a header: its checksum is right.
pub(crate) fn is_header(start: &[u8]) -> bool {
    let header = start.get(..28).unwrap_or_default();
    let bits = start.u32_at(20);
    header.len() == 28 && matches!(bits, 16 | 24) && crc32fast::hash(header) == start.u32_at(28)
}

/// Opens a file that begins with the header.
pub(crate) fn open(bytes: &Bytes) -> Result<Draft, Error> {
    let header: [u8; 32] = bytes.array(0, "the header")?;
    // 24-bit samples lie in 32-bit integers, not shifted.
    let (coding, gain) = match header.u32_at(20) {
        24 => (SampleCoding::I32, 256.0),
        _ => (SampleCoding::I16, 1.0),
    };
    let length = bytes.len().saturating_sub(HEADER_BYTES);
    let mut layout = Layout::contiguous(HEADER_BYTES, length, coding, 2);
    layout.gain = gain;
    let mut draft = Draft::new(bytes.name, "SDRangel", layout);
    let rate_hz = f64::from(header.u32_at(0));
    draft.sample_rate_hz = Some(Fact::new(rate_hz, Origin::Header));
    draft.center_frequency_hz = Some(Fact::new(header.u64_at(4) as f64, Origin::Header));
    let time = header.u64_at(12);
    let unit_ns = if time < MAX_SECONDS { NS_PER_S } else { 1_000_000 };
    let start = i64::try_from(time).ok().and_then(|time| time.checked_mul(unit_ns));
    if let Some(start) = start.filter(|start| *start > 0) {
        draft.start_time_unix_ns = Some(Fact::new(start, Origin::Header));
        let reason = "The header's time is a computer's clock";
        draft.clock = Some(Clock::new(TimeGrade::Ntp, reason));
    }
    Ok(draft)
}
