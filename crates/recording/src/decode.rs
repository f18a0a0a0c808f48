//! Samples at random access: bytes to complex numbers, in constant memory.

use num_complex::Complex32;

use crate::{ByteSource, Error, Layout, Number, Recording, SampleCoding, layout::Run};

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

impl Recording {
    /// Reads complex samples from `first_sample` on into `out`. Full scale is ±1: integers are
    /// divided by half their range, unsigned ones after their middle (127.5 for 8 bits) was taken
    /// off; floats are taken as they are. Real samples have an imaginary part of 0.
    ///
    /// Reads at most 1 MiB at a time. Past the end it returns 0 samples.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where the source fails, [`Error::Corrupt`] where the layout is none.
    pub fn read(
        &self,
        source: &dyn ByteSource,
        first_sample: u64,
        out: &mut [Complex32],
    ) -> Result<ReadOutcome, Error> {
        read(&self.layout, &self.name, source, first_sample, out)
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
        return Err(Error::Corrupt {
            what,
            offset: 0,
            file: name.to_owned(),
        });
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
            let piece = Piece {
                layout,
                run,
                frame: skip,
                per_block,
            };
            let read = piece
                .read(source, &mut buffer, rest)
                .map_err(|(offset, reason)| Error::Unreadable {
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
            outcome.clipped += self.decode_i(buffer, out);
            if self.q_is_separate() {
                let bytes = frames.saturating_mul(frame_bytes);
                fill(source, buffer, offset.saturating_add(self.q_shift()), bytes)?;
            }
            outcome.clipped += self.decode_q(buffer, out);
            outcome.samples = out.len();
            return Ok(outcome);
        }
        // Short blocks with headers between them: one request for as many as fit.
        let whole = (wanted - left_in_block).div_ceil(self.per_block);
        let fitting = (CHUNK_BYTES / self.run.stride.max(1)).saturating_sub(1);
        let more = whole.min(fitting).min(self.run.block_count - 1 - block);
        let first_bytes = left_in_block.saturating_mul(frame_bytes);
        let gap = self
            .run
            .stride
            .saturating_sub(in_block.saturating_mul(frame_bytes));
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
        self.layout
            .q_channel
            .is_some_and(|channel| channel >= u64::from(self.layout.channels))
    }

    const fn i_part(&self) -> Part {
        if self.layout.iq_swapped {
            Part::Imaginary
        } else {
            Part::Real
        }
    }

    const fn q_part(&self) -> Part {
        if self.layout.iq_swapped {
            Part::Real
        } else {
            Part::Imaginary
        }
    }

    fn decode_i(&self, bytes: &[u8], out: &mut [Complex32]) -> u64 {
        if self.layout.q_channel.is_none() {
            out.fill(Complex32::ZERO);
            let at = self
                .layout
                .i_channel
                .saturating_mul(self.layout.coding.bytes());
            return self.decode_part(bytes, at, Part::Real, out);
        }
        let at = self
            .layout
            .i_channel
            .saturating_mul(self.layout.coding.bytes());
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
        let strided = Strided {
            bytes,
            frame_bytes,
            at: clamp(at),
            part,
            gain: self.layout.gain,
        };
        strided.decode(self.layout.coding, out)
    }
}

fn clamp(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn fill(
    source: &dyn ByteSource,
    buffer: &mut Vec<u8>,
    offset: u64,
    bytes: u64,
) -> Result<(), (u64, String)> {
    buffer.resize(clamp(bytes.min(2 * CHUNK_BYTES)), 0);
    source
        .read_exact_at(offset, buffer)
        .map_err(|reason| (offset, reason))
}

#[derive(Clone, Copy)]
enum Part {
    Real,
    Imaginary,
}

/// One number of each frame.
struct Strided<'a> {
    bytes: &'a [u8],
    frame_bytes: usize,
    at: usize,
    part: Part,
    gain: f32,
}

impl Strided<'_> {
    fn decode(&self, coding: SampleCoding, out: &mut [Complex32]) -> u64 {
        let big = coding.big_endian;
        let gain = self.gain;
        let signed = |value: f32, half: f32, at_end: bool| (value / half * gain, at_end);
        match (coding.number, coding.width_bits) {
            (Number::Unsigned, 8) => self.each(false, out, |[b]: [u8; 1]| {
                (
                    (f32::from(b) - 127.5) / 127.5 * gain,
                    b == 0 || b == u8::MAX,
                )
            }),
            (Number::Signed, 8) => self.each(false, out, |b: [u8; 1]| {
                let v = i8::from_le_bytes(b);
                signed(f32::from(v), 128.0, v == i8::MAX || v == i8::MIN)
            }),
            (Number::Unsigned, 16) => self.each(big, out, |b: [u8; 2]| {
                let v = u16::from_le_bytes(b);
                (
                    (f32::from(v) - 32767.5) / 32767.5 * gain,
                    v == 0 || v == u16::MAX,
                )
            }),
            (Number::Signed, 16) => self.each(big, out, |b: [u8; 2]| {
                let v = i16::from_le_bytes(b);
                signed(f32::from(v), 32768.0, v.unsigned_abs() >= 0x7fff)
            }),
            (Number::Unsigned, 24) => self.each(big, out, |[a, b, c]: [u8; 3]| {
                let v = u32::from_le_bytes([a, b, c, 0]);
                let middle = 8_388_607.5;
                (
                    ((f64::from(v) - middle) / middle) as f32 * gain,
                    v == 0 || v == 0xff_ffff,
                )
            }),
            (Number::Signed, 24) => self.each(big, out, |[a, b, c]: [u8; 3]| {
                let v = i32::from_le_bytes([0, a, b, c]) >> 8;
                signed(v as f32, 8_388_608.0, v.unsigned_abs() >= 0x7f_ffff)
            }),
            (Number::Unsigned, 32) => self.each(big, out, |b: [u8; 4]| {
                let v = u32::from_le_bytes(b);
                let middle = f64::from(u32::MAX) / 2.0;
                (
                    ((f64::from(v) - middle) / middle) as f32 * gain,
                    v == 0 || v == u32::MAX,
                )
            }),
            (Number::Signed, 32) => self.each(big, out, |b: [u8; 4]| {
                let v = i32::from_le_bytes(b);
                signed(v as f32, 2_147_483_648.0, v.unsigned_abs() >= 0x7fff_ffff)
            }),
            (Number::Unsigned, 64) => self.each(big, out, |b: [u8; 8]| {
                let v = u64::from_le_bytes(b);
                let middle = 9_223_372_036_854_775_808.0_f64;
                (
                    ((v as f64 - middle) / middle) as f32 * gain,
                    v == 0 || v == u64::MAX,
                )
            }),
            (Number::Signed, 64) => self.each(big, out, |b: [u8; 8]| {
                let v = i64::from_le_bytes(b);
                let at_end = v.unsigned_abs() >= i64::MAX.unsigned_abs();
                signed(v as f32, 9_223_372_036_854_775_808.0, at_end)
            }),
            (Number::Float, 64) => self.each(big, out, |b: [u8; 8]| {
                (f64::from_le_bytes(b) as f32 * gain, false)
            }),
            (Number::Float, _) => {
                self.each(big, out, |b: [u8; 4]| (f32::from_le_bytes(b) * gain, false))
            }
            // No other width is readable; see `SampleCoding::is_readable`.
            (Number::Signed | Number::Unsigned, _) => 0,
        }
    }

    fn each<const N: usize>(
        &self,
        big_endian: bool,
        out: &mut [Complex32],
        number: impl Fn([u8; N]) -> (f32, bool),
    ) -> u64 {
        let mut clipped = 0;
        for (frame, sample) in self.bytes.chunks(self.frame_bytes).zip(out) {
            let bytes = frame.get(self.at..).and_then(<[u8]>::first_chunk::<N>);
            let Some(mut bytes) = bytes.copied() else {
                continue;
            };
            if big_endian {
                bytes.reverse();
            }
            let (value, at_end) = number(bytes);
            clipped += u64::from(at_end);
            match self.part {
                Part::Real => sample.re = value,
                Part::Imaginary => sample.im = value,
            }
        }
        clipped
    }
}
