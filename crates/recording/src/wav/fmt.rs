//! The `fmt ` chunk: `WAVEFORMATEX` and `WAVEFORMATEXTENSIBLE` (Microsoft, mmreg.h).

use crate::bytes::{Bytes, Fields};
use crate::{Error, Number, SampleCoding};

const PCM: u16 = 1;
const IEEE_FLOAT: u16 = 3;
const EXTENSIBLE: u16 = 0xFFFE;
/// Bytes 2…16 of every sub-format GUID that is a format tag.
const GUID_TAIL: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];
/// More channels than any receiver has.
const MAX_CHANNELS: u16 = 64;

/// What the samples are.
#[derive(Clone, Copy)]
pub(super) struct Format {
    pub(super) coding: SampleCoding,
    pub(super) channels: u32,
    /// Samples per second, as rounded by the header.
    pub(super) rate_hz: f64,
}

impl Format {
    pub(super) fn read(bytes: &Bytes, payload: u64, size: u64) -> Result<Self, Error> {
        if size < 16 {
            return Err(bytes.corrupt(payload, format!("A \"fmt \" chunk of {size} bytes")));
        }
        let head: [u8; 16] = bytes.array(payload, "the \"fmt \" chunk")?;
        let (mut tag, channels) = (head.u16_at(0), head.u16_at(2));
        if tag == EXTENSIBLE && size >= 40 {
            let guid: [u8; 16] = bytes.array(payload + 24, "the \"fmt \" chunk")?;
            if !guid.ends_with(&GUID_TAIL) {
                let what = "A sub-format that is neither PCM nor float";
                return Err(bytes.unsupported(payload + 24, what, "save it as 16-bit PCM"));
            }
            tag = guid.u16_at(0);
        }
        if channels == 0 || channels > MAX_CHANNELS {
            return Err(bytes.corrupt(payload + 2, format!("{channels} channels")));
        }
        // The container's width; WAVE justifies fewer valid bits to the left of it.
        let (block_bytes, bits) = (head.u16_at(12), head.u16_at(14));
        let width = match block_bytes {
            0 => bits,
            _ => (block_bytes / channels).saturating_mul(8),
        };
        let number = match (tag, width) {
            (PCM, 8) => Some(Number::Unsigned),
            (PCM, 16 | 24 | 32) => Some(Number::Signed),
            (IEEE_FLOAT, 32 | 64) => Some(Number::Float),
            _ => None,
        };
        let (Some(number), Ok(width_bits)) = (number, u8::try_from(width)) else {
            let what = format!("Sample format {tag} of {width} bits");
            return Err(bytes.unsupported(payload, what, "save it as 16-bit PCM or 32-bit float"));
        };
        Ok(Self {
            coding: SampleCoding::new(number, width_bits),
            channels: u32::from(channels),
            rate_hz: f64::from(head.u32_at(4)),
        })
    }
}
