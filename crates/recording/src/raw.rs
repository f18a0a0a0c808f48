//! Headerless samples: what the name, the user or the bytes themselves say of them.

use crate::bytes::Bytes;
use crate::draft::Draft;
use crate::filename::NameFacts;
use crate::{Error, Layout, NamedCoding, SampleCoding};

/// Bytes that a guess is made from.
const GUESS_BYTES: u64 = 16 << 10;

/// Opens a raw file; without a known format it is guessed and asked for.
pub(crate) fn open(bytes: &Bytes, named: &NameFacts, typed: Option<NamedCoding>) -> Result<Draft, Error> {
    let known = typed.or(named.coding);
    let format = match known {
        Some(format) => format,
        None => NamedCoding { coding: guess(bytes)?, complex: true },
    };
    let channels = if format.complex { 2 } else { 1 };
    let layout = Layout::contiguous(0, bytes.len(), format.coding, channels);
    let rest = bytes.len() % layout.frame_bytes();
    let mut draft = Draft::new(bytes.name, "raw", layout);
    draft.ask_format = known.is_none();
    draft.ask_iq = !format.complex;
    if known.is_none() {
        let name = format.coding.complex_name();
        draft.notices.push(format!("Taken as {name} until you choose the sample format"));
    }
    if rest > 0 {
        draft.notices.push(format!("{rest} bytes at the end are no whole sample and are left out"));
    }
    Ok(draft)
}

/// The likeliest of cf32, cu8 and cs16.
fn guess(bytes: &Bytes) -> Result<SampleCoding, Error> {
    // Well inside the file, where receivers have settled.
    let length = GUESS_BYTES.min(bytes.len());
    let offset = (bytes.len() - length) / 2 / 8 * 8;
    let sample = bytes.vec(offset, length, "the samples")?;
    let plausible = |chunk: &[u8; 4]| {
        let value = f32::from_le_bytes(*chunk).abs();
        value == 0.0 || (1e-9..1e6).contains(&value)
    };
    let (floats, _) = sample.as_chunks::<4>();
    let good = floats.iter().filter(|chunk| plausible(chunk)).count();
    let zeros = sample.iter().filter(|byte| **byte == 0).count();
    if !floats.is_empty() && good * 100 >= floats.len() * 99 && zeros * 2 < sample.len() {
        return Ok(SampleCoding::F32);
    }
    let middle = sample.iter().filter(|byte| (64..192).contains(*byte)).count();
    let bytewise = middle * 10 > sample.len() * 9;
    Ok(if bytewise { SampleCoding::U8 } else { SampleCoding::I16 })
}
