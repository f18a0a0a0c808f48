//! WAV, RF64 and BW64: the chunks of the container (EBU Tech 3306, ITU-R BS.2088).

mod audio;
mod blocks;
mod fmt;
mod kiwi;
mod radio;

use crate::bytes::{Bytes, Fields};
use crate::draft::Draft;
use crate::filename::NameFacts;
use crate::{Error, Fact, Layout, Origin};
use fmt::Format;

/// Chunks that are looked at before the scan gives up.
const MAX_CHUNKS: usize = 512;
/// A size field that says "unknown" or "see ds64".
const UNKNOWN_SIZE: u64 = 0xFFFF_FFFF;
/// Longest `auxi` that is read, bytes.
const MAX_AUXI_BYTES: u64 = 64 << 10;

/// What the scan of the chunks found.
#[derive(Default)]
struct Chunks {
    format: Option<Format>,
    /// Payload of the first `data` chunk: offset and usable length.
    data: Option<(u64, u64)>,
    /// Offset of the first `kiwi` chunk before any data.
    kiwi: Option<u64>,
    auxi: Option<Vec<u8>>,
    rcvr: Option<Vec<u8>>,
    notices: Vec<String>,
}

/// Opens a RIFF, RF64 or BW64 file.
pub(crate) fn open(bytes: &Bytes, named: &NameFacts) -> Result<Draft, Error> {
    let chunks = scan(bytes)?;
    let Some(format) = chunks.format else {
        return Err(bytes.corrupt(12, "There is no \"fmt \" chunk before the samples"));
    };
    if let Some(first) = chunks.kiwi {
        return kiwi::open(bytes, named, format, first);
    }
    let Some((offset, length)) = chunks.data else {
        return Err(bytes.truncated("the header: there is no \"data\" chunk"));
    };
    let layout = Layout::contiguous(offset, length, format.coding, format.channels);
    let mut draft = Draft::new(bytes.name, "WAV", layout);
    draft.sample_rate_hz = Some(Fact::new(format.rate_hz, Origin::Header));
    draft.notices = chunks.notices;
    let mut radio = named.center_frequency_hz.is_some();
    if let Some(payload) = &chunks.auxi {
        radio |= radio::add_auxi(&mut draft, payload);
    }
    if let Some(payload) = &chunks.rcvr {
        radio |= radio::add_rcvr(&mut draft, payload);
    }
    audio::question(&mut draft, bytes, format.rate_hz, radio);
    Ok(draft)
}

fn scan(bytes: &Bytes) -> Result<Chunks, Error> {
    let mut chunks = Chunks::default();
    let mut long_data_bytes = None;
    let mut offset = 12_u64;
    for _ in 0..MAX_CHUNKS {
        if offset.saturating_add(8) > bytes.len() {
            break;
        }
        let header: [u8; 8] = bytes.array(offset, "a chunk header")?;
        let size = u64::from(header.u32_at(4));
        let payload = offset + 8;
        let left = bytes.len() - payload;
        match header.first_chunk::<4>() {
            Some(b"ds64") => {
                let ds64: [u8; 24] = bytes.array(payload, "the \"ds64\" chunk")?;
                long_data_bytes = Some(ds64.u64_at(8));
            }
            Some(b"fmt ") => chunks.format = Some(Format::read(bytes, payload, size)?),
            Some(b"kiwi") if chunks.data.is_none() => {
                chunks.kiwi = Some(offset);
                break;
            }
            Some(b"auxi") => {
                chunks.auxi = bytes.vec(payload, size.min(MAX_AUXI_BYTES), "\"auxi\"").ok();
            }
            Some(b"rcvr") => chunks.rcvr = bytes.vec(payload, size.min(64), "\"rcvr\"").ok(),
            Some(b"data") if chunks.data.is_none() => {
                let declared = match long_data_bytes {
                    Some(long) if size == UNKNOWN_SIZE => long,
                    _ => size,
                };
                let (length, notice) = usable(declared, left);
                chunks.notices.extend(notice);
                chunks.data = Some((payload, length));
                offset = payload.saturating_add(length).saturating_add(length & 1);
                continue;
            }
            _ => {}
        }
        offset = payload.saturating_add(size).saturating_add(size & 1);
    }
    Ok(chunks)
}

/// Bytes of samples, given the declared size and the bytes that are there.
fn usable(declared: u64, left: u64) -> (u64, Option<String>) {
    let wrapped = left > UNKNOWN_SIZE && left & UNKNOWN_SIZE == declared;
    match declared {
        0 | UNKNOWN_SIZE if left > 0 => {
            let said = "The header has no length (the recording was not closed)";
            (left, Some(format!("{said}; read to the end of the file")))
        }
        _ if wrapped => (left, Some("Longer than its 32-bit length field; read to the end".into())),
        _ if declared > left => {
            let missing = declared - left;
            (left, Some(format!("Truncated: {missing} bytes of samples are missing at the end")))
        }
        _ => (declared, None),
    }
}
