//! The one way bytes enter: slices of something with a length.

use std::rc::Rc;

/// Random access to bytes. A browser file, a file on disk and memory are its implementations;
/// nothing in this crate ever asks for the whole of it.
pub trait ByteSource {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// True where there is no byte at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` with the bytes from `offset`.
    ///
    /// # Errors
    /// A sentence for the user where the bytes cannot be read (removed file, revoked permission, past the end).
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String>;
}

impl ByteSource for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        let start = usize::try_from(offset).ok();
        let bytes = start.and_then(|start| self.get(start..start.checked_add(buffer.len())?));
        match bytes {
            Some(bytes) => {
                buffer.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(format!("{} bytes at offset {offset} are past the end", buffer.len())),
        }
    }
}

impl<S: ByteSource + ?Sized> ByteSource for Rc<S> {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        (**self).read_exact_at(offset, buffer)
    }
}

impl<S: ByteSource + ?Sized> ByteSource for &S {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        (**self).read_exact_at(offset, buffer)
    }
}

/// A part of another source: a member of an archive.
pub(crate) struct Member {
    pub(crate) source: Rc<dyn ByteSource>,
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

impl ByteSource for Member {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        let end = offset.checked_add(buffer.len() as u64);
        match (end, self.offset.checked_add(offset)) {
            (Some(end), Some(start)) if end <= self.length => self.source.read_exact_at(start, buffer),
            _ => Err(format!("{} bytes at offset {offset} are past the end", buffer.len())),
        }
    }
}
