//! Headers of gzip streams (RFC 1952).

/// Name, comment and extra field included.
pub(super) const MOST_HEADER_BYTES: u64 = 128 << 10;

const FIXED_BYTES: usize = 10;
const HEADER_SUM: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0xE0;

/// True where bytes begin like a gzip stream: magic number, DEFLATE, no reserved flag.
pub(crate) fn is_header(start: &[u8]) -> bool {
    matches!(start, [0x1F, 0x8B, 8, flags, ..] if flags & RESERVED == 0)
}

/// Length of the header that `start` begins with.
pub(super) fn header_bytes(start: &[u8]) -> Option<usize> {
    let flags = *start.get(3).filter(|_| is_header(start))?;
    let mut at = FIXED_BYTES;
    if flags & EXTRA != 0 {
        let length = start.get(at..at + 2)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))?;
        at += 2 + usize::from(length);
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            at += start.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    if flags & HEADER_SUM != 0 {
        at += 2;
    }
    (at <= start.len()).then_some(at)
}
