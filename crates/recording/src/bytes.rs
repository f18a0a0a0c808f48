//! Checked reads of headers from a byte source.

use std::cell::RefCell;

use crate::error::shown;
use crate::{ByteSource, Error};

/// Largest header, metadata or table that is taken into memory at once, bytes.
pub(crate) const MAX_TEXT_BYTES: u64 = 16 << 20;
/// Files up to this length are read in pages; longer ones only where asked, bytes.
const PAGED_FILE_BYTES: u64 = 8 << 20;
/// Length of a page, bytes. A browser's read costs the same for 20 bytes and for a page.
const PAGE_BYTES: u64 = 256 << 10;

/// A named byte source whose small reads are checked and, for short files, paged.
pub(crate) struct Bytes<'a> {
    pub(crate) name: &'a str,
    pub(crate) source: &'a dyn ByteSource,
    page: RefCell<Page>,
}

#[derive(Default)]
struct Page {
    offset: u64,
    bytes: Vec<u8>,
}

impl Page {
    fn slice(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let start = usize::try_from(offset.checked_sub(self.offset)?).ok()?;
        self.bytes.get(start..start.checked_add(length)?)
    }
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(name: &'a str, source: &'a dyn ByteSource) -> Self {
        Self { name, source, page: RefCell::default() }
    }

    pub(crate) fn len(&self) -> u64 {
        self.source.len()
    }

    /// `N` bytes from `offset`; `what` names the structure that a short file cuts.
    pub(crate) fn array<const N: usize>(&self, offset: u64, what: &str) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        self.fill(offset, &mut array, what)?;
        Ok(array)
    }

    /// `length` bytes from `offset`, at most [`MAX_TEXT_BYTES`].
    pub(crate) fn vec(&self, offset: u64, length: u64, what: &str) -> Result<Vec<u8>, Error> {
        if length > MAX_TEXT_BYTES {
            return Err(self.corrupt(offset, format!("{what} of {length} bytes is too long")));
        }
        let left = self.len().saturating_sub(offset);
        if length > left {
            return Err(self.truncated(what));
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.fill(offset, &mut bytes, what)?;
        Ok(bytes)
    }

    fn fill(&self, offset: u64, buffer: &mut [u8], what: &str) -> Result<(), Error> {
        let end = offset.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.len()) {
            return Err(self.truncated(what));
        }
        let paged = self.len() <= PAGED_FILE_BYTES && (buffer.len() as u64) < PAGE_BYTES;
        if !paged {
            return self.read(offset, buffer);
        }
        let mut page = self.page.borrow_mut();
        if page.slice(offset, buffer.len()).is_none() {
            let length = PAGE_BYTES.min(self.len().saturating_sub(offset));
            let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
            self.read(offset, &mut bytes)?;
            *page = Page { offset, bytes };
        }
        if let Some(bytes) = page.slice(offset, buffer.len()) {
            buffer.copy_from_slice(bytes);
        }
        Ok(())
    }

    fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Error> {
        self.source.read_exact_at(offset, buffer).map_err(|reason| Error::Unreadable {
            file: self.name.to_owned(),
            offset,
            reason,
        })
    }

    pub(crate) fn truncated(&self, what: &str) -> Error {
        Error::Truncated { what: what.to_owned(), offset: self.len(), file: self.name.to_owned() }
    }

    pub(crate) fn corrupt(&self, offset: u64, what: impl Into<String>) -> Error {
        Error::Corrupt { what: shown(&what.into()), offset, file: self.name.to_owned() }
    }

    pub(crate) fn unsupported(&self, offset: u64, what: impl Into<String>, advice: &str) -> Error {
        Error::Unsupported { what: shown(&what.into()), offset, advice: advice.to_owned(), file: self.name.to_owned() }
    }
}

/// Little-endian fields of a header that was already read; zero past its end.
pub(crate) trait Fields {
    fn u16_at(&self, at: usize) -> u16;
    fn u32_at(&self, at: usize) -> u32;
    fn u64_at(&self, at: usize) -> u64;
}

impl Fields for [u8] {
    fn u16_at(&self, at: usize) -> u16 {
        self.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u16::from_le_bytes(*b))
    }
    fn u32_at(&self, at: usize) -> u32 {
        self.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u32::from_le_bytes(*b))
    }
    fn u64_at(&self, at: usize) -> u64 {
        self.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u64::from_le_bytes(*b))
    }
}
