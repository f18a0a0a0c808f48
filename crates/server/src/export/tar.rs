//! POSIX tar (ustar), written as it comes.

use std::io::{self, Write};

const RECORD: usize = 512;
/// The largest size that eleven octal digits hold; larger ones are written in base 256, as GNU tar does.
const MAX_OCTAL: u64 = 0o777_7777_7777;

/// An archive that is being written.
pub(super) struct Archive<W> {
    out: W,
}

impl<W: Write> Archive<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }

    /// A file whose content is at hand.
    pub(super) fn file(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.begin(name, bytes.len() as u64)?;
        self.content(bytes)?;
        self.end(bytes.len() as u64)
    }

    /// Begins a file of `length` bytes, which [`Self::content`] then brings.
    pub(super) fn begin(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.out.write_all(&header(name, length)?)
    }

    pub(super) fn content(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// Ends a file of `length` bytes.
    pub(super) fn end(&mut self, length: u64) -> io::Result<()> {
        let over = usize::try_from(length % RECORD as u64).unwrap_or(0);
        let zeros = [0; RECORD];
        let padding = zeros.get(over..).filter(|_| over > 0).unwrap_or_default();
        if padding.is_empty() { Ok(()) } else { self.out.write_all(padding) }
    }

    /// Two empty records end the archive.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.write_all(&[0; 2 * RECORD])?;
        self.out.flush()
    }
}

fn header(name: &str, length: u64) -> io::Result<[u8; RECORD]> {
    let mut header = [0; RECORD];
    if name.len() > 100 {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("a name of more than 100 bytes: {name}")));
    }
    let size = if length <= MAX_OCTAL {
        format!("{length:011o}\0").into_bytes()
    } else {
        [&[0x80, 0, 0, 0], length.to_be_bytes().as_slice()].concat()
    };
    // POSIX.1-1988: name, mode, owner, group, size, time, checksum (blanks while it is summed), kind, magic.
    let fields: [(usize, &[u8]); 8] = [
        (0, name.as_bytes()),
        (100, b"0000644\0"),
        (108, b"0000000\0"),
        (116, b"0000000\0"),
        (124, &size),
        (136, b"00000000000\0"),
        (148, b"        "),
        (156, b"0ustar\x0000"),
    ];
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(field) = header.get_mut(at..at + bytes.len()) {
            field.copy_from_slice(bytes);
        }
    };
    for (at, bytes) in fields {
        put(at, bytes);
    }
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    if let Some(field) = header.get_mut(148..156) {
        field.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    Ok(header)
}
