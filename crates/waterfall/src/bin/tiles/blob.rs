//! A browser file as a byte source. Nothing is read ahead: a glimpse of a long recording takes a few bytes here and
//! there, and whoever reads on asks for much at once.

use heimdall_recording::ByteSource;
use wasm_bindgen::JsValue;
use web_sys::{File, FileReaderSync};

pub(crate) struct BlobSource {
    file: File,
    reader: FileReaderSync,
}

impl BlobSource {
    pub(crate) fn new(file: File) -> Result<Self, String> {
        let reader = FileReaderSync::new().map_err(|error| sentence(&error))?;
        Ok(Self { file, reader })
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
        let blob = self.file.slice_with_f64_and_f64(offset as f64, end as f64).map_err(|error| sentence(&error))?;
        let bytes = self.reader.read_as_array_buffer(&blob).map_err(|error| sentence(&error))?;
        let bytes = js_sys::Uint8Array::new(&bytes);
        if u64::from(bytes.length()) != length {
            return Err("the file became shorter while it was read".to_owned());
        }
        bytes.copy_to(buffer);
        Ok(())
    }
}

fn sentence(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.unwrap_or_else(|| "the browser does not say why".to_owned())
}
