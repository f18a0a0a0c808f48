//! KiwiSDR's IQ WAV: blocks of 512 samples, each behind a `kiwi` chunk with a GNSS time stamp
//! (hcab14/TDoA, `read_kiwi_iq_wav.cc`; Beagle_SDR_GPS, `rx_sound.cpp`).

use super::fmt::Format;
use crate::bytes::{Bytes, Fields};
use crate::draft::{Clock, Draft};
use crate::filename::NameFacts;
use crate::gps_time::{NS_PER_S, WEEK_S, utc_of_unknown_week, utc_of_week_time};
use crate::layout::Run;
use crate::stamps::{self, Line, Stamp};
use crate::{Error, Fact, Layout, Origin, TimeGrade};

/// Bytes of a `kiwi` chunk (8 + 10) and of the `data` chunk's header behind it (8).
const HEADER_BYTES: u64 = 26;
/// Files of up to so many blocks are looked at block by block, bytes in pages.
const MAX_EVERY: u64 = 4096;
/// Blocks that are spread over a longer file; each is a read of its own.
const SPREAD: u64 = 1024;
/// Blocks at each end that are always read.
const ENDS: u64 = 16;
/// Blocks of an irregular file that are walked through.
const MAX_WALKED: usize = 16_384;
/// `last_gps_solution` of a clock that never had a fix.
const NEVER: u8 = 255;
/// Seconds after which the oscillator has drifted too far from its last fix.
const STALE_S: u8 = 60;

/// One block's header.
#[derive(Clone, Copy)]
struct Block {
    stamp: Option<Stamp>,
    /// Seconds since the last fix.
    age_s: u8,
    data_bytes: u64,
}

/// Opens a file whose first `kiwi` chunk is at `first`.
pub(super) fn open(
    bytes: &Bytes,
    named: &NameFacts,
    format: Format,
    first: u64,
) -> Result<Draft, Error> {
    let frame_bytes = format
        .coding
        .bytes()
        .saturating_mul(u64::from(format.channels))
        .max(1);
    let file = Blocks {
        bytes,
        first,
        frame_bytes,
    };
    let (runs, blocks, mut notices) = match file.regular()? {
        Some((run, tail)) => {
            let mut runs = vec![run];
            runs.extend(tail);
            match file.sample(run)? {
                Some(blocks) => (runs, blocks, Vec::new()),
                None => file.walk()?,
            }
        }
        None => file.walk()?,
    };
    let mut layout = Layout::contiguous(0, 0, format.coding, format.channels);
    layout.runs = runs;
    let mut draft = Draft::new(bytes.name, "KiwiSDR WAV", layout);
    draft.sample_rate_hz = Some(Fact::new(format.rate_hz, Origin::Header));
    draft.notices.append(&mut notices);
    if draft.layout.q_channel.is_none() {
        draft.ask_iq = true;
        draft
            .notices
            .push("One channel only: record in IQ mode".into());
    }
    add_clock(&mut draft, &file, &blocks, format.rate_hz, named);
    Ok(draft)
}

/// Grades the clock and puts rate, start and usable samples into the draft.
fn add_clock(
    draft: &mut Draft,
    file: &Blocks,
    blocks: &[Block],
    header_rate_hz: f64,
    named: &NameFacts,
) {
    if blocks
        .iter()
        .all(|block| block.age_s == NEVER || block.stamp.is_none())
    {
        let reason = "The receiver's clock never had a satellite fix, so its time cannot be used";
        draft.clock = Some(Clock {
            grade: TimeGrade::None,
            reason: reason.into(),
            ask: false,
        });
        return;
    }
    let good = |block: &&Block| block.age_s <= STALE_S;
    let fixed = |block: &&Block| block.age_s != NEVER;
    let fresh: Vec<Stamp> = blocks.iter().filter(good).filter_map(|b| b.stamp).collect();
    let stale = fresh.len() * 2 < blocks.iter().filter(|block| block.stamp.is_some()).count();
    let stamps = match stale {
        true => blocks
            .iter()
            .filter(fixed)
            .filter_map(|b| b.stamp)
            .collect(),
        false => fresh,
    };
    let Some(mut line) = stamps::fit(&unwrapped(&stamps), header_rate_hz) else {
        let reason = "The time stamps in the file do not lie on a line, so its time cannot be used";
        draft.clock = Some(Clock::new(TimeGrade::None, reason));
        return;
    };
    file.widen(draft, &mut line);
    cut(draft, &line, header_rate_hz);
    let near_ns = named.start_time_unix_ns;
    let start = match near_ns {
        Some(near_ns) => utc_of_week_time(line.first_time_ns, near_ns),
        None => utc_of_unknown_week(line.first_time_ns),
    };
    let origin = if near_ns.is_some() {
        Origin::Stamps
    } else {
        Origin::Assumed
    };
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
        draft
            .notices
            .push(format!("File name and time stamps are {hours} hours apart"));
    }
    draft.start_time_unix_ns = start.map(|start| Fact::new(start, origin));
    draft.sample_rate_hz = Some(Fact::new(line.rate_hz, Origin::Stamps));
    draft.time_sigma_s = Some(line.sigma_s);
    draft.clock = Some(grade(&line, blocks, stale));
}

fn grade(line: &Line, blocks: &[Block], stale: bool) -> Clock {
    if stale {
        let oldest = blocks
            .iter()
            .map(|b| b.age_s)
            .filter(|age| *age != NEVER)
            .max();
        let oldest = oldest.unwrap_or(NEVER);
        let reason = format!("The last satellite fix was up to {oldest} s old; the clock drifts");
        return Clock::new(TimeGrade::Ntp, reason);
    }
    let (used, seen, sigma_us) = (line.used, line.seen, line.sigma_s * 1e6);
    let reason =
        format!("{used} of {seen} satellite time stamps on one line within {sigma_us:.2} µs");
    Clock::new(TimeGrade::Gnss, reason)
}

/// Keeps the samples that the line covers and says what is left out.
fn cut(draft: &mut Draft, line: &Line, header_rate_hz: f64) {
    let total = draft.layout.sample_count();
    let first_run = draft.layout.runs.first();
    let per_block = first_run.map_or(1, |run| draft.layout.frames_per_block(run));
    let end = line.last.saturating_add(per_block);
    // The last block may be cut short: it belongs to the block before it.
    let end = if end.saturating_add(per_block) > total {
        total
    } else {
        end
    };
    draft
        .layout
        .keep_blocks(line.first, end.saturating_sub(line.first));
    let seconds = |samples: u64| samples as f64 / header_rate_hz;
    if line.first > 0 {
        let left_out = seconds(line.first);
        draft.notices.push(format!(
            "The first {left_out:.2} s have no usable time stamp and are left out"
        ));
    }
    if end < total {
        let left_out = seconds(total - end);
        draft.notices.push(format!(
            "The last {left_out:.2} s do not fit the time stamps; left out"
        ));
    }
    if line.gap {
        draft
            .notices
            .push("Samples were lost while recording; the longest whole part is used".into());
    }
}

/// Times of week without the step at the end of the week, around the middle stamp.
fn unwrapped(stamps: &[Stamp]) -> Vec<Stamp> {
    const WEEK_NS: i64 = WEEK_S * NS_PER_S;
    let middle_ns = stamps
        .get(stamps.len() / 2)
        .map_or(0, |stamp| stamp.time_ns);
    let around = |time_ns: i64| {
        let apart = (time_ns - middle_ns + WEEK_NS / 2).rem_euclid(WEEK_NS) - WEEK_NS / 2;
        middle_ns + apart
    };
    stamps
        .iter()
        .map(|stamp| Stamp {
            time_ns: around(stamp.time_ns),
            ..*stamp
        })
        .collect()
}

/// The blocks of a file.
struct Blocks<'a> {
    bytes: &'a Bytes<'a>,
    first: u64,
    frame_bytes: u64,
}

impl Blocks<'_> {
    /// Reads the header of a block at `offset` whose first sample is `sample`;
    /// `None` where there is no such header.
    fn header(&self, offset: u64, sample: u64) -> Result<Option<Block>, Error> {
        let head: [u8; HEADER_BYTES as usize] = self.bytes.array(offset, "a \"kiwi\" block")?;
        let is_block = head.starts_with(b"kiwi\x0a\0\0\0") && head.get(18..22) == Some(b"data");
        let (second, nanosecond) = (i64::from(head.u32_at(10)), i64::from(head.u32_at(14)));
        let known = second < WEEK_S && nanosecond < NS_PER_S && (second, nanosecond) != (0, 0);
        let stamp = known.then_some(Stamp {
            sample,
            time_ns: second * NS_PER_S + nanosecond,
        });
        let age_s = head.get(8).copied().unwrap_or(NEVER);
        let data_bytes = u64::from(head.u32_at(22));
        Ok(is_block.then_some(Block {
            stamp,
            age_s,
            data_bytes,
        }))
    }

    /// Regular blocks from the first header on, and a last block that is cut short.
    fn regular(&self) -> Result<Option<(Run, Option<Run>)>, Error> {
        let Some(first) = self.header(self.first, 0)? else {
            return Ok(None);
        };
        let block_bytes = first.data_bytes;
        if block_bytes == 0 || block_bytes % self.frame_bytes != 0 || block_bytes > 1 << 20 {
            return Ok(None);
        }
        let stride = HEADER_BYTES + block_bytes;
        let length = self.bytes.len().saturating_sub(self.first);
        let (block_count, rest) = (length / stride, length % stride);
        let offset = self.first + HEADER_BYTES;
        let tail_bytes = rest.saturating_sub(HEADER_BYTES) / self.frame_bytes * self.frame_bytes;
        let tail = (tail_bytes > 0).then(|| Run {
            offset: offset.saturating_add(block_count.saturating_mul(stride)),
            block_bytes: tail_bytes,
            stride: tail_bytes,
            block_count: 1,
        });
        let run = Run {
            offset,
            block_bytes,
            stride,
            block_count,
        };
        Ok((block_count > 0).then_some((run, tail)))
    }

    /// Distance in blocks of the headers that are read.
    fn step(run: Run) -> u64 {
        if run.block_count <= MAX_EVERY {
            1
        } else {
            run.block_count.div_ceil(SPREAD)
        }
    }

    /// Headers of a regular file: all, or of a long one both ends and equally spread ones;
    /// `None` where one is not where it should be.
    fn sample(&self, run: Run) -> Result<Option<Vec<Block>>, Error> {
        let step = usize::try_from(Self::step(run)).unwrap_or(usize::MAX);
        let (head, tail) = (
            ENDS.min(run.block_count),
            run.block_count.saturating_sub(ENDS),
        );
        let tail = tail.max(head);
        let mut blocks = Vec::new();
        for number in (0..head)
            .chain((head..tail).step_by(step))
            .chain(tail..run.block_count)
        {
            match self.block(run, number)? {
                Some(block) => blocks.push(block),
                None => return Ok(None),
            }
        }
        Ok(Some(blocks))
    }

    fn block(&self, run: Run, number: u64) -> Result<Option<Block>, Error> {
        let offset = self.first.saturating_add(number.saturating_mul(run.stride));
        let sample = number.saturating_mul(run.block_bytes / self.frame_bytes);
        let block = self.header(offset, sample)?;
        Ok(block.filter(|block| block.data_bytes == run.block_bytes))
    }

    /// In a long file not every block was read: finds the true ends of the line's run between the
    /// last stamps on it and the first ones off it.
    fn widen(&self, draft: &mut Draft, line: &mut Line) {
        let Some(run) = draft.layout.runs.first().copied() else {
            return;
        };
        if draft.layout.runs.len() > 2 || Self::step(run) == 1 {
            return;
        }
        let per_block = (run.block_bytes / self.frame_bytes).max(1);
        let step = Self::step(run);
        let reference = *line;
        let holds = |number: u64| {
            let block = self
                .block(run, number)
                .ok()
                .flatten()
                .and_then(|block| block.stamp);
            block.is_some_and(|stamp| unwrapped_to(&reference, &stamp))
        };
        let (first, last) = (line.first / per_block, line.last / per_block);
        let (mut outside, mut inside) = (first.saturating_sub(step), first);
        while inside.saturating_sub(outside) > 1 {
            let middle = outside + (inside - outside) / 2;
            if holds(middle) {
                inside = middle
            } else {
                outside = middle
            }
        }
        let moved = first - inside;
        line.first = inside * per_block;
        let moved_ns = (moved * per_block) as f64 * 1e9 / line.rate_hz;
        line.first_time_ns = line.first_time_ns.saturating_sub(moved_ns.round() as i64);
        let (mut inside, mut outside) = (last, last.saturating_add(step).min(run.block_count));
        while outside.saturating_sub(inside) > 1 {
            let middle = inside + (outside - inside) / 2;
            if holds(middle) {
                inside = middle
            } else {
                outside = middle
            }
        }
        line.last = inside * per_block;
    }

    /// Goes from chunk to chunk where the blocks are not regular.
    #[expect(
        clippy::type_complexity,
        reason = "the three things that a regular file gives too"
    )]
    fn walk(&self) -> Result<(Vec<Run>, Vec<Block>, Vec<String>), Error> {
        let (mut runs, mut blocks): (Vec<Run>, Vec<Block>) = (Vec::new(), Vec::new());
        let mut notices =
            vec!["The blocks of this file are not regular; each was looked at".into()];
        let (mut offset, mut sample) = (self.first, 0_u64);
        let mut pending: Option<[u8; 18]> = None;
        for _ in 0..2 * MAX_WALKED {
            let payload = offset.saturating_add(8);
            if payload > self.bytes.len() {
                return Ok((runs, blocks, notices));
            }
            let head: [u8; 8] = self.bytes.array(offset, "a chunk header")?;
            let size = u64::from(head.u32_at(4));
            let left = self.bytes.len() - payload;
            if head.starts_with(b"kiwi") && size == 10 && left >= 10 {
                pending = Some(self.bytes.array(offset, "a \"kiwi\" chunk")?);
            } else if head.starts_with(b"data") {
                let used = size.min(left) / self.frame_bytes * self.frame_bytes;
                let stamp = pending.take();
                blocks.push(walked(stamp.as_ref(), sample, used));
                push_block(&mut runs, payload, used);
                sample = sample.saturating_add(used / self.frame_bytes);
            } else if !head.iter().take(4).all(u8::is_ascii_graphic) {
                notices.push(format!(
                    "No chunk at byte {offset}; what follows is left out"
                ));
                return Ok((runs, blocks, notices));
            }
            offset = payload.saturating_add(size).saturating_add(size & 1);
        }
        notices.push(format!("Only the first {MAX_WALKED} blocks are used"));
        Ok((runs, blocks, notices))
    }
}

fn unwrapped_to(line: &Line, stamp: &Stamp) -> bool {
    const WEEK_NS: i64 = WEEK_S * NS_PER_S;
    [-WEEK_NS, 0, WEEK_NS].iter().any(|shift| {
        line.holds(&Stamp {
            time_ns: stamp.time_ns + shift,
            ..*stamp
        })
    })
}

fn walked(kiwi: Option<&[u8; 18]>, sample: u64, data_bytes: u64) -> Block {
    let Some(head) = kiwi else {
        return Block {
            stamp: None,
            age_s: NEVER,
            data_bytes,
        };
    };
    let (second, nanosecond) = (i64::from(head.u32_at(10)), i64::from(head.u32_at(14)));
    let known = second < WEEK_S && nanosecond < NS_PER_S && (second, nanosecond) != (0, 0);
    let stamp = known.then_some(Stamp {
        sample,
        time_ns: second * NS_PER_S + nanosecond,
    });
    Block {
        stamp,
        age_s: head.get(8).copied().unwrap_or(NEVER),
        data_bytes,
    }
}

/// Adds a block to the last run where distance and length fit, else starts a run.
fn push_block(runs: &mut Vec<Run>, offset: u64, block_bytes: u64) {
    if block_bytes == 0 {
        return;
    }
    if let Some(run) = runs.last_mut().filter(|run| run.block_bytes == block_bytes) {
        let last = run
            .offset
            .saturating_add(run.stride.saturating_mul(run.block_count - 1));
        let distance = offset.saturating_sub(last);
        if run.block_count == 1 {
            run.stride = distance;
        }
        if run.stride == distance {
            run.block_count += 1;
            return;
        }
    }
    runs.push(Run {
        offset,
        block_bytes,
        stride: block_bytes,
        block_count: 1,
    });
}
