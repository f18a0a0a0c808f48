//! Samples at random access: bytes to complex numbers, in constant memory.

use num_complex::Complex32;

use crate::layout::Run;
use crate::numbers::{Part, Strided};
use crate::packed::Unpacked;
use crate::{ByteSource, Error, Layout, Number, Recording};

/// Most bytes that are asked of the source at once.
const CHUNK_BYTES: u64 = 1 << 20;

/// What a read gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOutcome {
    /// Samples written to the start of the buffer; fewer than asked for only at the end.
    pub samples: usize,
    /// Samples that were infinite or not a number and became 0.
    pub non_finite: u64,
    /// I or Q numbers at the end of the integer range. Floats have no such end.
    pub clipped: u64,
}

/// A recording's samples in its byte source.
pub struct Samples<'a> {
    pub(crate) recording: &'a Recording,
    pub(crate) bytes: Unpacked<'a>,
}

impl Recording {
    /// The samples in `source`, the file that [`Recording::source_index`] names. Where they are compressed this
    /// remembers the way to them, so it is worth keeping between reads.
    #[must_use]
    pub fn samples<'a>(&'a self, source: &'a dyn ByteSource) -> Samples<'a> {
        Samples { recording: self, bytes: Unpacked::new(self.packed, source) }
    }
}

impl Samples<'_> {
    /// Reads complex samples from `first_sample` on into `out`. Full scale is ±1: integers are
    /// divided by half their range, unsigned ones after their middle (127.5 for 8 bits) was taken
    /// off; floats are taken as they are. Real samples have an imaginary part of 0.
    ///
    /// Reads at most 1 MiB at a time. Past the end it returns 0 samples.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where the source fails, [`Error::Corrupt`] where the layout is none.
    pub fn read(&self, first_sample: u64, out: &mut [Complex32]) -> Result<ReadOutcome, Error> {
        read(&self.recording.layout, &self.recording.name, &self.bytes, first_sample, out)
    }
}

pub(crate) fn read(
    layout: &Layout,
    name: &str,
    source: &dyn ByteSource,
    first_sample: u64,
    out: &mut [Complex32],
) -> Result<ReadOutcome, Error> {
    let frame_bytes = layout.frame_bytes();
    if frame_bytes > CHUNK_BYTES || !layout.coding.is_readable() {
        let what = format!("A frame of {frame_bytes} bytes");
        return Err(Error::Corrupt { what, offset: 0, file: name.to_owned() });
    }
    let mut outcome = ReadOutcome::default();
    let mut buffer = Vec::new();
    let mut skip = first_sample;
    for run in &layout.runs {
        let per_block = layout.frames_per_block(run);
        let in_run = per_block.saturating_mul(run.block_count);
        if skip >= in_run {
            skip -= in_run;
            continue;
        }
        while skip < in_run && outcome.samples < out.len() {
            let Some(rest) = out.get_mut(outcome.samples..) else {
                break;
            };
            let piece = Piece { layout, run, frame: skip, per_block };
            let read = piece.read(source, &mut buffer, rest).map_err(|(offset, reason)| Error::Unreadable {
                file: name.to_owned(),
                offset,
                reason,
            })?;
            if read.samples == 0 {
                break;
            }
            outcome.samples += read.samples;
            outcome.clipped += read.clipped;
            skip = skip.saturating_add(read.samples as u64);
        }
        skip = 0;
        if outcome.samples == out.len() {
            break;
        }
    }
    if layout.coding.number != Number::Float {
        return Ok(outcome);
    }
    let written = out.get_mut(..outcome.samples).unwrap_or_default();
    for sample in written.iter_mut().filter(|sample| !sample.is_finite()) {
        *sample = Complex32::ZERO;
        outcome.non_finite += 1;
    }
    Ok(outcome)
}

/// The frames of a run from one frame on.
struct Piece<'a> {
    layout: &'a Layout,
    run: &'a Run,
    frame: u64,
    per_block: u64,
}

impl Piece<'_> {
    /// Reads what one request of the source gives: a part of a block, or several short blocks.
    fn read(
        &self,
        source: &dyn ByteSource,
        buffer: &mut Vec<u8>,
        out: &mut [Complex32],
    ) -> Result<ReadOutcome, (u64, String)> {
        let frame_bytes = self.layout.frame_bytes();
        let (block, in_block) = (self.frame / self.per_block, self.frame % self.per_block);
        let offset = self
            .run
            .offset
            .saturating_add(block.saturating_mul(self.run.stride))
            .saturating_add(in_block.saturating_mul(frame_bytes));
        let wanted = out.len() as u64;
        let left_in_block = self.per_block - in_block;
        let mut outcome = ReadOutcome::default();
        if self.q_is_separate() || wanted <= left_in_block || self.run.stride > CHUNK_BYTES {
            let frames = wanted.min(left_in_block).min(CHUNK_BYTES / frame_bytes);
            fill(source, buffer, offset, frames.saturating_mul(frame_bytes))?;
            let out = out.get_mut(..clamp(frames)).unwrap_or_default();
            outcome.samples = out.len();
            if self.is_plain() {
                outcome.clipped += self.decode_part(buffer, 0, Part::Both, out);
                return Ok(outcome);
            }
            outcome.clipped += self.decode_i(buffer, out);
            if self.q_is_separate() {
                let bytes = frames.saturating_mul(frame_bytes);
                fill(source, buffer, offset.saturating_add(self.q_shift()), bytes)?;
            }
            outcome.clipped += self.decode_q(buffer, out);
            return Ok(outcome);
        }
        // Short blocks with headers between them: one request for as many as fit.
        let whole = (wanted - left_in_block).div_ceil(self.per_block);
        let fitting = (CHUNK_BYTES / self.run.stride.max(1)).saturating_sub(1);
        let more = whole.min(fitting).min(self.run.block_count - 1 - block);
        let first_bytes = left_in_block.saturating_mul(frame_bytes);
        let gap = self.run.stride.saturating_sub(in_block.saturating_mul(frame_bytes));
        let bytes = match more {
            0 => first_bytes,
            _ => gap
                .saturating_add((more - 1).saturating_mul(self.run.stride))
                .saturating_add(self.per_block.saturating_mul(frame_bytes)),
        };
        fill(source, buffer, offset, bytes)?;
        let mut at = 0_u64;
        let mut frames = left_in_block;
        for number in 0..=more {
            let Some(rest) = out.get_mut(outcome.samples..) else {
                break;
            };
            let count = clamp(frames).min(rest.len());
            let rest = rest.get_mut(..count).unwrap_or_default();
            let bytes = buffer.get(clamp(at)..).unwrap_or_default();
            outcome.clipped += self.decode_i(bytes, rest) + self.decode_q(bytes, rest);
            outcome.samples += count;
            at = gap.saturating_add(number.saturating_mul(self.run.stride));
            frames = self.per_block;
        }
        Ok(outcome)
    }

    /// Byte of Q within a frame.
    fn q_byte(&self) -> Option<u64> {
        let channels = u64::from(self.layout.channels).max(1);
        let channel = self.layout.q_channel? % channels;
        Some(channel.saturating_mul(self.layout.coding.bytes()))
    }

    /// Bytes from a frame of I to the frame of its Q, where Q is a plane of its own.
    fn q_shift(&self) -> u64 {
        let channels = u64::from(self.layout.channels).max(1);
        let frames = self.layout.q_channel.unwrap_or(0) / channels;
        frames.saturating_mul(self.layout.frame_bytes())
    }

    fn q_is_separate(&self) -> bool {
        self.layout.q_channel.is_some_and(|channel| channel >= u64::from(self.layout.channels))
    }

    /// I, then Q, and nothing else.
    fn is_plain(&self) -> bool {
        let Layout { channels, i_channel, q_channel, iq_swapped, .. } = *self.layout;
        (channels, i_channel, q_channel, iq_swapped) == (2, 0, Some(1), false)
    }

    const fn i_part(&self) -> Part {
        if self.layout.iq_swapped { Part::Imaginary } else { Part::Real }
    }

    const fn q_part(&self) -> Part {
        if self.layout.iq_swapped { Part::Real } else { Part::Imaginary }
    }

    fn decode_i(&self, bytes: &[u8], out: &mut [Complex32]) -> u64 {
        if self.layout.q_channel.is_none() {
            out.fill(Complex32::ZERO);
            let at = self.layout.i_channel.saturating_mul(self.layout.coding.bytes());
            return self.decode_part(bytes, at, Part::Real, out);
        }
        let at = self.layout.i_channel.saturating_mul(self.layout.coding.bytes());
        self.decode_part(bytes, at, self.i_part(), out)
    }

    fn decode_q(&self, bytes: &[u8], out: &mut [Complex32]) -> u64 {
        match self.q_byte() {
            Some(at) => self.decode_part(bytes, at, self.q_part(), out),
            None => 0,
        }
    }

    fn decode_part(&self, bytes: &[u8], at: u64, part: Part, out: &mut [Complex32]) -> u64 {
        let frame_bytes = clamp(self.layout.frame_bytes());
        let strided = Strided { bytes, frame_bytes, at: clamp(at), part, gain: self.layout.gain };
        strided.decode(self.layout.coding, out)
    }
}

fn clamp(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn fill(source: &dyn ByteSource, buffer: &mut Vec<u8>, offset: u64, bytes: u64) -> Result<(), (u64, String)> {
    buffer.resize(clamp(bytes.min(2 * CHUNK_BYTES)), 0);
    source.read_exact_at(offset, buffer).map_err(|reason| (offset, reason))
}
