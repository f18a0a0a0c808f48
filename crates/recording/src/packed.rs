//! Compressed stretches of a byte source.

use serde::{Deserialize, Serialize};

use crate::ByteSource;
use crate::inflate::Inflated;

/// How bytes are compressed; both are DEFLATE (RFC 1951).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Without a header: a member of a zip archive.
    Deflate,
    /// One gzip stream after the other (RFC 1952).
    Gzip,
}

/// A compressed stretch of a byte source. Where a recording lies in one, the offsets of its layout count unpacked bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// How it is compressed.
    pub compression: Compression,
    /// First compressed byte in the byte source.
    pub offset: u64,
    /// Compressed bytes.
    pub packed_bytes: u64,
    /// Unpacked bytes.
    pub bytes: u64,
}

/// The bytes that a recording's layout counts: those of the source, or those that come out of it.
pub(crate) enum Unpacked<'a> {
    Plain(&'a dyn ByteSource),
    Inflated(Inflated<&'a dyn ByteSource>),
}

impl<'a> Unpacked<'a> {
    pub(crate) fn new(packed: Option<Packed>, source: &'a dyn ByteSource) -> Self {
        packed.map_or(Self::Plain(source), |packed| Self::Inflated(Inflated::new(source, packed)))
    }
}

impl ByteSource for Unpacked<'_> {
    fn len(&self) -> u64 {
        match self {
            Self::Plain(source) => source.len(),
            Self::Inflated(source) => source.len(),
        }
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        match self {
            Self::Plain(source) => source.read_exact_at(offset, buffer),
            Self::Inflated(source) => source.read_exact_at(offset, buffer),
        }
    }
}
