//! Numbers of every coding to floats of full scale ±1.

use num_complex::Complex32;

use crate::{Number, SampleCoding};

/// Which part of a complex sample a number is.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Real,
    Imaginary,
    /// I and Q lie side by side, and nothing else is in the frame.
    Both,
}

/// Samples that are decoded and looked through while they are in the nearest cache.
const COUNTED: usize = 1 << 12;

/// One number of each frame.
pub(crate) struct Strided<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) frame_bytes: usize,
    pub(crate) at: usize,
    pub(crate) part: Part,
    pub(crate) gain: f32,
}

impl Strided<'_> {
    /// Decodes into one part of each sample; the count of numbers at the end of their range.
    pub(crate) fn decode(&self, coding: SampleCoding, out: &mut [Complex32]) -> u64 {
        let big = coding.big_endian;
        let gain = self.gain;
        let signed = |value: f32, half: f32, at_end: bool| (value / half * gain, at_end);
        match (coding.number, coding.width_bits) {
            (Number::Unsigned, 8) => {
                self.each(false, out, |[b]: [u8; 1]| ((f32::from(b) - 127.5) / 127.5 * gain, b == 0 || b == u8::MAX))
            }
            (Number::Signed, 8) => self.each(false, out, |b: [u8; 1]| {
                let v = i8::from_le_bytes(b);
                signed(f32::from(v), 128.0, v == i8::MAX || v == i8::MIN)
            }),
            (Number::Unsigned, 16) => self.each(big, out, |b: [u8; 2]| {
                let v = u16::from_le_bytes(b);
                ((f32::from(v) - 32767.5) / 32767.5 * gain, v == 0 || v == u16::MAX)
            }),
            (Number::Signed, 16) => self.each(big, out, |b: [u8; 2]| {
                let v = i16::from_le_bytes(b);
                signed(f32::from(v), 32768.0, v.unsigned_abs() >= 0x7fff)
            }),
            (Number::Unsigned, 24) => self.each(big, out, |[a, b, c]: [u8; 3]| {
                let v = u32::from_le_bytes([a, b, c, 0]);
                let middle = 8_388_607.5;
                (((f64::from(v) - middle) / middle) as f32 * gain, v == 0 || v == 0xff_ffff)
            }),
            (Number::Signed, 24) => self.each(big, out, |[a, b, c]: [u8; 3]| {
                let v = i32::from_le_bytes([0, a, b, c]) >> 8;
                signed(v as f32, 8_388_608.0, v.unsigned_abs() >= 0x7f_ffff)
            }),
            (Number::Unsigned, 32) => self.each(big, out, |b: [u8; 4]| {
                let v = u32::from_le_bytes(b);
                let middle = f64::from(u32::MAX) / 2.0;
                (((f64::from(v) - middle) / middle) as f32 * gain, v == 0 || v == u32::MAX)
            }),
            (Number::Signed, 32) => self.each(big, out, |b: [u8; 4]| {
                let v = i32::from_le_bytes(b);
                signed(v as f32, 2_147_483_648.0, v.unsigned_abs() >= 0x7fff_ffff)
            }),
            (Number::Unsigned, 64) => self.each(big, out, |b: [u8; 8]| {
                let v = u64::from_le_bytes(b);
                let middle = 9_223_372_036_854_775_808.0_f64;
                (((v as f64 - middle) / middle) as f32 * gain, v == 0 || v == u64::MAX)
            }),
            (Number::Signed, 64) => self.each(big, out, |b: [u8; 8]| {
                let v = i64::from_le_bytes(b);
                let at_end = v.unsigned_abs() >= i64::MAX.unsigned_abs();
                signed(v as f32, 9_223_372_036_854_775_808.0, at_end)
            }),
            (Number::Float, 64) => self.each(big, out, |b: [u8; 8]| (f64::from_le_bytes(b) as f32 * gain, false)),
            (Number::Float, _) => self.each(big, out, |b: [u8; 4]| (f32::from_le_bytes(b) * gain, false)),
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
        if matches!(self.part, Part::Both) {
            return self.pairs(big_endian, out, number);
        }
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
                Part::Imaginary => sample.im = value,
                Part::Real | Part::Both => sample.re = value,
            }
        }
        clipped
    }

    /// Both numbers of each frame in one go: the usual case, and several times as fast.
    fn pairs<const N: usize>(
        &self,
        big_endian: bool,
        out: &mut [Complex32],
        number: impl Fn([u8; N]) -> (f32, bool),
    ) -> u64 {
        let pairs = self.bytes.as_chunks::<N>().0.as_chunks::<2>().0;
        let read = |mut bytes: [u8; N]| {
            if big_endian {
                bytes.reverse();
            }
            number(bytes)
        };
        let mut clipped = 0;
        for (pairs, out) in pairs.chunks(COUNTED).zip(out.chunks_mut(COUNTED)) {
            for ([i, q], sample) in pairs.iter().zip(&mut *out) {
                *sample = Complex32::new(read(*i).0, read(*q).0);
            }
            // Apart from the loop above, so that both become vectors.
            let seen = pairs.get(..out.len()).unwrap_or(pairs).as_flattened();
            clipped += u64::from(seen.iter().map(|bytes| u32::from(read(*bytes).1)).sum::<u32>());
        }
        clipped
    }
}
