//! One way through a compressed stretch, from its start to its end.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use super::gzip;
use crate::ByteSource;
use crate::packed::{Compression, Packed};

/// DEFLATE refers to nothing that is longer ago (RFC 1951, 2).
const WINDOW_BYTES: usize = 32 << 10;
/// Compressed bytes that are read at once.
const INPUT_BYTES: u64 = 64 << 10;
/// CRC-32 and length behind a gzip stream.
const TRAILER_BYTES: u64 = 8;

/// Where unpacking cannot go on, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {offset} of the compressed file")]
pub(crate) struct Damage {
    /// The start of a sentence.
    pub(crate) what: String,
    /// Byte of the source.
    pub(crate) offset: u64,
}

/// The decoder at one byte, with the bytes before it.
#[derive(Clone)]
pub(super) struct Stream {
    phase: Phase,
    decoder: Box<DecompressorOxide>,
    /// The last unpacked bytes; byte n lies at n modulo its length.
    window: Vec<u8>,
    /// Compressed bytes that were taken in.
    taken: u64,
    /// Unpacked bytes.
    at: u64,
    /// Of the unpacked bytes of this gzip stream.
    sum: crc32fast::Hasher,
    /// Where this gzip stream began in the unpacked bytes.
    began: u64,
    /// Compressed bytes that were read; those before `input_from` were taken in.
    input: Vec<u8>,
    input_from: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Header,
    Body,
    Trailer,
    Ended,
}

impl Stream {
    pub(super) fn start(packed: &Packed) -> Self {
        Self {
            phase: match packed.compression {
                Compression::Deflate => Phase::Body,
                Compression::Gzip => Phase::Header,
            },
            decoder: Box::default(),
            window: vec![0; WINDOW_BYTES],
            taken: 0,
            at: 0,
            sum: crc32fast::Hasher::new(),
            began: 0,
            input: Vec::new(),
            input_from: 0,
        }
    }

    /// A copy to go on from later; it reads its input again.
    pub(super) fn point(&self) -> Self {
        Self {
            input: Vec::new(),
            input_from: 0,
            window: self.window.clone(),
            decoder: self.decoder.clone(),
            sum: self.sum.clone(),
            ..*self
        }
    }

    /// Bytes unpacked so far.
    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    /// CRC-32 of the bytes unpacked so far, where they are one stream.
    pub(super) fn sum(&self) -> u32 {
        self.sum.clone().finalize()
    }

    /// Copies bytes from `offset` on that are still in the window; how many.
    pub(super) fn copy(&self, offset: u64, out: &mut [u8]) -> usize {
        let oldest = self.at.saturating_sub(WINDOW_BYTES as u64);
        if !(oldest..self.at).contains(&offset) {
            return 0;
        }
        let from = (offset % WINDOW_BYTES as u64) as usize;
        let there = usize::try_from(self.at - offset).unwrap_or(WINDOW_BYTES);
        let count = there.min(WINDOW_BYTES - from).min(out.len());
        match (out.get_mut(..count), self.window.get(from..from + count)) {
            (Some(out), Some(window)) => out.copy_from_slice(window),
            _ => return 0,
        }
        count
    }

    /// Unpacks some bytes more, at most a window; false at the end.
    pub(super) fn step(&mut self, source: &impl ByteSource, packed: &Packed) -> Result<bool, Damage> {
        match self.phase {
            Phase::Header => self.header(source, packed)?,
            Phase::Body => self.body(source, packed)?,
            Phase::Trailer => self.trailer(source, packed)?,
            Phase::Ended => return Ok(false),
        }
        Ok(self.phase != Phase::Ended)
    }

    fn header(&mut self, source: &impl ByteSource, packed: &Packed) -> Result<(), Damage> {
        let left = packed.packed_bytes - self.taken;
        let mut start = vec![0; usize::try_from(left.min(gzip::MOST_HEADER_BYTES)).unwrap_or(0)];
        self.read(source, packed, self.taken, &mut start)?;
        let Some(length) = gzip::header_bytes(&start) else {
            return Err(self.damage(packed, "A gzip header that cannot be read"));
        };
        self.taken += length as u64;
        self.decoder.init();
        self.sum.reset();
        self.began = self.at;
        self.phase = Phase::Body;
        Ok(())
    }

    fn body(&mut self, source: &impl ByteSource, packed: &Packed) -> Result<(), Damage> {
        if self.input_from >= self.input.len() {
            let left = packed.packed_bytes - self.taken;
            let mut input = vec![0; usize::try_from(left.min(INPUT_BYTES)).unwrap_or(0)];
            self.read(source, packed, self.taken, &mut input)?;
            (self.input, self.input_from) = (input, 0);
        }
        let input = self.input.get(self.input_from..).unwrap_or_default();
        let more = packed.packed_bytes > self.taken + input.len() as u64;
        let flags = if more { TINFL_FLAG_HAS_MORE_INPUT } else { 0 };
        let from = (self.at % WINDOW_BYTES as u64) as usize;
        let (status, taken, given) = decompress(&mut self.decoder, input, &mut self.window, from, flags);
        self.input_from += taken;
        self.taken += taken as u64;
        self.sum.update(self.window.get(from..from + given).unwrap_or_default());
        self.at += given as u64;
        if self.at > packed.bytes {
            return Err(self.damage(packed, format!("More than {} unpacked bytes", packed.bytes)));
        }
        match status {
            TINFLStatus::Done => {
                (self.input, self.input_from) = (Vec::new(), 0);
                self.phase = match packed.compression {
                    Compression::Deflate => Phase::Ended,
                    Compression::Gzip => Phase::Trailer,
                };
                Ok(())
            }
            TINFLStatus::HasMoreOutput => Ok(()),
            TINFLStatus::NeedsMoreInput if more => Ok(()),
            TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => {
                Err(self.damage(packed, "An end of the compressed bytes before that of the data"))
            }
            _ => Err(self.damage(packed, "A code that means nothing")),
        }
    }

    fn trailer(&mut self, source: &impl ByteSource, packed: &Packed) -> Result<(), Damage> {
        if packed.packed_bytes - self.taken < TRAILER_BYTES {
            return Err(self.damage(packed, "A missing checksum"));
        }
        let mut trailer = [0; TRAILER_BYTES as usize];
        self.read(source, packed, self.taken, &mut trailer)?;
        let [a, b, c, d, length @ ..] = trailer;
        let length = u64::from(u32::from_le_bytes(length));
        if u32::from_le_bytes([a, b, c, d]) != self.sum() || length != (self.at - self.began) & u64::from(u32::MAX) {
            return Err(self.damage(packed, "A checksum that contradicts the data"));
        }
        self.taken += TRAILER_BYTES;
        // Several streams may follow one another; anything else behind them is padding, as gzip has it.
        let mut next = [0; 4];
        let follows = packed.packed_bytes - self.taken >= next.len() as u64 && {
            self.read(source, packed, self.taken, &mut next)?;
            gzip::is_header(&next)
        };
        self.phase = if follows { Phase::Header } else { Phase::Ended };
        Ok(())
    }

    fn read(&self, source: &impl ByteSource, packed: &Packed, position: u64, buffer: &mut [u8]) -> Result<(), Damage> {
        source
            .read_exact_at(packed.offset.saturating_add(position), buffer)
            .map_err(|reason| self.damage(packed, reason))
    }

    fn damage(&self, packed: &Packed, what: impl Into<String>) -> Damage {
        Damage { what: what.into(), offset: packed.offset.saturating_add(self.taken) }
    }
}
