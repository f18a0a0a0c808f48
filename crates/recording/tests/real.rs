//! Behaviour on recordings of real receivers. Without the data folder every test says "skipped".
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use common::{data, only};
use heimdall_recording::{Content, Origin, Question, SampleCoding, TimeGrade, TypedFacts};
use heimdall_recording::{group, open, sample_statistics};

#[test]
fn gnss_stamped_recordings_give_rate_start_and_grade() {
    // First fresh stamp by hand (xxd): time of week; blocks before it are left out.
    // Sunday 2020-08-09T00:00:00Z is 1 596 931 200; GPS is 18 s ahead.
    let week_start_ns = (1_596_931_200_i64 - 18) * 1_000_000_000;
    let cases = [
        ("HB9ODP", 370_358_269_435_262_i64, 703 * 512),
        ("JO51xl", 370_358_769_799_718, 692 * 512),
        ("pa0rdt", 370_358_624_751_640, 695 * 512),
    ];
    for (station, time_of_week_ns, count) in cases {
        let path = format!("real/dcf77-2020/20200813T065220Z_77500_{station}_iq.wav");
        let Some(file) = data(&path) else { return };
        let recording = only(open(&[file], &TypedFacts::default()).unwrap());
        assert_eq!(recording.time_grade, TimeGrade::Gnss, "{}", recording.time_reason);
        let start = recording.start_time_unix_ns.unwrap();
        let apart_ns = start.value - week_start_ns - time_of_week_ns;
        assert!(apart_ns.abs() < 600, "{station}: {apart_ns} ns off its first stamp");
        assert_eq!(start.origin, Origin::Stamps);
        let rate_hz = recording.sample_rate_hz.unwrap().value;
        assert!((rate_hz - 12_001.07).abs() < 0.15, "{station}: {rate_hz}");
        assert!(recording.time_sigma_s.unwrap() < 1e-6);
        assert_eq!(recording.sample_count, count);
        assert_eq!(recording.center_frequency_hz.unwrap().value, 77_500.0);
        assert_eq!(recording.station.unwrap().value, station);
        assert_eq!(recording.questions, [Question::Position]);
        eprintln!("{station}: {rate_hz} Hz, {}, {:?}", recording.time_reason, recording.notices);
    }
}

#[test]
fn a_clock_without_a_fix_is_refused_with_the_reason() {
    let Some(file) = data("real/no-gnss-fix/20251207T183506Z_100000_G7UAK_iq.wav") else {
        return;
    };
    let recording = only(open(&[file], &TypedFacts::default()).unwrap());
    assert_eq!(recording.time_grade, TimeGrade::None);
    assert!(recording.time_reason.contains("never had a satellite fix"));
    assert_eq!(recording.sample_count, 235 * 512);
}

#[test]
fn files_that_are_not_iq_are_asked_about() {
    if let Some(file) = data("formats/audio_stereo_not_iq.wav") {
        let audio = only(open(&[file], &TypedFacts::default()).unwrap());
        assert!(audio.questions.contains(&Question::IsItIq));
        assert!(audio.notices.iter().any(|notice| notice.contains("looks like audio")));
        assert!(audio.notices.iter().any(|notice| notice.contains("nearly the same")));
    }
    let pair = ["formats/sigmf_logo.sigmf-data", "formats/sigmf_logo.sigmf-meta"];
    let (Some(samples), Some(meta)) = (data(pair[0]), data(pair[1])) else {
        return;
    };
    let logo = only(open(&[samples.clone(), meta], &TypedFacts::default()).unwrap());
    assert!(logo.questions.contains(&Question::IsItIq));
    assert!(logo.notices.iter().any(|notice| notice.contains("2 real channels")));
    let stated = logo.checksum.expect("the metadata states one");
    assert_eq!((stated.sha512.len(), stated.offset, stated.byte_len), (128, 0, samples.source.len()));
}

#[test]
fn raw_files_open_by_extension_and_name() {
    let cases = [
        ("adsb_1090M_2400k_q-before-i.cs16", SampleCoding::I16, 524_288 / 4, Some(2.4e6)),
        ("enocean.cf32", SampleCoding::F32, 392_800 / 8, None),
        ("esaver.cs8", SampleCoding::I8, 598_092 / 2, None),
        ("homematic.cs16", SampleCoding::I16, 469_584 / 4, None),
        ("modes1_1090M_2000k.cu8", SampleCoding::U8, 713_736 / 2, Some(2e6)),
    ];
    for (name, coding, count, rate_hz) in cases {
        let Some(file) = data(&format!("formats/{name}")) else {
            return;
        };
        let source = file.source.clone();
        let recording = only(open(&[file], &TypedFacts::default()).unwrap());
        assert_eq!(recording.layout.coding, coding, "{name}");
        assert_eq!(recording.sample_count, count, "{name}");
        assert_eq!(recording.sample_rate_hz.as_ref().map(|fact| fact.value), rate_hz, "{name}");
        assert_eq!(recording.questions.contains(&Question::SampleRate), rate_hz.is_none());
        assert!(!recording.questions.contains(&Question::SampleFormat), "{name}");
        let seen = sample_statistics(&recording.samples(source.as_ref())).unwrap();
        assert!(!seen.silent && seen.non_finite_fraction == 0.0, "{name}: {seen:?}");
        assert!(seen.iq_correlation.abs() < 0.9, "{name}: {seen:?}");
    }
}

#[test]
fn unknown_extensions_are_guessed_and_asked() {
    let cases = [("enocean.cf32", SampleCoding::F32), ("modes1_1090M_2000k.cu8", SampleCoding::U8)];
    for (name, coding) in cases {
        let Some(mut file) = data(&format!("formats/{name}")) else {
            return;
        };
        file.name = "capture.bin".into();
        let recording = only(open(&[file], &TypedFacts::default()).unwrap());
        assert_eq!(recording.layout.coding, coding, "{name}");
        assert!(recording.questions.contains(&Question::SampleFormat));
    }
}

#[test]
fn the_real_table_of_receivers_is_read_and_the_truth_is_not() {
    let Some(file) = data("real/dcf77-2020/receivers.csv") else {
        return;
    };
    let contents = open(&[file], &TypedFacts::default()).unwrap();
    let [Content::Receivers { rows, notices }] = contents.as_slice() else {
        panic!("{contents:?}");
    };
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1].name, "JO51xl");
    assert_eq!(rows[1].position.latitude_deg, 51.466_044);
    assert!(notices.is_empty());
    let truth = data("real/dcf77-2020/truth.json").expect("beside the receivers");
    assert!(open(&[truth], &TypedFacts::default()).is_err());
}

#[test]
fn the_whole_folder_groups_into_files_and_one_pair() {
    let names = ["a.wav", "Logo.SIGMF-META", "b.csv", "logo.sigmf-data"].map(String::from);
    assert_eq!(group(&names), [vec![0], vec![1, 3], vec![2]]);
}
