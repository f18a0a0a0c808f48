//! WAV, RF64, KiwiSDR and the chunks of receivers' programs, on bytes made here.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
mod make;

use common::{open_bytes, recording, samples};
use heimdall_recording::{Error, Origin, Question, SampleCoding, TimeGrade};
use make::{Kiwi, chunk, kiwi, pcm_format, riff};
use num_complex::Complex32;

const NAME: &str = "20200813T065220Z_77500_TEST_iq.wav";

#[test]
fn every_coding_of_wav_is_scaled_to_full_scale_one() {
    let guid_tail = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];
    let half = [
        (pcm_format(1, 2, 250_000, 8), vec![0, 255]),
        (pcm_format(1, 2, 250_000, 16), vec![0, 0x40, 0, 0xC0]),
        (pcm_format(1, 2, 250_000, 24), vec![0, 0, 0x40, 0, 0, 0xC0]),
        (pcm_format(1, 2, 250_000, 32), vec![0, 0, 0, 0x40, 0, 0, 0, 0xC0]),
        (pcm_format(3, 2, 250_000, 32), [0.5_f32, -0.5].iter().flat_map(|v| v.to_le_bytes()).collect()),
        (pcm_format(3, 2, 250_000, 64), [0.5_f64, -0.5].iter().flat_map(|v| v.to_le_bytes()).collect()),
        (
            [pcm_format(0xFFFE, 2, 250_000, 16), vec![22, 0, 16, 0, 3, 0, 0, 0, 1, 0], guid_tail.to_vec()].concat(),
            vec![0, 0x40, 0, 0xC0],
        ),
    ];
    for (index, (format, data)) in half.into_iter().enumerate() {
        let bytes = riff(&[chunk(b"fmt ", &format), chunk(b"data", &data)]);
        let recording = recording("x.wav", bytes.clone());
        let expected = if index == 0 { Complex32::new(-1.0, 1.0) } else { Complex32::new(0.5, -0.5) };
        assert_eq!(samples(&recording, &bytes), [expected], "case {index}");
        assert!(!recording.questions.contains(&Question::IsItIq));
    }
}

#[test]
fn odd_chunks_are_padded_and_chunks_behind_the_data_count() {
    // auxi: SYSTEMTIME 2023-08-07 (a Monday) 18:17:11.798, stop time, then 401.774 MHz.
    let mut auxi = Vec::new();
    for field in [2023_u16, 8, 1, 7, 18, 17, 11, 798] {
        auxi.extend(field.to_le_bytes());
    }
    auxi.extend([0; 16]);
    auxi.extend(401_774_000_u32.to_le_bytes());
    let bytes = riff(&[
        chunk(b"LIST", b"odd"),
        chunk(b"fmt ", &pcm_format(1, 2, 48_000, 8)),
        chunk(b"data", &[127; 7]),
        chunk(b"auxi", &auxi),
    ]);
    let recording = recording("x.wav", bytes);
    assert_eq!(recording.sample_count, 3);
    assert_eq!(recording.center_frequency_hz.unwrap().value, 401_774_000.0);
    assert_eq!(recording.start_time_unix_ns.unwrap().value, 1_691_432_231_798_000_000);
    assert_eq!(recording.time_grade, TimeGrade::Ntp);
    assert!(recording.questions.contains(&Question::Clock));
    assert!(!recording.questions.contains(&Question::IsItIq), "auxi is a sign of a radio");
}

#[test]
fn perseus_knows_its_rate_by_index() {
    let mut rcvr = Vec::new();
    for field in [7_000_000_u32, 3, 1_600_000_000] {
        rcvr.extend(field.to_le_bytes());
    }
    let bytes = riff(&[chunk(b"fmt ", &pcm_format(1, 2, 95_000, 16)), chunk(b"rcvr", &rcvr), chunk(b"data", &[0; 64])]);
    let recording = recording("x.wav", bytes);
    assert_eq!(recording.sample_rate_hz.unwrap().value, 1e6);
    assert_eq!(recording.start_time_unix_ns.unwrap().value, 1_600_000_000_000_000_000);
}

#[test]
fn unclosed_truncated_and_64_bit_lengths_are_read_to_the_end() {
    let format = chunk(b"fmt ", &pcm_format(1, 2, 250_000, 16));
    for declared in [0_u32, u32::MAX, 1000] {
        let mut bytes = riff(std::slice::from_ref(&format));
        bytes.extend(b"data");
        bytes.extend(declared.to_le_bytes());
        bytes.extend([1; 42]);
        let recording = recording("x.wav", bytes);
        assert_eq!(recording.sample_count, 10, "{declared}");
        assert_eq!(recording.notices.len(), 1, "{declared}");
    }
    let mut ds64 = vec![0; 28];
    ds64[8] = 16;
    let mut bytes = riff(&[chunk(b"ds64", &ds64), format]);
    bytes[..4].copy_from_slice(b"RF64");
    bytes.extend(b"data\xff\xff\xff\xff");
    bytes.extend([1; 42]);
    let recording = recording("x.wav", bytes);
    assert_eq!((recording.sample_count, recording.notices.len()), (4, 0));
}

#[test]
fn sound_is_asked_about() {
    let stereo = riff(&[chunk(b"fmt ", &pcm_format(1, 2, 44_100, 16)), chunk(b"data", &[3; 400])]);
    let mono = riff(&[chunk(b"fmt ", &pcm_format(1, 1, 250_000, 16)), chunk(b"data", &[3; 400])]);
    for bytes in [stereo.clone(), mono] {
        assert!(recording("x.wav", bytes).questions.contains(&Question::IsItIq));
    }
    let named = recording("HDSDR_20230807_181711Z_401774kHz_RF.wav", stereo);
    assert!(!named.questions.contains(&Question::IsItIq));
    assert_eq!(named.center_frequency_hz.unwrap().origin, Origin::FileName);
}

#[test]
fn impossible_wavs_are_refused_with_a_sentence() {
    let rate = riff(&[chunk(b"fmt ", &pcm_format(1, 2, 0, 16)), chunk(b"data", &[3; 400])]);
    assert!(matches!(open_bytes("x.wav", rate), Err(Error::AbsurdRate { .. })));
    let adpcm = riff(&[chunk(b"fmt ", &pcm_format(2, 2, 8000, 4)), chunk(b"data", &[3; 400])]);
    let error = open_bytes("x.wav", adpcm).unwrap_err().to_string();
    assert!(error.ends_with(": x.wav") && error.contains("at byte 20"), "{error}");
}

#[test]
fn kiwi_blocks_are_read_across_their_headers() {
    let bytes = kiwi(&Kiwi { blocks: 40, ..Kiwi::default() });
    let recording = recording(NAME, bytes.clone());
    assert_eq!(recording.time_grade, TimeGrade::Gnss, "{}", recording.time_reason);
    assert_eq!(recording.layout.coding, SampleCoding::I16);
    assert_eq!(recording.sample_count, 39 * 512, "the first block's stamp is 0");
    // The maker counts samples: sample n has I = n mod 30000, Q = -I.
    let all = samples(&recording, &bytes);
    for (index, sample) in all.iter().enumerate() {
        let i = (index + 512) as f32 / 32768.0;
        assert_eq!(*sample, Complex32::new(i, -i), "{index}");
    }
    let mut piece = vec![Complex32::ZERO; 700];
    let outcome = recording.samples(&bytes).read(500, &mut piece).unwrap();
    assert_eq!((outcome.samples, piece.as_slice()), (700, &all[500..1200]));
    let outcome = recording.samples(&bytes).read(recording.sample_count - 5, &mut piece).unwrap();
    assert_eq!(outcome.samples, 5);
    assert_eq!(recording.samples(&bytes).read(u64::MAX, &mut piece).unwrap().samples, 0);
}

#[test]
fn kiwi_time_is_the_stamps_and_not_the_names() {
    let bytes = kiwi(&Kiwi { blocks: 100, ..Kiwi::default() });
    let recording = recording(NAME, bytes);
    // Block 1 is stamped 370 358.5 s of the week that starts 2020-08-09T00:00:00 GPS.
    let expected_ns = (1_596_931_200_i64 - 18 + 370_358) * 1_000_000_000 + 500_000_000;
    let start = recording.start_time_unix_ns.unwrap();
    assert!((start.value - expected_ns).abs() <= 2, "{start:?}");
    assert_eq!(start.origin, Origin::Stamps);
    let rate_hz = recording.sample_rate_hz.unwrap();
    assert!((rate_hz.value - 12_001.25).abs() < 1e-4, "{rate_hz:?}");
}

#[test]
fn kiwi_week_steps_at_its_end() {
    let second = 604_799.0;
    let bytes = kiwi(&Kiwi { blocks: 100, first_stamp_s: second, ..Kiwi::default() });
    // 2020-08-15 is a Saturday: the week ends 2020-08-16T00:00:00 GPS, 23:59:42 UTC.
    let recording = recording("20200815T235941Z_77500_TEST_iq.wav", bytes);
    let start = recording.start_time_unix_ns.unwrap().value;
    let expected_ns = (1_597_536_000_i64 - 18 - 1) * 1_000_000_000;
    assert!((start - expected_ns).abs() <= 2, "{}", start - expected_ns);
    assert_eq!(recording.sample_count, 99 * 512);
}

#[test]
fn kiwi_clocks_that_are_not_fresh_are_not_trusted() {
    let never = recording(NAME, kiwi(&Kiwi { age_s: 255, ..Kiwi::default() }));
    assert_eq!(never.time_grade, TimeGrade::None);
    assert!(never.time_reason.contains("never had a satellite fix"));
    assert_eq!(never.sample_count, 50 * 512);
    let stale = recording(NAME, kiwi(&Kiwi { age_s: 200, ..Kiwi::default() }));
    assert_eq!(stale.time_grade, TimeGrade::Ntp);
    assert!(stale.time_reason.contains("200 s"), "{}", stale.time_reason);
}

#[test]
fn kiwi_keeps_the_longest_part_where_samples_were_lost() {
    let bytes = kiwi(&Kiwi { blocks: 60, lost: Some((20, 2)), ..Kiwi::default() });
    let recording = recording(NAME, bytes.clone());
    assert_eq!(recording.sample_count, 40 * 512);
    assert_eq!(samples(&recording, &bytes)[0].re, 20.0 * 512.0 / 32768.0);
    assert!(recording.notices.iter().any(|notice| notice.contains("lost")));
}

#[test]
fn kiwi_without_a_date_keeps_time_differences() {
    let recording = recording("north.wav", kiwi(&Kiwi::default()));
    assert_eq!(recording.time_grade, TimeGrade::Gnss);
    assert_eq!(recording.start_time_unix_ns.unwrap().origin, Origin::Assumed);
    assert!(recording.notices.iter().any(|notice| notice.contains("week")));
}

#[test]
fn kiwi_with_irregular_blocks_is_walked_through() {
    let regular = kiwi(&Kiwi { blocks: 30, ..Kiwi::default() });
    let (head, rest) = regular.split_at(36 + 10 * 2074);
    let bytes = [head, &chunk(b"LIST", b"note"), rest].concat();
    let irregular = recording(NAME, bytes.clone());
    assert_eq!(irregular.sample_count, 29 * 512);
    assert_eq!(irregular.time_grade, TimeGrade::Gnss);
    let plain = recording(NAME, regular.clone());
    assert_eq!(samples(&irregular, &bytes), samples(&plain, &regular));
}

#[test]
fn a_kiwi_file_shorter_than_its_header_says_is_cut() {
    let mut bytes = kiwi(&Kiwi::default());
    let whole = bytes.len();
    bytes[4..8].copy_from_slice(&(whole as u32 - 8).to_le_bytes());
    assert!(!recording(NAME, bytes.clone()).notices.iter().any(|notice| notice.contains("Truncated")));
    bytes.truncate(whole - 3000);
    let cut = recording(NAME, bytes);
    assert!(cut.notices.contains(&"Truncated: 3000 bytes of samples are missing at the end".to_owned()), "{cut:?}");
}
