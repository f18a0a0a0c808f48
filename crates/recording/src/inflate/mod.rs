//! DEFLATE at random access, in constant memory.
//!
//! The decoder runs forward. On its way it leaves copies of itself with their window of 32 KiB, at most
//! [`MAX_POINTS`] of them (as zlib's `zran.c` does), and a read goes on from the last one before it: about 6 MB for a
//! stream of any length.

mod gzip;
mod stream;

use std::cell::RefCell;

use crate::ByteSource;
use crate::packed::Packed;

pub(crate) use gzip::is_header as is_gzip;
pub(crate) use stream::Damage;
use stream::Stream;

/// Copies of the decoder that are kept; each takes 43 KiB.
const MAX_POINTS: usize = 128;
/// Unpacked bytes between copies; doubled each time that there are too many.
const FIRST_SPACING: u64 = 1 << 20;

/// The bytes that come out of a compressed stretch of a source.
pub(crate) struct Inflated<S> {
    source: S,
    packed: Packed,
    decoding: RefCell<Decoding>,
}

struct Decoding {
    stream: Stream,
    /// In rising order; the first is the start.
    points: Vec<Stream>,
    spacing: u64,
}

impl<S: ByteSource> Inflated<S> {
    pub(crate) fn new(source: S, packed: Packed) -> Self {
        let start = Stream::start(&packed);
        let decoding = Decoding { points: vec![start.point()], stream: start, spacing: FIRST_SPACING };
        Self { source, packed, decoding: RefCell::new(decoding) }
    }

    /// Unpacks everything once: how many bytes there are, and what is wrong after them. Stops beyond
    /// [`Packed::bytes`], with the damage that it is more than was stated.
    pub(crate) fn measure(&self) -> (u64, Option<Damage>) {
        let mut decoding = self.decoding.borrow_mut();
        loop {
            match decoding.step(&self.source, &self.packed) {
                Ok(true) => {}
                Ok(false) => return (decoding.stream.at(), None),
                Err(damage) => return (decoding.stream.at().min(self.packed.bytes), Some(damage)),
            }
        }
    }

    /// CRC-32 of all bytes, after [`Self::measure`].
    pub(crate) fn sum(&self) -> u32 {
        self.decoding.borrow().stream.sum()
    }

    /// Where the stretch lies and how long it is.
    pub(crate) const fn packed(&self) -> Packed {
        self.packed
    }

    /// Says how long the unpacked bytes are, once that is known.
    pub(crate) fn set_len(&mut self, bytes: u64) {
        self.packed.bytes = bytes;
    }
}

impl Decoding {
    /// Unpacks some bytes more; false at the end.
    fn step(&mut self, source: &impl ByteSource, packed: &Packed) -> Result<bool, Damage> {
        let more = self.stream.step(source, packed)?;
        let last = self.points.last().map_or(0, Stream::at);
        if more && self.stream.at() >= last.saturating_add(self.spacing) {
            self.points.push(self.stream.point());
            if self.points.len() > MAX_POINTS {
                self.spacing = self.spacing.saturating_mul(2);
                let mut number = 0_usize;
                self.points.retain(|_| {
                    number += 1;
                    number % 2 == 1
                });
            }
        }
        Ok(more)
    }

    /// Goes to where the byte at `offset` is still to come, by the shortest way.
    fn seek(&mut self, offset: u64) {
        let before = self.points.iter().rev().find(|point| point.at() <= offset);
        if let Some(point) = before.filter(|point| self.stream.at() > offset || point.at() > self.stream.at()) {
            self.stream.clone_from(point);
        }
    }
}

impl<S: ByteSource> ByteSource for Inflated<S> {
    fn len(&self) -> u64 {
        self.packed.bytes
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        let length = buffer.len();
        let end = offset.checked_add(length as u64).filter(|end| *end <= self.packed.bytes);
        if end.is_none() {
            return Err(format!("{length} bytes at offset {offset} are past the end"));
        }
        let mut decoding = self.decoding.borrow_mut();
        let mut rest = buffer;
        let mut at = offset;
        while !rest.is_empty() {
            let copied = decoding.stream.copy(at, rest);
            if copied > 0 {
                at += copied as u64;
                rest = rest.get_mut(copied..).unwrap_or_default();
                continue;
            }
            decoding.seek(at);
            let stepped = decoding.step(&self.source, &self.packed);
            // The bytes before the damage count.
            match stepped {
                Err(damage) if decoding.stream.at() <= at => return Err(damage.to_string()),
                Ok(false) if decoding.stream.at() <= at => return Err("the compressed bytes end too early".into()),
                _ => {}
            }
        }
        Ok(())
    }
}
