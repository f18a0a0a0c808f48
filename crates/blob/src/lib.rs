//! A browser's file as a byte source, in a worker: slices are read when they are asked for.
#![cfg(target_arch = "wasm32")]
#![forbid(unsafe_code)]

use std::cell::RefCell;

use heimdall_recording::ByteSource;
use wasm_bindgen::JsValue;
use web_sys::{File, FileReaderSync};

/// Readers ask for blocks of a few kilobytes and a slice of a file costs about 0.1 ms, so more is read at once: little
/// for those who look here and there, as the survey does, and twice as much each time for those who read on.
const GLIMPSE_BYTES: u64 = 32 << 10;
const WINDOW_BYTES: u64 = 512 << 10;

/// A file of the user, never held as a whole.
pub struct BlobSource {
    file: File,
    reader: FileReaderSync,
    window: RefCell<Window>,
}

#[derive(Default)]
struct Window {
    offset: u64,
    bytes: Vec<u8>,
    /// Where the last read ended.
    read_to: u64,
    /// What was read at once.
    ahead: u64,
}

impl BlobSource {
    /// A source of its bytes.
    ///
    /// # Errors
    /// The browser's sentence where it reads no files here, as outside of workers.
    pub fn new(file: File) -> Result<Self, String> {
        let reader = FileReaderSync::new().map_err(|error| sentence(&error))?;
        Ok(Self { file, reader, window: RefCell::default() })
    }

    /// Reads a slice over `bytes`.
    fn read(&self, offset: u64, length: u64, bytes: &mut Vec<u8>) -> Result<(), String> {
        let end = offset.saturating_add(length).min(self.len());
        let blob = self.file.slice_with_f64_and_f64(offset as f64, end as f64).map_err(|error| sentence(&error))?;
        let buffer = self.reader.read_as_array_buffer(&blob).map_err(|error| sentence(&error))?;
        let read = js_sys::Uint8Array::new(&buffer);
        bytes.resize(read.length() as usize, 0);
        read.copy_to(bytes);
        Ok(())
    }
}

impl Window {
    fn get(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let start = usize::try_from(offset.checked_sub(self.offset)?).ok()?;
        self.bytes.get(start..start.checked_add(length)?)
    }
}

impl ByteSource for BlobSource {
    fn len(&self) -> u64 {
        self.file.size() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        let length = buffer.len() as u64;
        if offset.checked_add(length).is_none_or(|end| end > self.len()) {
            return Err(format!("{length} bytes at offset {offset} are past the end"));
        }
        let mut window = self.window.borrow_mut();
        if window.get(offset, buffer.len()).is_none() {
            let gap = offset.checked_sub(window.read_to);
            let reads_on = gap.is_some_and(|gap| gap <= GLIMPSE_BYTES);
            window.ahead = if reads_on { (2 * window.ahead).clamp(GLIMPSE_BYTES, WINDOW_BYTES) } else { GLIMPSE_BYTES };
            let wanted = length.max(window.ahead);
            self.read(offset, wanted, &mut window.bytes)?;
            window.offset = offset;
        }
        window.read_to = offset + length;
        let bytes = window.get(offset, buffer.len()).ok_or("the file became shorter while it was read")?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

fn sentence(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.unwrap_or_else(|| "the browser does not say why".to_owned())
}
