//! Makers of small files for the tests, written from the formats' specifications.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "tests")]

pub mod archive;

/// A RIFF chunk with its padding.
pub fn chunk(id: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let size = (payload.len() as u32).to_le_bytes();
    let padding = vec![0; payload.len() % 2];
    [id.as_slice(), &size, payload, &padding].concat()
}

/// A RIFF file of chunks.
pub fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    let size = (body.len() as u32 + 4).to_le_bytes();
    [b"RIFF".as_slice(), &size, b"WAVE", &body].concat()
}

/// The first 16 bytes of a `fmt ` chunk.
pub fn pcm_format(tag: u16, channels: u16, rate_hz: u32, bits: u16) -> Vec<u8> {
    let block = channels * bits / 8;
    let mut format = Vec::new();
    format.extend(tag.to_le_bytes());
    format.extend(channels.to_le_bytes());
    format.extend(rate_hz.to_le_bytes());
    format.extend((rate_hz * u32::from(block)).to_le_bytes());
    format.extend(block.to_le_bytes());
    format.extend(bits.to_le_bytes());
    format
}

/// A KiwiSDR file: 512 samples a block at 12 001.25 Hz, the first stamp 0, then exact ones.
pub struct Kiwi {
    pub blocks: u64,
    /// Time of week of block 1.
    pub first_stamp_s: f64,
    pub age_s: u8,
    /// From this block on, so many samples are missing.
    pub lost: Option<(u64, u64)>,
}

impl Default for Kiwi {
    fn default() -> Self {
        Self { blocks: 50, first_stamp_s: 370_358.5, age_s: 1, lost: None }
    }
}

impl Kiwi {
    /// The 26 bytes before a block's samples.
    pub fn header(&self, block: u64) -> Vec<u8> {
        let lost = self.lost.map_or(0, |(from, samples)| if block >= from { samples } else { 0 });
        let samples = block.saturating_sub(1) * 512 + lost;
        let start_ns = (self.first_stamp_s * 1e9) as u64;
        let time_ns = start_ns + (samples as f64 * 1e9 / 12_001.25).round() as u64;
        let (second, ns) = (time_ns / 1_000_000_000 % 604_800, time_ns % 1_000_000_000);
        let (second, ns, age_s) = if block == 0 { (0, 0, 0) } else { (second, ns, self.age_s) };
        let mut payload = vec![age_s, 0];
        payload.extend((second as u32).to_le_bytes());
        payload.extend((ns as u32).to_le_bytes());
        [chunk(b"kiwi", &payload), b"data\x00\x08\x00\x00".to_vec()].concat()
    }
}

/// The bytes of a KiwiSDR file; sample n is (n, −n) modulo 30 000.
pub fn kiwi(kiwi: &Kiwi) -> Vec<u8> {
    let mut bytes = riff(&[chunk(b"fmt ", &pcm_format(1, 2, 12_001, 16))]);
    for block in 0..kiwi.blocks {
        bytes.extend(kiwi.header(block));
        for sample in block * 512..(block + 1) * 512 {
            let value = (sample % 30_000) as i16;
            bytes.extend(value.to_le_bytes());
            bytes.extend((-value).to_le_bytes());
        }
    }
    bytes
}

/// A NumPy file of version 1.
pub fn npy(dtype: &str, fortran_order: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if fortran_order { "True" } else { "False" };
    let header = format!("{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let size = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00".as_slice(), &size, header.as_bytes(), data].concat()
}

/// A ustar member with its padding.
pub fn tar_member(name: &str, kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut header = vec![0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..136].copy_from_slice(format!("{:011o}\0", payload.len()).as_bytes());
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let padding = vec![0; payload.len().next_multiple_of(512) - payload.len()];
    [header, payload.to_vec(), padding].concat()
}

/// Little-endian floats.
pub fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
