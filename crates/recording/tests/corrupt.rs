//! Damaged files end in an error or a recording, never in a panic, and never read past the end.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;
mod make;

use common::file;
use heimdall_recording::{Content, TypedFacts, open, sample_statistics};
use make::archive::{self, How, gzip, noise, zip};
use make::{Kiwi, chunk, floats, kiwi, npy, pcm_format, riff, tar_member};
use num_complex::Complex32;

const META: &str = r#"{"global": {"core:datatype": "ci16_le", "core:sample_rate": 1e3,
  "core:num_channels": 2}, "captures": [{"core:sample_start": 1, "core:frequency": 1e6,
  "core:datetime": "2021-06-18T23:17:51.1Z", "core:header_bytes": 2},
  {"core:sample_start": 3, "core:frequency": 2e6}]}"#;

/// Small files of every format.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let ds64 = chunk(b"ds64", &[1; 28]);
    let format = chunk(b"fmt ", &pcm_format(1, 2, 250_000, 16));
    let wav = riff(&[ds64, format, chunk(b"auxi", &[7; 40]), chunk(b"data", &[5; 99])]);
    let tar = [tar_member("a.sigmf-meta", b'0', META.as_bytes()), tar_member("a.sigmf-data", b'0', &[9; 70])];
    let members: [(&str, &[u8]); 3] =
        [("a.sigmf-meta", META.as_bytes()), ("a.sigmf-data", &[9; 70]), ("b.cu8", &noise(200, 1))];
    let zipped = |how| zip(&members.map(|(name, bytes)| (name, how, bytes)));
    let kiwi = kiwi(&Kiwi { blocks: 7, ..Kiwi::default() });
    vec![
        ("20200813T065220Z_77500_TEST_iq.wav", kiwi),
        ("a.wav", wav),
        ("a.npy", npy("<c8", true, "(3, 2)", &floats(&[1.0; 12]))),
        ("b.npy", npy("<f4", true, "(3, 2)", &floats(&[1.0; 6]))),
        ("a.sigmf", tar.concat()),
        ("stored.zip", zipped(How::Stored)),
        ("deflated.zip", zipped(How::Deflated)),
        ("long.zip", zipped(How::Deflated64Bit)),
        ("a.tar.gz", gzip(&archive::tar(&members))),
        ("b.cu8.gz", gzip(&noise(300, 2))),
        ("a.csv", b"receiver,lat,lon,level_dbm\na,47,8,-70\nb,46,7,-60\n".to_vec()),
        ("a.bin", (0..200).map(|n| (n * 37) as u8).collect()),
    ]
}

/// Opens, reads everything and looks at it.
fn exercise(name: &str, bytes: Vec<u8>) {
    let length = bytes.len() as u64;
    let files = [file(name, bytes)];
    let contents = match open(&files, &TypedFacts::default()) {
        Ok(contents) => contents,
        Err(error) => return assert_is_a_sentence(&error.to_string()),
    };
    for content in contents {
        let recording = match content {
            Content::Recording(recording) => recording,
            Content::Refused { error, .. } => return assert_is_a_sentence(&error.to_string()),
            _ => continue,
        };
        let (offset, byte_len) = recording.layout.byte_range();
        let length = recording.packed.map_or(length, |packed| packed.bytes);
        assert!(offset + byte_len <= length, "{name}: samples past the end");
        let mut out = vec![Complex32::ZERO; recording.sample_count.min(20_000) as usize];
        let outcome = recording.samples(files[0].source.as_ref()).read(0, &mut out).unwrap();
        assert_eq!(outcome.samples, out.len(), "{name}");
        sample_statistics(&recording.samples(files[0].source.as_ref())).unwrap();
    }
}

fn assert_is_a_sentence(text: &str) {
    assert!(text.len() > 20 && text.contains(": "), "{text}");
    assert!(!text.contains(char::is_control), "{text:?}");
}

#[test]
fn every_truncation_is_survived() {
    for (name, bytes) in files() {
        for length in 0..bytes.len() {
            exercise(name, bytes[..length].to_vec());
        }
    }
}

#[test]
fn flipped_bytes_are_survived() {
    // A linear congruential generator (Knuth's MMIX) is random enough here.
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for (name, bytes) in files() {
        for _ in 0..3000 {
            let mut damaged = bytes.clone();
            for _ in 0..1 + random(4) {
                // Headers are where it hurts.
                let within = if random(2) == 0 { bytes.len().min(160) } else { bytes.len() };
                let at = random(within);
                damaged[at] = [0, 0xFF, 0x80, random(256) as u8][random(4)];
            }
            exercise(name, damaged);
        }
    }
}

#[test]
fn damaged_metadata_beside_data_is_survived() {
    for length in 0..META.len() {
        let meta = file("a.sigmf-meta", &META.as_bytes()[..length]);
        let result = open(&[meta, file("a.sigmf-data", vec![3; 64])], &TypedFacts::default());
        assert!(result.is_err(), "half of a JSON object is none: {length}");
    }
    let hostile = [
        ("\"core:num_channels\": 2", "\"core:num_channels\": 4000000000"),
        ("\"core:num_channels\": 2", "\"core:num_channels\": -1"),
        ("\"core:sample_start\": 3", "\"core:sample_start\": 18446744073709551615"),
        ("\"core:header_bytes\": 2", "\"core:header_bytes\": 18446744073709551615"),
        ("1e3", "1e300"),
        ("1e3", "-1"),
    ];
    for (from, to) in hostile {
        for length in 0..64 {
            let meta = file("a.sigmf-meta", META.replace(from, to));
            let data = file("a.sigmf-data", vec![3; length]);
            let Ok(contents) = open(&[meta, data], &TypedFacts::default()) else {
                continue;
            };
            for content in contents {
                let Content::Recording(recording) = content else { panic!("{content:?}") };
                let (offset, byte_len) = recording.layout.byte_range();
                assert!(offset + byte_len <= length as u64, "{to}");
            }
        }
    }
}
