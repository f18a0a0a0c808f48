//! KiwiSDR's IQ WAV: blocks of 512 samples, each behind a `kiwi` chunk with a GNSS time stamp
//! (hcab14/TDoA, `read_kiwi_iq_wav.cc`; Beagle_SDR_GPS, `rx_sound.cpp`).

use super::blocks::{Block, Blocks, NEVER};
use super::fmt::Format;
use crate::bytes::{Bytes, Fields};
use crate::draft::{Clock, Draft};
use crate::filename::NameFacts;
use crate::gps_time::{NS_PER_S, WEEK_S, utc_of_unknown_week, utc_of_week_time};
use crate::stamps::{self, Line, Stamp};
use crate::{Error, Fact, Layout, Origin, TimeGrade};

/// Seconds after which the oscillator has drifted too far from its last fix.
const STALE_S: u8 = 60;

/// Opens a file whose first `kiwi` chunk is at `first`.
pub(super) fn open(bytes: &Bytes, named: &NameFacts, format: Format, first: u64) -> Result<Draft, Error> {
    let frame_bytes = format.coding.bytes().saturating_mul(u64::from(format.channels)).max(1);
    let file = Blocks { bytes, first, frame_bytes };
    let found = file.find()?;
    let mut layout = Layout::contiguous(0, 0, format.coding, format.channels);
    layout.runs = found.runs;
    let mut draft = Draft::new(bytes.name, "KiwiSDR WAV", layout);
    draft.sample_rate_hz = Some(Fact::new(format.rate_hz, Origin::Header));
    draft.notices = found.notices;
    draft.notices.extend(missing(bytes)?);
    if draft.layout.q_channel.is_none() {
        draft.ask_iq = true;
        draft.notices.push("One channel only: record in IQ mode".into());
    }
    add_clock(&mut draft, &file, &found.blocks, format.rate_hz, named);
    Ok(draft)
}

/// A sentence where the file is shorter than its RIFF header says; 0 and all ones stand for a length that is not
/// known, as while recording.
fn missing(bytes: &Bytes) -> Result<Option<String>, Error> {
    let declared = bytes.array::<4>(4, "the RIFF header")?.u32_at(0);
    let missing = u64::from(declared).saturating_add(8).saturating_sub(bytes.len());
    let known = declared != 0 && declared != u32::MAX;
    Ok((known && missing > 0).then(|| format!("Truncated: {missing} bytes of samples are missing at the end")))
}

/// Grades the clock and puts rate, start and usable samples into the draft.
fn add_clock(draft: &mut Draft, file: &Blocks, blocks: &[Block], header_rate_hz: f64, named: &NameFacts) {
    if blocks.iter().all(|block| block.age_s == NEVER || block.stamp.is_none()) {
        let reason = "The receiver's clock never had a satellite fix, so its time cannot be used";
        draft.clock = Some(Clock { grade: TimeGrade::None, reason: reason.into(), ask: false });
        return;
    }
    let good = |block: &&Block| block.age_s <= STALE_S;
    let fixed = |block: &&Block| block.age_s != NEVER;
    let fresh: Vec<Stamp> = blocks.iter().filter(good).filter_map(|b| b.stamp).collect();
    let stale = fresh.len() * 2 < blocks.iter().filter(|block| block.stamp.is_some()).count();
    let stamps = match stale {
        true => blocks.iter().filter(fixed).filter_map(|b| b.stamp).collect(),
        false => fresh,
    };
    let Some(mut line) = stamps::fit(&unwrapped(&stamps), header_rate_hz) else {
        let reason = "The time stamps in the file do not lie on a line, so its time cannot be used";
        draft.clock = Some(Clock::new(TimeGrade::None, reason));
        return;
    };
    if let Some(run) = draft.layout.runs.first() {
        file.widen(*run, &mut line);
    }
    cut(draft, &line, header_rate_hz);
    let near_ns = named.start_time_unix_ns;
    let start = match near_ns {
        Some(near_ns) => utc_of_week_time(line.first_time_ns, near_ns),
        None => utc_of_unknown_week(line.first_time_ns),
    };
    let origin = if near_ns.is_some() { Origin::Stamps } else { Origin::Assumed };
    if near_ns.is_none() {
        draft.notices.push(
            "The file name has no date, so the week of the time stamps is not known; \
             only recordings of one week can be compared"
                .into(),
        );
    }
    if let (Some(near), Some(start)) = (near_ns, start)
        && near.abs_diff(start) > 3600 * NS_PER_S.unsigned_abs()
    {
        let hours = near.abs_diff(start) / (3600 * NS_PER_S.unsigned_abs());
        draft.notices.push(format!("File name and time stamps are {hours} hours apart"));
    }
    draft.start_time_unix_ns = start.map(|start| Fact::new(start, origin));
    draft.sample_rate_hz = Some(Fact::new(line.rate_hz, Origin::Stamps));
    draft.time_sigma_s = Some(line.sigma_s);
    draft.clock = Some(grade(&line, blocks, stale));
}

fn grade(line: &Line, blocks: &[Block], stale: bool) -> Clock {
    if stale {
        let oldest = blocks.iter().map(|b| b.age_s).filter(|age| *age != NEVER).max();
        let oldest = oldest.unwrap_or(NEVER);
        let reason = format!("The last satellite fix was up to {oldest} s old; the clock drifts");
        return Clock::new(TimeGrade::Ntp, reason);
    }
    let (used, seen, sigma_us) = (line.used, line.seen, line.sigma_s * 1e6);
    let reason = format!("{used} of {seen} satellite time stamps on one line within {sigma_us:.2} µs");
    Clock::new(TimeGrade::Gnss, reason)
}

/// Keeps the samples that the line covers and says what is left out.
fn cut(draft: &mut Draft, line: &Line, header_rate_hz: f64) {
    let total = draft.layout.sample_count();
    let first_run = draft.layout.runs.first();
    let per_block = first_run.map_or(1, |run| draft.layout.frames_per_block(run));
    let end = line.last.saturating_add(per_block);
    // The last block may be cut short: it belongs to the block before it.
    let end = if end.saturating_add(per_block) > total { total } else { end };
    draft.layout.keep_blocks(line.first, end.saturating_sub(line.first));
    let seconds = |samples: u64| samples as f64 / header_rate_hz;
    if line.first > 0 {
        let left_out = seconds(line.first);
        draft.notices.push(format!("The first {left_out:.2} s have no usable time stamp and are left out"));
    }
    if end < total {
        let left_out = seconds(total - end);
        draft.notices.push(format!("The last {left_out:.2} s do not fit the time stamps; left out"));
    }
    if line.gap {
        draft.notices.push("Samples were lost while recording; the longest whole part is used".into());
    }
}

/// Times of week without the step at the end of the week, around the middle stamp.
fn unwrapped(stamps: &[Stamp]) -> Vec<Stamp> {
    const WEEK_NS: i64 = WEEK_S * NS_PER_S;
    let middle_ns = stamps.get(stamps.len() / 2).map_or(0, |stamp| stamp.time_ns);
    let around = |time_ns: i64| {
        let apart = (time_ns - middle_ns + WEEK_NS / 2).rem_euclid(WEEK_NS) - WEEK_NS / 2;
        middle_ns + apart
    };
    stamps.iter().map(|stamp| Stamp { time_ns: around(stamp.time_ns), ..*stamp }).collect()
}
