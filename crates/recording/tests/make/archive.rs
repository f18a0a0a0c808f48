//! Makers of archives, by other libraries than the reader's.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::tar_member;

/// How a member of a zip lies in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    Stored,
    Deflated,
    /// With the 64-bit sizes of zip64.
    Stored64,
    Deflated64Bit,
}

/// A zip archive.
pub fn zip(members: &[(&str, How, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, how, payload) in members {
        let method = match how {
            How::Stored | How::Stored64 => CompressionMethod::Stored,
            How::Deflated | How::Deflated64Bit => CompressionMethod::Deflated,
        };
        let large = matches!(how, How::Stored64 | How::Deflated64Bit);
        let options = SimpleFileOptions::default().compression_method(method).large_file(large);
        writer.start_file(*name, options).unwrap();
        writer.write_all(payload).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A gzip stream.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A tar archive.
pub fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let members = members.iter().map(|(name, payload)| tar_member(name, b'0', payload));
    members.chain([vec![0; 1024]]).collect::<Vec<_>>().concat()
}

/// Bytes that compress to about two thirds, as those of receivers do.
pub fn noise(length: usize, seed: u32) -> Vec<u8> {
    let mut state = u64::from(seed) << 1 | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    (0..length).map(|_| 128 + (next() % 24 + next() % 24) as u8 - 24).collect()
}
