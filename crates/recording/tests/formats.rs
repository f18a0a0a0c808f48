//! SigMF, tar, NumPy, raw, SDRangel and tables, on bytes made here.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;
mod make;

use common::{file, only, open_bytes, recording, samples};
use heimdall_recording::{Content, Error, Origin, Position, Question, Recording, SampleCoding};
use heimdall_recording::{TimeGrade, TypedFacts, group, open, sample_statistics};
use make::{floats, npy, tar_member};
use num_complex::Complex32;

const HALF: Complex32 = Complex32::new(0.5, -0.5);

fn sigmf(global: &str, captures: &str, data: &[u8]) -> Result<Vec<Content>, Error> {
    let meta = format!("{{\"global\": {{{global}}}, \"captures\": [{captures}]}}");
    let files = [file("North.sigmf-meta", meta), file("north.sigmf-data", data)];
    open(&files, &TypedFacts::default())
}

fn recordings(contents: Vec<Content>) -> Vec<Recording> {
    let of = |content| match content {
        Content::Recording(recording) => recording,
        other => panic!("{other:?}"),
    };
    contents.into_iter().map(of).collect()
}

#[test]
fn every_sigmf_datatype_is_scaled_to_full_scale_one() {
    let cases: [(&str, Vec<u8>); 13] = [
        ("cf32_le", floats(&[0.5, -0.5])),
        ("cf32_be", [0.5_f32, -0.5].iter().flat_map(|v| v.to_be_bytes()).collect()),
        ("cf64_le", [0.5_f64, -0.5].iter().flat_map(|v| v.to_le_bytes()).collect()),
        ("cf64_be", [0.5_f64, -0.5].iter().flat_map(|v| v.to_be_bytes()).collect()),
        ("ci32_le", vec![0, 0, 0, 0x40, 0, 0, 0, 0xC0]),
        ("ci32_be", vec![0x40, 0, 0, 0, 0xC0, 0, 0, 0]),
        ("ci16_le", vec![0, 0x40, 0, 0xC0]),
        ("ci16_be", vec![0x40, 0, 0xC0, 0]),
        ("cu32_le", vec![0, 0, 0, 0xC0, 0, 0, 0, 0x40]),
        ("cu16_le", vec![0, 0xC0, 0, 0x40]),
        ("cu16_be", vec![0xC0, 0, 0x40, 0]),
        ("ci8", vec![0x40, 0xC0]),
        ("cu8", vec![191, 64]),
    ];
    for (datatype, data) in cases {
        let global = format!("\"core:datatype\": \"{datatype}\", \"core:sample_rate\": 1e6");
        let recording = only(sigmf(&global, "", &data).unwrap());
        let sample = samples(&recording, &data)[0];
        assert!((sample - HALF).norm() < 0.01, "{datatype}: {sample}");
        assert!(!recording.questions.contains(&Question::IsItIq));
    }
}

#[test]
fn a_simulated_recording_is_known_in_full() {
    let global = r#""core:datatype": "cf32_le", "core:sample_rate": 48000, "core:version": "1.2.0",
        "core:geolocation": {"type": "Point", "coordinates": [9.5, 47.25, 400]},
        "heimdall:time_grade": "gnss", "heimdall:station": "alpha", "heimdall:synthetic": true,
        "heimdall:truth": {"lat": 1, "lon": 2}"#;
    let capture = r#"{"core:sample_start": 0, "core:frequency": 145e6,
        "core:datetime": "2021-06-18T23:17:51.123456789Z",
        "core:geolocation": {"type": "Point", "coordinates": [-3.5, 40.5]}}"#;
    let recording = only(sigmf(global, capture, &floats(&[0.5, -0.5, 0.0, 1.0])).unwrap());
    assert_eq!((recording.name.as_str(), recording.source_index), ("north.sigmf-data", 1));
    assert_eq!(recording.sample_count, 2);
    assert_eq!(recording.time_grade, TimeGrade::Gnss);
    // date -u -d 2021-06-18T23:17:51Z +%s
    assert_eq!(recording.start_time_unix_ns.unwrap().value, 1_624_058_271_123_456_789);
    let position = recording.position.unwrap();
    assert_eq!(position.origin, Origin::Sidecar);
    assert_eq!(Some(position.value), Position::new(40.5, -3.5), "the capture's before the global");
    assert_eq!(recording.station.unwrap().value, "alpha");
    assert!(recording.synthetic && recording.notices[0].starts_with("Simulated"));
    assert_eq!(recording.questions, []);
}

#[test]
fn a_fine_start_time_alone_is_no_disciplined_clock() {
    let global = r#""core:datatype": "ci8", "core:sample_rate": 48000"#;
    let capture = r#"{"core:datetime": "2021-06-18T23:17:51.123456789Z"}"#;
    let recording = only(sigmf(global, capture, &[1, 2]).unwrap());
    assert_eq!(recording.time_grade, TimeGrade::Ntp);
    assert!(recording.questions.contains(&Question::Clock));
    let typed = TypedFacts { time_grade: Some(TimeGrade::Gnss), ..TypedFacts::default() };
    let meta = format!("{{\"global\": {{{global}}}, \"captures\": [{capture}]}}");
    let files = [file("a.sigmf-data", [1, 2]), file("a.sigmf-meta", meta)];
    let trusted = only(open(&files, &typed).unwrap());
    assert_eq!((trusted.time_grade, trusted.source_index), (TimeGrade::Gnss, 0));
    assert!(!trusted.questions.contains(&Question::Clock));
}

#[test]
fn captures_split_where_frequency_index_or_time_break() {
    let global = r#""core:datatype": "ci8", "core:sample_rate": 1000, "core:trailing_bytes": 3"#;
    let captures = r#"
        {"core:sample_start": 0, "core:frequency": 1e6, "core:header_bytes": 4, "core:global_index": 0},
        {"core:sample_start": 10, "core:global_index": 10},
        {"core:sample_start": 20, "core:global_index": 25},
        {"core:sample_start": 30, "core:frequency": 2e6, "core:header_bytes": 2}"#;
    let data: Vec<u8> = (0..4 + 60 + 2 + 20 + 3).collect();
    let recordings = recordings(sigmf(global, captures, &data).unwrap());
    let counts: Vec<u64> = recordings.iter().map(|recording| recording.sample_count).collect();
    assert_eq!(counts, [20, 10, 10]);
    let offsets: Vec<u64> = recordings.iter().map(|r| r.layout.runs[0].offset).collect();
    assert_eq!(offsets, [4, 44, 66]);
    assert_eq!(recordings[2].center_frequency_hz.as_ref().unwrap().value, 2e6);
}

#[test]
fn channels_of_sigmf_are_recordings_of_their_own() {
    let global = r#""core:datatype": "ci8", "core:sample_rate": 1000, "core:num_channels": 2"#;
    let data = vec![64, 0, 0, 64, 32, 0, 0, 32];
    let recordings = recordings(sigmf(global, "", &data).unwrap());
    assert_eq!(recordings.len(), 2);
    let second = samples(&recordings[1], &data);
    assert_eq!(second, [Complex32::new(0.0, 0.5), Complex32::new(0.0, 0.25)]);
}

#[test]
fn two_real_channels_become_iq_only_where_the_user_says_so() {
    let global = r#""core:datatype": "ri8", "core:sample_rate": 1000, "core:num_channels": 2"#;
    let meta = format!("{{\"global\": {{{global}}}, \"captures\": []}}");
    let files = [file("a.sigmf-meta", meta), file("a.sigmf-data", vec![64, 0xC0])];
    let asked = only(open(&files, &TypedFacts::default()).unwrap());
    assert!(asked.questions.contains(&Question::IsItIq));
    let typed = TypedFacts { treat_as_iq: Some(true), ..TypedFacts::default() };
    let told = only(open(&files, &typed).unwrap());
    assert!(!told.questions.contains(&Question::IsItIq));
    assert_eq!(samples(&told, &vec![64, 0xC0]), [HALF]);
}

#[test]
fn halves_of_a_pair_and_broken_metadata_are_clear_sentences() {
    let meta = r#"{"global": {"core:datatype": "ci8"}, "captures": []}"#;
    let alone = open_bytes("a.sigmf-meta", meta).unwrap_err().to_string();
    assert!(alone.starts_with("a.sigmf-data is missing") && alone.ends_with(": a.sigmf-meta"));
    let alone = open_bytes("a.sigmf-data", vec![0, 200, 7]).unwrap_err().to_string();
    assert!(alone.starts_with("a.sigmf-meta is missing"), "{alone}");
    let files = [file("a.sigmf-meta", "{\n  \"global\": {,"), file("a.sigmf-data", [1])];
    let broken = open(&files, &TypedFacts::default()).unwrap_err().to_string();
    assert!(broken.contains("at byte 15"), "{broken}");
    assert!(matches!(sigmf("\"core:datatype\": \"ci9\"", "", &[1]), Err(Error::Unsupported { .. })));
}

#[test]
fn an_archive_gives_all_its_recordings_at_their_offsets() {
    let meta = r#"{"global": {"core:datatype": "ci8", "core:sample_rate": 5}, "captures": []}"#;
    let long = format!("set/{}.sigmf-data", "n".repeat(120));
    let pax = format!("path={long}\n");
    // "140 path=…\n": the length counts itself.
    let pax = format!("{} {pax}", pax.len() + 4);
    let archive = [
        tar_member("set/a.sigmf-meta", b'0', meta.as_bytes()),
        tar_member("set/a.sigmf-data", b'0', &[64, 0xC0]),
        tar_member("set/b.cs8", b'0', &[0xC0, 64]),
        tar_member("pax", b'x', pax.as_bytes()),
        tar_member("short", b'0', &[64, 0xC0]),
        tar_member(&long.replace(".sigmf-data", "")[..90], b'5', &[]),
        vec![0; 1024],
    ]
    .concat();
    assert_eq!(pax.len(), 145, "{pax}");
    let mut contents = open_bytes("set.sigmf", archive.clone()).unwrap();
    let refused = contents.pop();
    let opened = recordings(contents);
    assert_eq!(opened.len(), 2);
    assert_eq!(opened[0].name, "set/a.sigmf-data");
    assert_eq!(samples(&opened[0], &archive), [HALF]);
    assert_eq!(samples(&opened[1], &archive), [-HALF]);
    let Some(Content::Refused { name, error: Error::Incomplete { .. } }) = refused else { panic!("{refused:?}") };
    assert_eq!(name, long);
}

#[test]
fn a_collection_names_its_streams() {
    let json = r#"{"collection": {"core:version": "1.2.0",
        "core:streams": [{"name": "a", "hash": "x"}, ["B", "y"], "c"]}}"#;
    let contents = open_bytes("x.sigmf-collection", json).unwrap();
    let [Content::Collection(collection)] = contents.as_slice() else { panic!("{contents:?}") };
    let names: Vec<&str> = collection.streams.iter().map(|stream| stream.name.as_str()).collect();
    assert_eq!(names, ["a", "B", "c"]);
    let there = ["f/A.sigmf-meta", "b.sigmf"].map(String::from);
    let notice = collection.notice(&there).expect("c is not there");
    assert!(
        notice.starts_with("1 of the 3") && notice.contains("(c)") && notice.contains("x.sigmf-collection"),
        "{notice}"
    );
    let all = ["f/A.sigmf-meta", "b.sigmf", "c.sigmf-meta"].map(String::from);
    assert_eq!(collection.notice(&all), None);
}

#[test]
fn arrays_of_every_shape_are_read() {
    let pair = |array: &[f32]| floats(array);
    // Two rows of two samples: row 1 is (0.5, -0.5), (1, 0); row 2 is (0, 0), (0, 1).
    let row_1 = [HALF, Complex32::new(1.0, 0.0)];
    let row_2 = [Complex32::ZERO, Complex32::new(0.0, 1.0)];
    let c_order = pair(&[0.5, -0.5, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    let f_order = pair(&[0.5, -0.5, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
    let planes = pair(&[0.5, 1.0, -0.5, 0.0]);
    let row_planes = pair(&[0.5, 1.0, -0.5, 0.0, 0.0, 0.0, 0.0, 1.0]);
    let f_planes = pair(&[0.5, 0.0, 1.0, 0.0, -0.5, 0.0, 0.0, 1.0]);
    let cases: [(&str, bool, &str, &[u8], usize); 8] = [
        ("<c8", false, "(2,)", &c_order[..16], 1),
        ("<c8", false, "(2, 2)", &c_order, 2),
        ("<c8", true, "(2, 2)", &f_order, 2),
        ("<f4", false, "(2, 2)", &c_order[..16], 1),
        ("<f4", true, "(2, 2)", &planes, 1),
        ("<f4", false, "(2, 2, 2)", &c_order, 2),
        ("<f4", true, "(2, 2, 2)", &f_planes, 2),
        ("<f4", false, "(1, 2, 2)", &row_planes[..0], 0),
    ];
    for (dtype, fortran_order, shape, data, rows) in cases {
        let bytes = npy(dtype, fortran_order, shape, data);
        if rows == 0 {
            assert!(matches!(open_bytes("x.npy", bytes), Err(Error::Empty { .. })));
            continue;
        }
        let opened = recordings(open_bytes("x.npy", bytes.clone()).unwrap());
        assert_eq!(opened.len(), rows, "{dtype} {fortran_order} {shape}");
        for (recording, expected) in opened.iter().zip([row_1, row_2]) {
            assert_eq!(samples(recording, &bytes), expected, "{dtype} {fortran_order} {shape}");
            assert!(recording.notices.is_empty(), "{:?}", recording.notices);
        }
    }
    // (2, N) with N other than 2: I and Q as planes.
    let bytes = npy("<f4", false, "(2, 3)", &pair(&[0.5, 1.0, 0.0, -0.5, 0.0, 1.0]));
    let opened = recording("x.npy", bytes.clone());
    assert_eq!(samples(&opened, &bytes), [row_1[0], row_1[1], row_2[1]]);
    let big = npy(">i2", false, "(1, 2)", &[0x40, 0, 0xC0, 0]);
    assert_eq!(samples(&recording("x.npy", big.clone()), &big), [HALF]);
    let real = recording("x.npy", npy("<f4", false, "(4,)", &c_order[..16]));
    assert!(real.questions.contains(&Question::IsItIq));
    let cut = recording("x.npy", npy("<c8", false, "(9,)", &c_order));
    assert_eq!(cut.sample_count, 4);
    assert!(cut.notices[0].contains("5 samples are missing"));
}

#[test]
fn raw_facts_come_from_name_then_user() {
    let gqrx = recording("gqrx_20230806_151838_428000000_200000_fc.raw", floats(&[0.5, -0.5]));
    assert_eq!(gqrx.layout.coding, SampleCoding::F32);
    assert_eq!(gqrx.sample_rate_hz.unwrap().value, 200e3);
    assert_eq!(gqrx.time_grade, TimeGrade::Ntp);
    let typed = TypedFacts {
        coding: Some("cs16_be".into()),
        sample_rate_hz: Some(1e6),
        center_frequency_hz: Some(100e6),
        position: Position::new(47.0, 8.0),
        station: Some("roof".into()),
        start_time_unix_ns: Some(5),
        iq_swap: Some(true),
        time_grade: Some(TimeGrade::Reference),
        ..TypedFacts::default()
    };
    let bytes = vec![0x40, 0, 0xC0, 0];
    let told = only(open(&[file("x_433M_1M.cu8", bytes.clone())], &typed).unwrap());
    assert_eq!(told.questions, []);
    assert_eq!(told.sample_rate_hz.as_ref().unwrap().origin, Origin::TypedIn);
    assert_eq!(told.center_frequency_hz.as_ref().unwrap().value, 100e6);
    assert_eq!(samples(&told, &bytes), [Complex32::new(-0.5, 0.5)], "I and Q exchanged");
    let unknown = TypedFacts { coding: Some("cs17".into()), ..TypedFacts::default() };
    let refused = open(&[file("x.iq", bytes)], &unknown);
    assert!(matches!(refused, Err(Error::UnknownCoding { .. })));
}

#[test]
fn content_beats_the_extension() {
    let array = npy("<c8", false, "(1,)", &floats(&[0.5, -0.5]));
    assert_eq!(recording("x.cu8", array).container, "NumPy");
    assert!(matches!(open_bytes("x.wav", vec![200; 64]), Ok(contents) if contents.len() == 1));
    assert!(matches!(open_bytes("x.bin", b"7z\xbc\xafrest".to_vec()), Err(Error::Unsupported { .. })));
    assert!(matches!(open_bytes("x.bin", Vec::new()), Err(Error::Empty { .. })));
    assert!(matches!(open_bytes("notes.txt", "nothing here\n"), Err(Error::Unknown { .. })));
}

#[test]
fn numbers_that_are_none_become_zero_and_are_told() {
    let bytes = floats(&[f32::NAN, 1.0, 0.5, f32::INFINITY, 0.5, -0.5]);
    let recording = recording("x.cf32", bytes.clone());
    let mut out = [Complex32::ONE; 3];
    let outcome = recording.samples(&bytes).read(0, &mut out).unwrap();
    assert_eq!((outcome.samples, outcome.non_finite), (3, 2));
    assert_eq!(out, [Complex32::ZERO, Complex32::ZERO, HALF]);
}

#[test]
fn the_statistics_tell_silence_and_clipping() {
    let silent = recording("x.cs16", vec![0; 40_000]);
    assert!(sample_statistics(&silent.samples(&vec![0_u8; 40_000])).unwrap().silent);
    // Half the numbers at the end of the range.
    let bytes: Vec<u8> = (0..40_000).map(|n| if n % 2 == 0 { 127 } else { 10 }).collect();
    let loud = sample_statistics(&recording("x.cs8", bytes.clone()).samples(&bytes)).unwrap();
    assert_eq!(loud.clipped_fraction, 0.5);
    assert!(!loud.silent && (loud.peak - 127.0 / 128.0).abs() < 1e-6);
}

#[test]
fn sdrangel_headers_are_known_by_their_checksum() {
    let mut bytes = Vec::new();
    bytes.extend(48_000_u32.to_le_bytes());
    bytes.extend(145_000_000_u64.to_le_bytes());
    bytes.extend(1_600_000_000_123_u64.to_le_bytes());
    bytes.extend(24_u32.to_le_bytes());
    bytes.extend(0_u32.to_le_bytes());
    // python3 -c 'import struct, zlib; print(zlib.crc32(struct.pack("<IQQII", ...)))'
    bytes.extend(SDRIQ_CRC.to_le_bytes());
    bytes.extend([0, 0, 0x40, 0, 0, 0, 0xC0, 0xFF]);
    let recording = recording("x.sdriq", bytes.clone());
    assert_eq!(recording.container, "SDRangel");
    assert_eq!(samples(&recording, &bytes), [HALF]);
    assert_eq!(recording.start_time_unix_ns.unwrap().value, 1_600_000_000_123_000_000);
}

const SDRIQ_CRC: u32 = 828998221;

#[test]
fn tables_keep_good_rows_and_name_bad_lines() {
    let csv = "\u{feff}Receiver;LAT;lon;Level_dBm;sigma;bearing_deg\n\
               a;47,5;8,25;-71,5;2;\n\
               b;95;8;-70;2;\n\
               c;47;8;;3;-10\n\
               d;47;8;;;\n";
    let contents = open_bytes("levels.csv", csv).unwrap();
    let [Content::Reports { rows, notices }] = contents.as_slice() else { panic!("{contents:?}") };
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].position, Position::new(47.5, 8.25));
    assert_eq!((rows[0].level_dbm, rows[0].level_sigma_db), (Some(-71.5), Some(2.0)));
    assert_eq!((rows[1].bearing_deg, rows[1].bearing_sigma_deg), (Some(350.0), Some(3.0)));
    assert_eq!(rows[1].level_sigma_db, None);
    assert!(notices[0].starts_with("Line 3 ") && notices[1].starts_with("Line 5 "), "{notices:?}");
    let local = "receiver,x_m,y_m,level_dbm,frequency_mhz\nm1,100,-20.5,-60,433.92\n";
    let contents = open_bytes("local.csv", local).unwrap();
    let [Content::Reports { rows, .. }] = contents.as_slice() else { panic!("{contents:?}") };
    assert_eq!(rows[0].local_enu_m, Some([100.0, -20.5]));
    assert_eq!(rows[0].frequency_hz, Some(433.92e6));
    let none = open_bytes("receivers.csv", "receiver,lat,lon\nx,0,0\n").unwrap_err().to_string();
    assert!(none.contains("Line 2"), "{none}");
}

#[test]
fn groups_pair_by_stem_without_case() {
    let names = ["x/A.sigmf-data", "a.wav", "X/a.SigMF-Meta", "b.sigmf-meta", "b.wav", "b.csv"];
    assert_eq!(group(&names.map(String::from)), [vec![0, 2], vec![1], vec![3, 4], vec![5]]);
}

#[test]
fn a_collection_notices_metadata_that_were_changed() {
    let meta = r#"{"global": {"core:datatype": "ci8", "core:sample_rate": 5e3}, "captures": []}"#;
    // SHA-512 of `meta`, by sha512sum.
    let hash = "66688a3aa0e889443bc1ff21f03691cd69161a313ee53e5ae8d959ead23b05ec9c0fc33eb640767268bebc555ee8da3e866be0cac45126056c70642d80226450";
    let collection =
        |hash: &str| format!(r#"{{"collection": {{"core:streams": [{{"name": "A", "hash": "{hash}"}}]}}}}"#);
    let notices = |hash: &str| {
        let members = [
            tar_member("set/a.sigmf-meta", b'0', meta.as_bytes()),
            tar_member("set/a.sigmf-data", b'0', &[1; 64]),
            tar_member("set/x.sigmf-collection", b'0', collection(hash).as_bytes()),
        ];
        only(open_bytes("set.tar", members.concat()).unwrap()).notices
    };
    assert_eq!(notices(&hash.to_ascii_uppercase()), Vec::<String>::new());
    let changed = notices(&hash.replace('0', "1"));
    assert!(changed[0].starts_with("Its metadata were changed") && changed[0].contains("x.sigmf-coll"), "{changed:?}");
}

/// The report beside a recording whose annotations and captures are these.
fn bearing(captures: &str, annotations: &str) -> (Option<heimdall_recording::ReportRow>, Vec<String>) {
    let meta = format!(
        r#"{{"global": {{"core:datatype": "ci8", "core:sample_rate": 5e3, "heimdall:station": "hill"}},
        "captures": [{captures}], "annotations": [{annotations}]}}"#
    );
    let files = [file("a.sigmf-meta", meta), file("a.sigmf-data", [1; 64])];
    let mut contents = open(&files, &TypedFacts::default()).unwrap();
    let row = match contents.last() {
        Some(Content::Reports { rows, .. }) => Some(rows[0].clone()),
        _ => None,
    };
    contents.truncate(1);
    (row, only(contents).notices)
}

#[test]
fn bearings_of_sigmf_are_reports_of_the_receiver() {
    // The example of the extension: an antenna pointed west, emissions from the north-east.
    let west = r#"{"core:sample_start": 0, "spatial:aperture_azimuth": 270.0,
        "core:geolocation": {"type": "Point", "coordinates": [8.5, 47.5]}}"#;
    let annotations = r#"{"core:sample_start": 5, "core:freq_upper_edge": 731503448.0,
        "core:freq_lower_edge": 730165112.0, "spatial:signal_azimuth": 133.821},
        {"core:sample_start": 9, "spatial:signal_azimuth": 135.904}"#;
    let (row, notices) = bearing(west, annotations);
    let row = row.unwrap();
    assert_eq!(row.receiver, "hill");
    assert_eq!(row.position, Position::new(47.5, 8.5));
    assert!((row.bearing_deg.unwrap() - (133.821 + 135.904) / 2.0 + 90.0).abs() < 1e-9, "{row:?}");
    assert_eq!((row.bearing_sigma_deg, row.frequency_hz), (None, Some(730_834_280.0)));
    assert_eq!(notices, Vec::<String>::new());

    // A bearing object counts before a number, on both sides of north, each with the antenna of its time.
    let turned = r#"{"core:sample_start": 0, "spatial:aperture_bearing": {"azimuth": 10}},
        {"core:sample_start": 20, "spatial:aperture_azimuth": -10}"#;
    let annotations = r#"{"core:sample_start": 0, "spatial:signal_azimuth": 99,
        "spatial:signal_bearing": {"azimuth": 348, "az_error": 2}},
        {"core:sample_start": 21, "spatial:signal_bearing": {"azimuth": 12, "az_error": 4}}"#;
    let row = bearing(turned, annotations).0.unwrap();
    assert!(
        (row.bearing_deg.unwrap() - 0.0).abs() < 1e-9 || (row.bearing_deg.unwrap() - 360.0).abs() < 1e-9,
        "{row:?}"
    );
    assert_eq!(row.bearing_sigma_deg, Some(3.0));
}

#[test]
fn bearings_that_are_not_of_one_emission_from_known_ground_are_told() {
    let two = r#"{"spatial:signal_azimuth": 10}, {"spatial:signal_azimuth": 60}"#;
    let (row, notices) = bearing(r#"{"spatial:aperture_azimuth": 0}"#, two);
    assert_eq!(row, None);
    assert!(notices[0].contains("more than one emission"), "{notices:?}");
    let (row, notices) = bearing("", r#"{"spatial:signal_azimuth": 120.2}"#);
    assert!((row.unwrap().bearing_deg.unwrap() - 120.2).abs() < 1e-9);
    assert!(notices[0].contains("true north"), "{notices:?}");
    // The truth of a test scene, and calibration, are no measurements.
    let truth = r#"{"spatial:emitter_bearing": {"azimuth": 45}}"#;
    assert_eq!(bearing(truth, r#"{"spatial:emitter_location": {"coordinates": [8, 47]}}"#).0, None);
    let calibration = r#"{"spatial:calibration": {"caltype": "tone"}}"#;
    assert_eq!(bearing(calibration, r#"{"spatial:signal_azimuth": 5}"#).0, None);
    assert_eq!(bearing("", r#"{"spatial:signal_azimuth": "north"}, 7, {"spatial:signal_bearing": {}}"#).0, None);
}
