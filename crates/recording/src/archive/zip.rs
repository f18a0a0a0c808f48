//! Zip, as PKWARE's APPNOTE.TXT 6.3.10 has it: the list at the end, with the 64-bit sizes of zip64.
//!
//! Nothing is read but the list and the headers of its members, so that a zip of 10 GB opens as fast as a small one;
//! the libraries for zip look for the list from the end to the start, and hold all of it whatever its length.

use super::{Entry, Listing, MAX_MEMBERS, MAX_RATIO, MAX_UNPACKED_BYTES, Place, RATIO_FREE_BYTES, bad_name, is_hidden};
use crate::Error;
use crate::bytes::{Bytes, Fields, MAX_TEXT_BYTES};
use crate::error::shown;
use crate::packed::{Compression, Packed};

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";

const END_BYTES: u64 = 22;
const END_64_BYTES: u64 = 56;
const LOCATOR_64_BYTES: u64 = 20;
const LOCAL_BYTES: u64 = 30;
const CENTRAL_BYTES: usize = 46;
const MAX_COMMENT_BYTES: u64 = 0xFFFF;
/// A size that stands in the zip64 field.
const ELSEWHERE: u32 = u32::MAX;

const ENCRYPTED: u16 = 1;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Ways to compress that are known and not read.
const METHODS: &[(u16, &str)] = &[
    (9, "Deflate64"),
    (12, "bzip2"),
    (14, "LZMA"),
    (93, "Zstandard"),
    (95, "xz"),
    (98, "PPMd"),
    (99, "AES encryption"),
];

/// True where bytes begin like an archive, an empty one included.
pub(crate) fn is_zip(start: &[u8]) -> bool {
    start.starts_with(LOCAL) || start.starts_with(END)
}

/// The list of members: where it is and how long.
struct Directory {
    offset: u64,
    bytes: u64,
    count: u64,
}

/// A line of the list.
struct Line {
    name: String,
    flags: u16,
    method: u16,
    sum: u32,
    packed_bytes: u64,
    bytes: u64,
    /// Of the member's own header.
    header: u64,
    is_link: bool,
}

/// The regular files of an archive.
pub(crate) fn members(file: &Bytes) -> Result<Listing, Error> {
    let directory = find(file)?;
    let list = file.vec(directory.offset, directory.bytes, "the list of the archive's members")?;
    let mut listing = Listing::default();
    let mut rest = list.as_slice();
    let mut unpacked = 0_u64;
    for number in 0..directory.count {
        let at = directory.offset.saturating_add((list.len() - rest.len()) as u64);
        if number >= MAX_MEMBERS as u64 {
            let what = format!("All but the first {MAX_MEMBERS} of {} members", directory.count);
            listing.refused.push((file.name.to_owned(), file.unsupported(at, what, "unpack the archive first")));
            break;
        }
        let Some((line, length)) = Line::read(rest) else {
            return Err(file.corrupt(at, "A list of members that breaks off"));
        };
        rest = rest.get(length..).unwrap_or_default();
        if line.name.ends_with('/') || line.is_link || line.bytes == 0 || is_hidden(&line.name) {
            continue;
        }
        if line.method != STORED {
            unpacked = unpacked.saturating_add(line.bytes);
        }
        match line.place(file, &directory, unpacked) {
            Ok(place) => listing.entries.push(Entry { name: line.name, place }),
            Err(error) => listing.refused.push((shown(&line.name), error)),
        }
    }
    refuse_shared_bytes(file, &mut listing);
    Ok(listing)
}

/// Looks for the end of the archive in the last bytes, before its comment.
fn find(file: &Bytes) -> Result<Directory, Error> {
    let length = file.len().min(END_BYTES + MAX_COMMENT_BYTES);
    let start = file.len() - length;
    let tail = file.vec(start, length, "the end of the archive")?;
    let is_end = |at: &usize| {
        let end = tail.get(*at..).unwrap_or_default();
        end.starts_with(END) && END_BYTES + u64::from(end.u16_at(20)) <= end.len() as u64
    };
    let Some(at) = (0..tail.len()).rev().find(is_end) else {
        return Err(file.truncated("the zip archive, whose list of members is at its end"));
    };
    let end = tail.get(at..).unwrap_or_default();
    let end_at = start.saturating_add(at as u64);
    let several = |number: u16| number != 0 && number != u16::MAX;
    if several(end.u16_at(4)) || several(end.u16_at(6)) {
        return Err(file.unsupported(end_at, "A zip archive in several parts", "join and unpack it first"));
    }
    let mut directory = Directory {
        count: u64::from(end.u16_at(10)),
        bytes: u64::from(end.u32_at(12)),
        offset: u64::from(end.u32_at(16)),
    };
    let mut before = end_at;
    if let Some(locator_at) = end_at.checked_sub(LOCATOR_64_BYTES) {
        let locator: [u8; LOCATOR_64_BYTES as usize] = file.array(locator_at, "the end of the archive")?;
        if locator.starts_with(LOCATOR_64) {
            before = locator.u64_at(8);
            let end: [u8; END_64_BYTES as usize] = file.array(before, "the zip64 end of the archive")?;
            if !end.starts_with(END_64) {
                return Err(file.corrupt(before, "No zip64 end of the archive"));
            }
            directory = Directory { count: end.u64_at(32), bytes: end.u64_at(40), offset: end.u64_at(48) };
        }
    }
    if directory.bytes > MAX_TEXT_BYTES {
        let what = format!("A list of members of {} MiB", directory.bytes >> 20);
        return Err(file.unsupported(directory.offset, what, "unpack the archive first"));
    }
    if directory.offset.checked_add(directory.bytes).is_none_or(|end| end > before) {
        return Err(file.corrupt(end_at, "A list of members that reaches past its end"));
    }
    Ok(directory)
}

impl Line {
    /// The first line of a list, and its length.
    fn read(list: &[u8]) -> Option<(Self, usize)> {
        let header = list.get(..CENTRAL_BYTES).filter(|header| header.starts_with(CENTRAL))?;
        let lengths = [28, 30, 32].map(|at| usize::from(header.u16_at(at)));
        let [name_bytes, extra_bytes, comment_bytes] = lengths;
        let name = list.get(CENTRAL_BYTES..CENTRAL_BYTES + name_bytes)?;
        let extra_at = CENTRAL_BYTES + name_bytes;
        let extra = list.get(extra_at..extra_at + extra_bytes)?;
        let length = extra_at + extra_bytes + comment_bytes;
        // Only those that do not fit stand in the zip64 field, in this order.
        let mut long = zip64(extra).chunks_exact(8).map(|number| number.u64_at(0));
        let mut number = |short: u32| if short == ELSEWHERE { long.next() } else { Some(u64::from(short)) };
        let bytes = number(header.u32_at(24))?;
        let packed_bytes = number(header.u32_at(20))?;
        let header_at = number(header.u32_at(42))?;
        // Upper half of the external attributes: the file's mode, where Unix made the archive.
        let mode = header.u32_at(38) >> 16;
        let line = Self {
            name: String::from_utf8_lossy(name).into_owned(),
            flags: header.u16_at(8),
            method: header.u16_at(10),
            sum: header.u32_at(16),
            packed_bytes,
            bytes,
            header: header_at,
            is_link: mode & 0o170_000 == 0o120_000,
        };
        (list.len() >= length).then_some((line, length))
    }

    /// Where the member's bytes are; `unpacked` counts those of all compressed members up to this one.
    fn place(&self, file: &Bytes, directory: &Directory, unpacked: u64) -> Result<Place, Error> {
        let at = self.header;
        let named = Bytes::new(&self.name, file.source);
        if let Some(what) = bad_name(&self.name) {
            return Err(Error::Unsupported {
                what: what.into(),
                offset: at,
                advice: "unpack the archive if you trust it".into(),
                file: shown(&self.name),
            });
        }
        if self.flags & ENCRYPTED != 0 {
            return Err(named.unsupported(at, "An encrypted member", "unpack it with its password first"));
        }
        if !matches!(self.method, STORED | DEFLATED) {
            let known = METHODS.iter().find(|(method, _)| *method == self.method);
            let method = known.map_or_else(|| format!("method {}", self.method), |(_, name)| (*name).to_owned());
            return Err(named.unsupported(at, format!("A member compressed by {method}"), "unpack it first"));
        }
        let local: [u8; LOCAL_BYTES as usize] = named.array(at, "a member's header")?;
        if !local.starts_with(LOCAL) {
            return Err(named.corrupt(at, "No header of a member"));
        }
        let before = LOCAL_BYTES + u64::from(local.u16_at(26)) + u64::from(local.u16_at(28));
        let offset = at.saturating_add(before);
        if offset.checked_add(self.packed_bytes).is_none_or(|end| end > directory.offset) {
            return Err(named.corrupt(at, "A member that reaches past the archive's end"));
        }
        if self.method == STORED {
            if self.bytes != self.packed_bytes {
                return Err(named.corrupt(at, "A member that is stored as it is and has two lengths"));
            }
            return Ok(Place::Plain { offset, length: self.bytes });
        }
        if self.bytes > RATIO_FREE_BYTES && self.bytes / MAX_RATIO > self.packed_bytes {
            let what = format!("A member that unpacks to more than {MAX_RATIO} times its length");
            return Err(named.unsupported(at, what, "it holds silence, or is there to fill memories"));
        }
        if unpacked > MAX_UNPACKED_BYTES {
            let what = format!("An archive that unpacks to more than {} GiB", MAX_UNPACKED_BYTES >> 30);
            return Err(named.unsupported(at, what, "unpack it first"));
        }
        let (compression, packed_bytes) = (Compression::Deflate, self.packed_bytes);
        let packed = Packed { compression, offset, packed_bytes, bytes: self.bytes };
        Ok(Place::Packed { packed, sum: self.sum })
    }
}

/// The zip64 field among the extra fields.
fn zip64(mut extra: &[u8]) -> &[u8] {
    while let Some(content) = extra.get(4..) {
        let length = usize::from(extra.u16_at(2));
        if extra.u16_at(0) == 1 {
            return content.get(..length).unwrap_or_default();
        }
        extra = content.get(length..).unwrap_or_default();
    }
    &[]
}

/// Members that share bytes are made to unpack to more than there can be (D. Fifield, "A better zip bomb", 2019).
fn refuse_shared_bytes(file: &Bytes, listing: &mut Listing) {
    let range = |entry: &Entry| match entry.place {
        Place::Plain { offset, length } => (offset, offset.saturating_add(length)),
        Place::Packed { packed, .. } => (packed.offset, packed.offset.saturating_add(packed.packed_bytes)),
    };
    let mut order: Vec<usize> = (0..listing.entries.len()).collect();
    order.sort_by_key(|index| listing.entries.get(*index).map(range));
    let mut end = 0;
    let mut shared = Vec::new();
    for index in order {
        match listing.entries.get(index).map(range) {
            Some((from, _)) if from < end => shared.push(index),
            Some((_, to)) => end = to,
            None => {}
        }
    }
    let mut number = 0..;
    for entry in listing.entries.extract_if(.., |_| number.next().is_some_and(|index| shared.contains(&index))) {
        let named = Bytes::new(&entry.name, file.source);
        let error = named.corrupt(range(&entry).0, "A member that shares bytes with another");
        listing.refused.push((entry.name.clone(), error));
    }
}
