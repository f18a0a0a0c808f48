//! Opening costs the same for long files: a source of 10 GB that counts the bytes it gives.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
mod make;

use std::cell::Cell;
use std::rc::Rc;

use common::only;
use heimdall_recording::{ByteSource, InputFile, Recording, TimeGrade, TypedFacts, open};
use make::{Kiwi, chunk, kiwi, pcm_format, riff};
use num_complex::Complex32;

const LENGTH: u64 = 10_000_000_000;
const MIB: u64 = 1 << 20;

/// Bytes computed where they are asked for.
struct Fake<F> {
    length: u64,
    given: Cell<u64>,
    largest: Cell<u64>,
    byte_runs: F,
}

impl<F: Fn(u64, &mut [u8])> ByteSource for Fake<F> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        let length = buffer.len() as u64;
        assert!(offset + length <= self.length, "read past the end");
        self.given.set(self.given.get() + length);
        self.largest.set(self.largest.get().max(length));
        (self.byte_runs)(offset, buffer);
        Ok(())
    }
}

/// A zip of 10 GB with zip64 sizes: one member that is stored, then the list.
fn zip64() -> (Vec<u8>, u64, Vec<u8>) {
    let name = b"x_433.92M_250k.cu8";
    let name_length = (name.len() as u16).to_le_bytes();
    let (absent, nothing) = ([0xFF; 4], [0; 12]);
    let head =
        [b"PK\x03\x04-\0\0\0\0\0".as_slice(), &nothing[..8], &absent, &absent, &name_length, &[0, 0], name].concat();
    let lists = 46 + name.len() as u64 + 20;
    let data = LENGTH - head.len() as u64 - lists - 56 - 20 - 22;
    let list_at = head.len() as u64 + data;
    let extra = [b"\x01\0\x10\0".as_slice(), &data.to_le_bytes(), &data.to_le_bytes()].concat();
    let line = [
        b"PK\x01\x02-\0-\0\0\0\0\0".as_slice(),
        &nothing[..8],
        &absent,
        &absent,
        &name_length,
        &[20, 0],
        &nothing[..10],
        &[0; 4],
        name,
        &extra,
    ];
    let end_64 = [
        b"PK\x06\x06".as_slice(),
        &44_u64.to_le_bytes(),
        &nothing,
        &1_u64.to_le_bytes(),
        &1_u64.to_le_bytes(),
        &lists.to_le_bytes(),
        &list_at.to_le_bytes(),
    ];
    let locator = [b"PK\x06\x07".as_slice(), &[0; 4], &(list_at + lists).to_le_bytes(), &[1, 0, 0, 0]];
    let end = [b"PK\x05\x06".as_slice(), &[0; 4], &[1, 0, 1, 0], &absent, &absent, &[0, 0]];
    (head, data, [line.concat(), end_64.concat(), locator.concat(), end.concat()].concat())
}

#[test]
fn a_zip_of_10_gb_opens_with_a_megabyte() {
    let (head, data, tail) = zip64();
    let first = head.len() as u64;
    let (recording, fake) = open_fake("set.zip", move |offset, buffer| {
        for (index, byte) in buffer.iter_mut().enumerate() {
            let at = offset + index as u64;
            let known = head.get(at as usize).or_else(|| tail.get(at.checked_sub(first + data)? as usize));
            *byte = known.copied().unwrap_or_else(|| ((at - first) % 251) as u8);
        }
    });
    assert_eq!(recording.sample_count, data / 2);
    let mut samples = vec![Complex32::ZERO; 1_000_000];
    let last = recording.sample_count - 1_000_000;
    recording.samples(fake.as_ref()).read(last, &mut samples).unwrap();
    let byte = |at: u64| ((at % 251) as f32 - 127.5) / 127.5;
    assert_eq!(samples[7], Complex32::new(byte(2 * (last + 7)), byte(2 * (last + 7) + 1)));
}

fn open_fake<F: Fn(u64, &mut [u8]) + 'static>(name: &str, byte_runs: F) -> (Recording, Rc<Fake<F>>) {
    let fake = Rc::new(Fake { length: LENGTH, given: Cell::new(0), largest: Cell::new(0), byte_runs });
    let file = InputFile { name: name.into(), source: fake.clone() };
    let recording = only(open(&[file], &TypedFacts::default()).unwrap());
    assert!(fake.given.get() <= MIB, "{} bytes read", fake.given.get());
    (recording, fake)
}

/// Blocks like those of `make::kiwi`, computed.
fn kiwi_bytes(maker: Kiwi) -> impl Fn(u64, &mut [u8]) {
    let head = kiwi(&Kiwi { blocks: 0, ..Kiwi::default() });
    move |offset, buffer| {
        let mut done = 0;
        while done < buffer.len() {
            let at = offset + done as u64;
            let (piece, from) = if at < 36 {
                (head.clone(), at as usize)
            } else {
                let mut block = maker.header((at - 36) / 2074);
                block.resize(2074, 7);
                (block, ((at - 36) % 2074) as usize)
            };
            let count = (piece.len() - from).min(buffer.len() - done);
            buffer[done..done + count].copy_from_slice(&piece[from..from + count]);
            done += count;
        }
    }
}

#[test]
fn a_kiwi_recording_of_10_gb_opens_with_a_megabyte() {
    let (recording, fake) = open_fake("20200813T065220Z_77500_TEST_iq.wav", kiwi_bytes(Kiwi::default()));
    assert_eq!(recording.time_grade, TimeGrade::Gnss, "{}", recording.time_reason);
    let blocks = (LENGTH - 36) / 2074;
    assert!(recording.sample_count.abs_diff((blocks - 1) * 512) < 512);
    assert!((recording.sample_rate_hz.as_ref().unwrap().value - 12_001.25).abs() < 1e-6);
    let mut samples = vec![Complex32::ZERO; 3_000_000];
    let middle = recording.sample_count / 2;
    let outcome = recording.samples(fake.as_ref()).read(middle, &mut samples).unwrap();
    assert_eq!(outcome.samples, samples.len());
    assert!(fake.largest.get() <= MIB, "{} bytes at once", fake.largest.get());
}

#[test]
fn lost_samples_in_10_gb_are_found_to_the_block() {
    let maker = Kiwi { lost: Some((1_234_567, 5)), ..Kiwi::default() };
    let (recording, _) = open_fake("20200813T065220Z_77500_TEST_iq.wav", kiwi_bytes(maker));
    let blocks = (LENGTH - 36) / 2074;
    assert!(recording.sample_count.abs_diff((blocks - 1_234_567) * 512) < 512);
    assert_eq!(recording.layout.runs[0].offset, 36 + 26 + 1_234_567 * 2074);
    // The stamp of the first block after the gap, in the week before 2020-08-16.
    let samples = 1_234_566 * 512 + 5_u64;
    let week_s = 1_596_931_200_i64 - 18;
    let after_ns = (samples as f64 * 1e9 / 12_001.25).round() as i64;
    let expected_ns = week_s * 1_000_000_000 + 370_358_500_000_000 + after_ns;
    let apart = (recording.start_time_unix_ns.unwrap().value - expected_ns).rem_euclid(604_800_000_000_000);
    assert!(!(100..604_799_999_999_900).contains(&apart), "{apart} ns");
}

#[test]
fn an_rf64_of_10_gb_opens_with_a_megabyte() {
    let mut ds64 = vec![0; 28];
    let mut head = riff(&[chunk(b"fmt ", &pcm_format(1, 2, 2_000_000, 16))]);
    head[..4].copy_from_slice(b"RF64");
    let data = LENGTH - (head.len() + 36 + 8) as u64;
    ds64[8..16].copy_from_slice(&data.to_le_bytes());
    let format = head.split_off(12);
    let head = [head, chunk(b"ds64", &ds64), format, b"data\xff\xff\xff\xff".to_vec()].concat();
    let (recording, fake) = open_fake("x.wav", move |offset, buffer| {
        for (index, byte) in buffer.iter_mut().enumerate() {
            let at = offset + index as u64;
            // Pairs of (n, −n)-like bytes, so that the channels differ.
            let noise = (at / 2).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
            *byte = head.get(at as usize).copied().unwrap_or(noise as u8);
        }
    });
    assert_eq!(recording.sample_count, data / 4);
    assert!(recording.notices.is_empty(), "{:?}", recording.notices);
    let mut samples = vec![Complex32::ZERO; 1_000_000];
    let last = recording.sample_count - 1_000_000;
    let outcome = recording.samples(fake.as_ref()).read(last, &mut samples).unwrap();
    assert_eq!(outcome.samples, samples.len());
    assert!(fake.largest.get() <= MIB);
}
