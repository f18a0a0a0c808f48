//! A browser file as a byte source. A glimpse of a long recording takes a few bytes here and there; whoever reads on is
//! given what comes next from memory, since a slice of a file costs about 0.1 ms however short it is.

use std::cell::RefCell;

use heimdall_recording::ByteSource;
use wasm_bindgen::JsValue;
use web_sys::{File, FileReaderSync};

/// What is read at once for those who read on.
const AHEAD_BYTES: u64 = 512 << 10;

/// A file of the user, never held as a whole.
pub(crate) struct BlobSource {
    file: File,
    reader: FileReaderSync,
    ahead: RefCell<Ahead>,
}

#[derive(Default)]
struct Ahead {
    offset: u64,
    bytes: Vec<u8>,
    /// Where the last read ended.
    end: u64,
}

impl Ahead {
    fn get(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let start = usize::try_from(offset.checked_sub(self.offset)?).ok()?;
        self.bytes.get(start..start.checked_add(length)?)
    }
}

impl BlobSource {
    pub(crate) fn new(file: File) -> Result<Self, String> {
        let reader = FileReaderSync::new().map_err(|error| sentence(&error))?;
        Ok(Self { file, reader, ahead: RefCell::default() })
    }

    fn slice(&self, offset: u64, length: u64) -> Result<js_sys::Uint8Array, String> {
        let end = offset.saturating_add(length).min(self.len());
        let blob = self.file.slice_with_f64_and_f64(offset as f64, end as f64).map_err(|error| sentence(&error))?;
        let buffer = self.reader.read_as_array_buffer(&blob).map_err(|error| sentence(&error))?;
        Ok(js_sys::Uint8Array::new(&buffer))
    }
}

impl ByteSource for BlobSource {
    fn len(&self) -> u64 {
        self.file.size() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        let length = buffer.len() as u64;
        let end = offset.checked_add(length).filter(|end| *end <= self.len());
        let end = end.ok_or_else(|| format!("{length} bytes at offset {offset} are past the end"))?;
        let mut ahead = self.ahead.borrow_mut();
        let reads_on = ahead.end == offset;
        ahead.end = end;
        if let Some(bytes) = ahead.get(offset, buffer.len()) {
            buffer.copy_from_slice(bytes);
            return Ok(());
        }
        if reads_on && length < AHEAD_BYTES {
            let read = self.slice(offset, AHEAD_BYTES)?;
            ahead.offset = offset;
            ahead.bytes.resize(read.length() as usize, 0);
            read.copy_to(&mut ahead.bytes);
            let bytes = ahead.get(offset, buffer.len()).ok_or("the file became shorter while it was read")?;
            buffer.copy_from_slice(bytes);
            return Ok(());
        }
        let read = self.slice(offset, length)?;
        if u64::from(read.length()) != length {
            return Err("the file became shorter while it was read".to_owned());
        }
        read.copy_to(buffer);
        Ok(())
    }
}

fn sentence(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.unwrap_or_else(|| "the browser does not say why".to_owned())
}
