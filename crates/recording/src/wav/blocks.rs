//! Where a KiwiSDR file's blocks are, and what their headers say.

use crate::Error;
use crate::bytes::{Bytes, Fields};
use crate::gps_time::{NS_PER_S, WEEK_S};
use crate::layout::Run;
use crate::stamps::{Line, Stamp};

/// Bytes of a `kiwi` chunk.
const KIWI_BYTES: usize = 18;
/// Bytes of a `kiwi` chunk and of the `data` chunk's header behind it.
const HEADER_BYTES: u64 = 26;
/// Files of up to so many blocks are looked at block by block, bytes in pages.
const MAX_EVERY: u64 = 4096;
/// Blocks that are spread over a longer file; each is a read of its own.
const SPREAD: u64 = 1024;
/// Blocks at each end that are always read.
const ENDS: u64 = 16;
/// Blocks of an irregular file that are walked through.
const MAX_WALKED: usize = 16_384;
/// Longest block of a regular file, bytes.
const MAX_BLOCK_BYTES: u64 = 1 << 20;
/// `last_gps_solution` of a clock that never had a fix.
pub(super) const NEVER: u8 = 255;

/// One block's header.
#[derive(Clone, Copy)]
pub(super) struct Block {
    /// Time of week, where the header has a valid one.
    pub(super) stamp: Option<Stamp>,
    /// Seconds since the last fix.
    pub(super) age_s: u8,
    data_bytes: u64,
}

impl Block {
    /// Reads a `kiwi` chunk: after id and size u8 `last_gps_solution`, u8 0, u32 `gpssec`,
    /// u32 `gpsnsec`, packed and little endian.
    fn read(kiwi: &[u8], sample: u64, data_bytes: u64) -> Self {
        let (second, nanosecond) = (i64::from(kiwi.u32_at(10)), i64::from(kiwi.u32_at(14)));
        let known = second < WEEK_S && nanosecond < NS_PER_S && (second, nanosecond) != (0, 0);
        let stamp = Stamp { sample, time_ns: second * NS_PER_S + nanosecond };
        let age_s = kiwi.get(8).copied().unwrap_or(NEVER);
        Self { stamp: known.then_some(stamp), age_s, data_bytes }
    }
}

/// What was found of the blocks.
#[derive(Default)]
pub(super) struct Found {
    pub(super) runs: Vec<Run>,
    /// All headers, or those of a long file that were read.
    pub(super) blocks: Vec<Block>,
    pub(super) notices: Vec<String>,
}

/// The blocks of a file.
pub(super) struct Blocks<'a> {
    pub(super) bytes: &'a Bytes<'a>,
    /// Offset of the first `kiwi` chunk.
    pub(super) first: u64,
    pub(super) frame_bytes: u64,
}

impl Blocks<'_> {
    /// Finds regular blocks, or walks through irregular ones.
    pub(super) fn find(&self) -> Result<Found, Error> {
        if let Some((run, tail)) = self.regular()?
            && let Some(blocks) = self.sample(run)?
        {
            let runs = std::iter::once(run).chain(tail).collect();
            return Ok(Found { runs, blocks, notices: Vec::new() });
        }
        self.walk()
    }

    /// Regular blocks from the first header on, and a last block that is cut short.
    fn regular(&self) -> Result<Option<(Run, Option<Run>)>, Error> {
        let Some(first) = self.header(self.first, 0)? else {
            return Ok(None);
        };
        let block_bytes = first.data_bytes;
        let whole = block_bytes > 0 && block_bytes.is_multiple_of(self.frame_bytes);
        if !whole || block_bytes > MAX_BLOCK_BYTES {
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
        let run = Run { offset, block_bytes, stride, block_count };
        Ok((block_count > 0).then_some((run, tail)))
    }

    /// Distance in blocks of the headers that are read.
    fn step(run: Run) -> u64 {
        if run.block_count <= MAX_EVERY { 1 } else { run.block_count.div_ceil(SPREAD) }
    }

    /// Headers of a regular file: all, or of a long one both ends and equally spread ones;
    /// `None` where one is not where it should be.
    fn sample(&self, run: Run) -> Result<Option<Vec<Block>>, Error> {
        let step = usize::try_from(Self::step(run)).unwrap_or(usize::MAX);
        let head = ENDS.min(run.block_count);
        let tail = run.block_count.saturating_sub(ENDS).max(head);
        let numbers = (0..head).chain((head..tail).step_by(step)).chain(tail..run.block_count);
        numbers.map(|number| self.block(run, number)).collect()
    }

    fn block(&self, run: Run, number: u64) -> Result<Option<Block>, Error> {
        let offset = self.first.saturating_add(number.saturating_mul(run.stride));
        let sample = number.saturating_mul(run.block_bytes / self.frame_bytes);
        let block = self.header(offset, sample)?;
        Ok(block.filter(|block| block.data_bytes == run.block_bytes))
    }

    /// Reads the header of a block at `offset` whose first sample is `sample`;
    /// `None` where there is no such header.
    fn header(&self, offset: u64, sample: u64) -> Result<Option<Block>, Error> {
        let head: [u8; HEADER_BYTES as usize] = self.bytes.array(offset, "a \"kiwi\" block")?;
        let is_block = head.starts_with(b"kiwi\x0a\0\0\0") && head.get(18..22) == Some(b"data");
        Ok(is_block.then(|| Block::read(&head, sample, u64::from(head.u32_at(22)))))
    }

    /// In a long file not every block was read: finds the true ends of the line's run between the
    /// last stamps on it and the first ones off it.
    pub(super) fn widen(&self, run: Run, line: &mut Line) {
        let step = Self::step(run);
        if step == 1 {
            return;
        }
        let per_block = (run.block_bytes / self.frame_bytes).max(1);
        let reference = *line;
        let holds = |number: u64| {
            let block = self.block(run, number).ok().flatten();
            block.and_then(|block| block.stamp).is_some_and(|stamp| in_week(&reference, stamp))
        };
        let (first, last) = (line.first / per_block, line.last / per_block);
        let start = edge(first, first.saturating_sub(step), &holds);
        line.first = start * per_block;
        let moved_ns = ((first - start) * per_block) as f64 * 1e9 / line.rate_hz;
        line.first_time_ns = line.first_time_ns.saturating_sub(moved_ns.round() as i64);
        let end = last.saturating_add(step).min(run.block_count);
        line.last = edge(last, end, &holds) * per_block;
    }

    /// Goes from chunk to chunk where the blocks are not regular.
    fn walk(&self) -> Result<Found, Error> {
        let mut found = Found::default();
        found.notices.push("The blocks of this file are not regular; each was looked at".into());
        let (mut offset, mut sample) = (self.first, 0_u64);
        let mut kiwi: Option<[u8; KIWI_BYTES]> = None;
        for _ in 0..2 * MAX_WALKED {
            let payload = offset.saturating_add(8);
            if payload > self.bytes.len() {
                return Ok(found);
            }
            let head: [u8; 8] = self.bytes.array(offset, "a chunk header")?;
            let size = u64::from(head.u32_at(4));
            let left = self.bytes.len() - payload;
            if head.starts_with(b"kiwi") && size == 10 && left >= 10 {
                kiwi = Some(self.bytes.array(offset, "a \"kiwi\" chunk")?);
            } else if head.starts_with(b"data") {
                let used = size.min(left) / self.frame_bytes * self.frame_bytes;
                if let Some(kiwi) = kiwi.take() {
                    found.blocks.push(Block::read(&kiwi, sample, used));
                }
                push_block(&mut found.runs, payload, used);
                sample = sample.saturating_add(used / self.frame_bytes);
            } else if !head.iter().take(4).all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
                found.notices.push(format!("No chunk at byte {offset}; the rest is left out"));
                return Ok(found);
            }
            offset = payload.saturating_add(size).saturating_add(size & 1);
        }
        found.notices.push(format!("Only the first {MAX_WALKED} blocks are used"));
        Ok(found)
    }
}

/// The block nearest to `outside` that still holds, by halving the distance from `inside`.
fn edge(mut inside: u64, mut outside: u64, holds: &impl Fn(u64) -> bool) -> u64 {
    while inside.abs_diff(outside) > 1 {
        let middle = inside.midpoint(outside);
        if holds(middle) { inside = middle } else { outside = middle }
    }
    inside
}

/// True where a time of week lies on the line, also past the end of the week.
fn in_week(line: &Line, stamp: Stamp) -> bool {
    const WEEK_NS: i64 = WEEK_S * NS_PER_S;
    let shifted = |shift_ns: i64| Stamp { time_ns: stamp.time_ns + shift_ns, ..stamp };
    [-WEEK_NS, 0, WEEK_NS].iter().any(|shift_ns| line.holds(&shifted(*shift_ns)))
}

/// Adds a block to the last run where distance and length fit, else starts a run.
fn push_block(runs: &mut Vec<Run>, offset: u64, block_bytes: u64) {
    if block_bytes == 0 {
        return;
    }
    if let Some(run) = runs.last_mut().filter(|run| run.block_bytes == block_bytes) {
        let last = run.offset.saturating_add(run.stride.saturating_mul(run.block_count - 1));
        let distance = offset.saturating_sub(last);
        if run.block_count == 1 {
            run.stride = distance;
        }
        if run.stride == distance {
            run.block_count += 1;
            return;
        }
    }
    runs.push(Run { offset, block_bytes, stride: block_bytes, block_count: 1 });
}
