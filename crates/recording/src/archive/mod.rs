//! Archives: what is in them and where, without unpacking them.

mod tar;
mod zip;

use std::rc::Rc;

use crate::bytes::Bytes;
use crate::inflate::Inflated;
use crate::packed::{Compression, Packed};
use crate::source::Member;
use crate::{ByteSource, Content, Error};

pub(crate) use tar::{is_tar, members as tar_members};
pub(crate) use zip::{is_zip, members as zip_members};

/// Members that are looked at.
const MAX_MEMBERS: usize = 1024;
/// Bytes that compressed members may unpack to, all together.
const MAX_UNPACKED_BYTES: u64 = 32 << 30;
/// No recording of anything but silence is compressed to a hundredth; bombs are, to a thousandth.
const MAX_RATIO: u64 = 100;
/// Short members may be compressed by any ratio, bytes.
const RATIO_FREE_BYTES: u64 = 1 << 20;

/// A file of an archive.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) place: Place,
}

/// Where a member's bytes are.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// As they are.
    Plain { offset: u64, length: u64 },
    /// Compressed, with the CRC-32 of the unpacked bytes.
    Packed { packed: Packed, sum: u32 },
}

/// What an archive holds.
#[derive(Default)]
pub(crate) struct Listing {
    pub(crate) entries: Vec<Entry>,
    /// Members that cannot be read, by name.
    pub(crate) refused: Vec<(String, Error)>,
}

impl Entry {
    /// The member's bytes. Compressed ones are unpacked once, to know that they are sound.
    pub(crate) fn source(&self, archive: &Rc<dyn ByteSource>) -> Result<Rc<dyn ByteSource>, Error> {
        match self.place {
            Place::Plain { offset, length } => Ok(Rc::new(Member { source: Rc::clone(archive), offset, length })),
            Place::Packed { packed, sum } => {
                let inflated = Inflated::new(Rc::clone(archive), packed);
                let corrupt =
                    |what: &str, offset| Error::Corrupt { what: what.into(), offset, file: self.name.clone() };
                let end = packed.offset.saturating_add(packed.packed_bytes);
                match inflated.measure() {
                    (_, Some(damage)) => Err(corrupt(&damage.what, damage.offset)),
                    (bytes, None) if bytes < packed.bytes => Err(corrupt("An end before that of the member", end)),
                    _ if inflated.sum() != sum => Err(corrupt("A checksum that contradicts the data", packed.offset)),
                    _ => Ok(Rc::new(inflated)),
                }
            }
        }
    }

    /// What was found in the member, with offsets as those of the archive.
    pub(crate) fn in_archive(&self, content: Content) -> Content {
        let Content::Recording(mut recording) = content else { return content };
        match self.place {
            Place::Plain { offset, .. } => {
                recording.layout.shift(offset);
                if let Some(checksum) = &mut recording.checksum {
                    checksum.offset = checksum.offset.saturating_add(offset);
                }
            }
            Place::Packed { packed, .. } => recording.lies_in(packed),
        }
        recording.source_index = 0;
        Content::Recording(recording)
    }
}

/// A gzip file's bytes, all unpacked once; with what is wrong after those that could be unpacked.
pub(crate) fn gunzip(file: &Bytes, source: &Rc<dyn ByteSource>) -> (Inflated<Rc<dyn ByteSource>>, Option<Error>) {
    let most = file.len().saturating_mul(MAX_RATIO).clamp(RATIO_FREE_BYTES, MAX_UNPACKED_BYTES);
    let packed = Packed { compression: Compression::Gzip, offset: 0, packed_bytes: file.len(), bytes: most };
    let mut inflated = Inflated::new(Rc::clone(source), packed);
    let (bytes, damage) = inflated.measure();
    inflated.set_len(bytes);
    (inflated, damage.map(|damage| file.corrupt(damage.offset, damage.what)))
}

/// The reason not to trust a member's name: it would lead out of the folder that the archive is unpacked to.
fn bad_name(name: &str) -> Option<&'static str> {
    let mut parts = name.split(['/', '\\']);
    let drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with(['/', '\\']) || drive || parts.any(|part| part == "..") {
        Some("A member whose name leads out of the archive")
    } else if name.chars().any(char::is_control) {
        Some("A member whose name holds control characters")
    } else {
        None
    }
}

/// Files that systems put into archives for themselves.
fn is_hidden(name: &str) -> bool {
    crate::filename::base_name(name).starts_with('.') || name.starts_with("__MACOSX/")
}
