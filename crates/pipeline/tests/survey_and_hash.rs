//! The first look at a recording, and the fingerprints of files.
#![allow(clippy::unwrap_used)]

mod common;

use std::ops::ControlFlow;

use common::{Dropped, Meta, generator, noise, sum, tone};
use heimdall_pipeline::{Checksums, Error, Survey, checksums};
use heimdall_recording::{ByteSource, Checksum};
use num_complex::Complex32;

const RATE_HZ: f64 = 16e3;

fn surveyed(samples: &[Complex32]) -> Survey {
    let mut dropped = Dropped::default();
    dropped.add(&Meta::default().floats(samples));
    dropped.scene.recordings.remove(0).survey
}

#[test]
fn a_tone_stands_at_its_frequency_in_spectrum_and_picture() {
    for frequency_hz in [-6_500.0, -1_000.0, 2_500.0, 7_300.0] {
        let samples = sum(&tone(frequency_hz, RATE_HZ, 0.1, 64_000), &noise(&mut generator(1), 64_000), 1e-3);
        let survey = surveyed(&samples);
        assert!((survey.power_dbfs - -20.0).abs() < 0.1, "{}", survey.power_dbfs);
        let spectrum = &survey.spectrum;
        let highest = (0..spectrum.power_dbfs.len())
            .max_by(|a, b| spectrum.power_dbfs[*a].total_cmp(&spectrum.power_dbfs[*b]))
            .unwrap();
        let found_hz = spectrum.start_hz + spectrum.step_hz * highest as f64;
        assert!((found_hz - frequency_hz).abs() <= spectrum.step_hz, "{found_hz} is not {frequency_hz}");
        // Rows from the highest frequency down.
        let picture = &survey.thumbnail;
        assert_eq!(picture.values.len(), picture.width * picture.height);
        let row = ((RATE_HZ / 2.0 - frequency_hz) / RATE_HZ * picture.height as f64) as usize;
        for column in 0..picture.width {
            let brightest = (0..picture.height).max_by_key(|row| picture.values[row * picture.width + column]).unwrap();
            assert!(brightest.abs_diff(row) <= 1, "column {column}: row {brightest} is not {row}");
        }
        assert!(picture.ceiling_dbfs > picture.floor_dbfs + 30.0);
    }
}

#[test]
fn time_runs_to_the_right() {
    // The tone sounds in the second half only.
    let mut samples = noise(&mut generator(2), 128_000).into_iter().map(|s| s * 1e-3).collect::<Vec<_>>();
    let sounding = tone(3_000.0, RATE_HZ, 0.3, 64_000);
    samples[64_000..].iter_mut().zip(&sounding).for_each(|(sample, tone)| *sample += tone);
    let picture = surveyed(&samples).thumbnail;
    let brightest =
        |column: usize| (0..picture.height).map(|row| picture.values[row * picture.width + column]).max().unwrap();
    let loud: Vec<bool> = (0..picture.width).map(|column| brightest(column) > 200).collect();
    let first = loud.iter().position(|loud| *loud).unwrap();
    assert!(first.abs_diff(picture.width / 2) <= 2, "{first} of {}", picture.width);
    assert!(loud[first + 1..].iter().all(|loud| *loud));
}

#[test]
fn silence_clipping_and_what_is_no_number_are_seen() {
    let survey = surveyed(&vec![Complex32::ZERO; 20_000]);
    assert!(survey.silent && survey.power_dbfs.is_finite());
    let mut clipped = Dropped::default();
    clipped
        .add(&Meta::default().integers(&noise(&mut generator(3), 20_000).iter().map(|s| s * 1.5).collect::<Vec<_>>()));
    // |I| > 1 of σ = 1.5/√2: 34.6 % of the numbers.
    assert!(
        (clipped.scene.recordings[0].survey.clipped - 0.346).abs() < 0.01,
        "{}",
        clipped.scene.recordings[0].survey.clipped
    );
    let mut broken = noise(&mut generator(4), 2_000);
    broken[7] = Complex32::new(f32::NAN, 0.0);
    let survey = surveyed(&broken);
    assert!(survey.non_finite >= 1 && survey.spectrum.power_dbfs.iter().all(|db| db.is_finite()));
}

#[test]
fn recordings_of_any_length_can_be_looked_at() {
    for len in [1, 2, 100, 511, 512, 1279, 1280, 1281, 3000] {
        let survey = surveyed(&noise(&mut generator(5), len));
        assert!(survey.thumbnail.width >= 1 && survey.power_dbfs.abs() < 15.0, "{len}: {}", survey.power_dbfs);
    }
}

#[test]
fn the_fingerprint_tells_recordings_apart_and_copies_not() {
    let samples = noise(&mut generator(6), 30_000);
    let mut other = samples.clone();
    other[0] *= -1.0;
    assert_eq!(surveyed(&samples).fingerprint, surveyed(&samples).fingerprint);
    assert_ne!(surveyed(&samples).fingerprint, surveyed(&other).fingerprint);
}

/// Vectors of FIPS 180-4 (NIST's examples and the Secure Hash Standard's test of a million letters).
#[test]
fn sha256_is_that_of_the_standard() {
    let go_on = &mut |_| ControlFlow::Continue(());
    for (bytes, hash) in [
        (b"".to_vec(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"abc".to_vec(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (vec![b'a'; 1_000_000], "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ] {
        assert_eq!(checksums(&bytes, &[], go_on).unwrap().sha256, hash);
    }
    // More than one block of the reader.
    let long = vec![0u8; (2 << 20) + 1];
    let mut blocks = 0;
    let sums = checksums(&long, &[], &mut |_| {
        blocks += 1;
        ControlFlow::Continue(())
    });
    assert_eq!((sums.unwrap().sha256.len(), blocks), (64, 3));
    assert!(matches!(checksums(&long, &[], &mut |_| ControlFlow::Break(())), Err(Error::Stopped)));
}

/// The SHA-512 of "abc" (FIPS 180-4, NIST's example), at three places: whole, inside a file, across blocks.
#[test]
fn a_stated_checksum_is_compared_with_the_bytes_it_is_of() {
    let sha512 = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                  2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
    let stated = |offset| Checksum { sha512: sha512.into(), offset, byte_len: 3 };
    let sums = |bytes: &[u8], offset| {
        checksums(&bytes.to_vec(), &[stated(offset)], &mut |_| ControlFlow::Continue(())).unwrap()
    };
    let edge = (1 << 20) - 1;
    let long = [vec![0; edge], b"abc".to_vec(), vec![0; 5]].concat();
    for (bytes, offset) in [(b"abc".as_slice(), 0), (b"xxabcx", 2), (&long, edge as u64)] {
        assert_eq!(sums(bytes, offset).notice(Some(&stated(offset))), None);
    }
    let changed: Checksums = sums(b"abd", 0);
    assert!(changed.notice(Some(&stated(0))).unwrap().contains("core:sha512"));
    assert_eq!(changed.notice(None), None, "the metadata states nothing");
    assert_eq!(sums(b"ab", 0).contradicted.len(), 1, "a file that is too short");
}

#[test]
fn a_file_that_went_away_is_said_to_have() {
    struct Gone;
    impl ByteSource for Gone {
        fn len(&self) -> u64 {
            10
        }
        fn read_exact_at(&self, _: u64, _: &mut [u8]) -> Result<(), String> {
            Err("NotFoundError".into())
        }
    }
    let error = checksums(&Gone, &[], &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(error.to_string(), "Could not read the file: NotFoundError. Was it moved or deleted? Drop it again.");
}
