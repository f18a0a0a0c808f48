//! POSIX tar (ustar, pax and GNU long names), which a `.sigmf` archive is.

use super::{Entry, Listing, MAX_MEMBERS, Place, bad_name, is_hidden};
use crate::Error;
use crate::bytes::Bytes;
use crate::error::shown;

const RECORD: u64 = 512;
/// Longest pax header or long name, bytes.
const MAX_EXTENDED_BYTES: u64 = 64 << 10;

/// True where the first record is a tar header: its checksum is right.
pub(crate) fn is_tar(start: &[u8]) -> bool {
    start.first_chunk::<512>().is_some_and(header_is_sound)
}

fn header_is_sound(header: &[u8; 512]) -> bool {
    // Bytes 148…156 hold the sum of all bytes, themselves counted as blanks (POSIX.1-1988).
    let sum: u64 =
        header.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) }).sum();
    let stated = header.get(148..156).and_then(number);
    stated == Some(sum) && header.first() != Some(&0)
}

/// The regular files of an archive. One that is cut or damaged gives those before it.
pub(crate) fn members(bytes: &Bytes) -> Listing {
    let mut listing = Listing::default();
    if let Err(error) = walk(bytes, &mut listing) {
        listing.refused.push((bytes.name.to_owned(), error));
    }
    listing
}

fn walk(bytes: &Bytes, listing: &mut Listing) -> Result<(), Error> {
    let (mut long_name, mut long_size) = (None, None);
    let mut offset = 0_u64;
    while offset < bytes.len() {
        if listing.entries.len() + listing.refused.len() >= MAX_MEMBERS {
            let what = format!("All but the first {MAX_MEMBERS} members");
            return Err(bytes.unsupported(offset, what, "unpack the archive first"));
        }
        let header: [u8; 512] = bytes.array(offset, "a tar header")?;
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        if !header_is_sound(&header) {
            return Err(bytes.corrupt(offset, "A tar header whose checksum is wrong"));
        }
        let stated = header.get(124..136).and_then(number);
        let Some(length) = long_size.take().or(stated) else {
            return Err(bytes.corrupt(offset, "A tar header without a size"));
        };
        let payload = offset + RECORD;
        let padded = length.checked_next_multiple_of(RECORD);
        let next = padded.and_then(|padded| payload.checked_add(padded));
        let kind = header.get(156).copied().unwrap_or(0);
        match kind {
            b'L' | b'x' if length > MAX_EXTENDED_BYTES => {
                return Err(bytes.corrupt(offset, "A tar header that is too long"));
            }
            b'L' => {
                let name = bytes.vec(payload, length, "a tar header")?;
                long_name = Some(text(&name));
            }
            b'x' => {
                let records = bytes.vec(payload, length, "a tar header")?;
                long_name = pax(&records, "path").or(long_name);
                long_size = pax(&records, "size").and_then(|size| size.parse().ok());
            }
            b'0' | 0 | b'7' => {
                let name = long_name.take().unwrap_or_else(|| ustar_name(&header));
                if length > 0 && !is_hidden(&name) {
                    listing.add(bytes, name, payload, length);
                }
            }
            _ => long_name = None,
        }
        match next {
            Some(next) => offset = next,
            None => break,
        }
    }
    Ok(())
}

impl Listing {
    fn add(&mut self, archive: &Bytes, name: String, offset: u64, length: u64) {
        let shown = shown(&name);
        if let Some(what) = bad_name(&name) {
            let advice = "unpack the archive if you trust it".into();
            self.refused.push((shown.clone(), Error::Unsupported { what: what.into(), offset, advice, file: shown }));
        } else if offset.checked_add(length).is_none_or(|end| end > archive.len()) {
            let what = format!("a member of {length} bytes");
            self.refused.push((shown.clone(), Error::Truncated { what, offset: archive.len(), file: shown }));
        } else {
            self.entries.push(Entry { name, place: Place::Plain { offset, length } });
        }
    }
}

/// Octal text, or base 256 where the first bit is set (GNU).
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        return rest
            .iter()
            .try_fold(u64::from(first & 0x7f), |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)));
    }
    let digits = text(field);
    let digits = digits.trim_matches(' ');
    u64::from_str_radix(if digits.is_empty() { "0" } else { digits }, 8).ok()
}

/// Text up to the first zero byte.
fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

fn ustar_name(header: &[u8; 512]) -> String {
    let field = |from: usize, to: usize| header.get(from..to).map(text).unwrap_or_default();
    let (name, prefix) = (field(0, 100), field(345, 500));
    let ustar = header.get(257..262) == Some(b"ustar") && header.get(262) == Some(&0);
    if ustar && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
}

/// A value of a pax header: records "length key=value\n".
fn pax(records: &[u8], key: &str) -> Option<String> {
    let mut rest = records;
    let mut value = None;
    while let Some(blank) = rest.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(rest.get(..blank)?).ok()?.trim().parse().ok()?;
        let record = rest.get(blank + 1..length.checked_sub(1)?)?;
        if let Some((found, text)) = String::from_utf8_lossy(record).split_once('=')
            && found == key
        {
            value = Some(text.to_owned());
        }
        rest = rest.get(length..)?;
    }
    value
}
