//! Files of simulated scenes: reproducible, and read back by the product's own reader.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::rc::Rc;

use common::{receiver, scene};
use heimdall_recording::{Content, InputFile, Recording, TimeGrade, TypedFacts, group, open};
use heimdall_simulate::{
    NamedBytes, Noise, SampleFormat, Scene, level_csv, sample_files, sample_scene, sigmf_collection, simulate,
};

fn contents(files: &[NamedBytes]) -> Vec<(Content, Vec<InputFile>)> {
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let mut found = Vec::new();
    for members in group(&names) {
        let inputs: Vec<InputFile> = members
            .iter()
            .map(|index| InputFile { name: files[*index].name.clone(), source: Rc::new(files[*index].bytes.clone()) })
            .collect();
        let opened = open(&inputs, &TypedFacts::default()).unwrap();
        found.extend(opened.into_iter().map(|content| (content, inputs.clone())));
    }
    found
}

fn recordings(files: &[NamedBytes]) -> Vec<(Recording, Vec<InputFile>)> {
    let only = |(content, inputs)| match content {
        Content::Recording(recording) => Some((recording, inputs)),
        _ => None,
    };
    contents(files).into_iter().filter_map(only).collect()
}

#[test]
fn the_reader_gets_back_what_was_simulated() {
    let simulated = simulate(&scene((0..3).map(|i| receiver(i, Noise::SnrDb(15.0))).collect())).unwrap();
    for (format, tolerance) in
        [(SampleFormat::Ci8, 0.5 / 128.0), (SampleFormat::Ci16Le, 0.5 / 32_768.0), (SampleFormat::Cf32Le, 0.0)]
    {
        let read = recordings(&sigmf_collection(&simulated, "test", format).unwrap());
        assert_eq!(read.len(), 3);
        for ((recording, inputs), sent) in read.iter().zip(&simulated.receivers) {
            assert_eq!(recording.station.as_ref().unwrap().value, sent.spec.name);
            assert_eq!(recording.position.as_ref().unwrap().value, sent.spec.position);
            assert_eq!(recording.sample_rate_hz.as_ref().unwrap().value, 25e3);
            assert_eq!(recording.center_frequency_hz.as_ref().unwrap().value, 145.5e6);
            let start = recording.start_time_unix_ns.as_ref().unwrap();
            assert_eq!(start.value, sent.start_time_unix_ns);
            assert_eq!(recording.time_grade, TimeGrade::Gnss);
            assert!(recording.synthetic);
            let mut samples = vec![Default::default(); sent.iq.len()];
            let source = inputs[recording.source_index].source.as_ref();
            let outcome = recording.samples(source).read(0, &mut samples).unwrap();
            assert_eq!((outcome.samples, outcome.clipped), (sent.iq.len(), 0));
            for (is, should) in samples.iter().zip(&sent.iq) {
                let error = (is.re - should.re).abs().max((is.im - should.im).abs());
                assert!(error <= tolerance * 1.001, "{format:?} {error}");
            }
        }
    }
}

#[test]
fn the_same_scene_gives_the_same_bytes() {
    let bytes = |scene: &Scene| sigmf_collection(&simulate(scene).unwrap(), "test", SampleFormat::Ci16Le).unwrap();
    let one = scene(vec![receiver(0, Noise::SnrDb(15.0))]);
    assert_eq!(bytes(&one), bytes(&one));
    assert_ne!(bytes(&one)[1], bytes(&Scene { seed: 43, ..one })[1]);
}

#[test]
fn the_sample_is_small_and_what_it_claims_to_be() {
    let files = sample_files().unwrap();
    let size: usize = files.iter().map(|file| file.bytes.len()).sum();
    assert!(size < 1_000_000, "{size} bytes");
    for received in sample_scene().unwrap().receivers {
        assert!((5.0..35.0).contains(&received.truth.snr_db), "{}", received.truth.snr_db);
        assert!((10e3..150e3).contains(&received.truth.distance_m));
    }
    assert_eq!(recordings(&files).len(), 5);
}

#[test]
fn the_committed_sample_is_the_generated_one() {
    // Refresh: cargo run -p heimdall-simulate --example write_sample -- assets/samples/synchronised
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/samples/synchronised/");
    for file in sample_files().unwrap() {
        let committed = std::fs::read(format!("{folder}{}", file.name)).unwrap();
        assert!(committed == file.bytes, "{} differs from what the code writes", file.name);
    }
}

#[test]
fn the_level_table_is_read_back() {
    let simulated = simulate(&scene((0..3).map(|i| receiver(i, Noise::SnrDb(15.0))).collect())).unwrap();
    let bytes = level_csv(&simulated, 2.0).unwrap();
    let read = contents(&[NamedBytes { name: "levels.csv".into(), bytes }]);
    let [(Content::Reports { rows, .. }, _)] = read.as_slice() else { panic!("no reports") };
    for (row, sent) in rows.iter().zip(&simulated.receivers) {
        assert!((row.level_dbm.unwrap() - sent.truth.recorded_level_dbm).abs() <= 0.005);
        assert_eq!(row.level_sigma_db, Some(2.0));
    }
    assert_eq!(rows.len(), 3);
}

#[test]
fn a_scene_is_described_by_json_with_defaults() {
    let text = r#"{
        "seed": 7, "center_frequency_hz": 7e6, "start_time_unix_ns": 1790000000000000000,
        "duration_s": 0.05,
        "transmitter": {
            "position": {"lat": 44.9, "lon": 8.3}, "power_dbm": 30,
            "modulation": {"fsk": {"symbol_rate_hz": 1200, "deviation_hz": 2500}}
        },
        "receivers": [
            {"name": "A", "position": {"lat": 45.0, "lon": 7.3}, "sample_rate_hz": 12001.07,
             "noise": {"snr_db": 20}},
            {"name": "B", "position": {"lat": 45.2, "lon": 7.8}, "sample_rate_hz": 12000,
             "noise": {"figure_db": 30}, "time_grade": "ntp", "clock_error_s": 0.003}
        ],
        "propagation": {"exponent": 2.5, "shadowing_sigma_db": 6}
    }"#;
    let scene: Scene = serde_json::from_str(text).unwrap();
    let simulated = simulate(&scene).unwrap();
    assert_eq!(simulated.receivers[0].spec.time_grade, TimeGrade::Gnss);
    assert_eq!(simulated.receivers[1].truth.clock_error_ns, 3_000_000);
    let written = serde_json::to_string(&scene).unwrap();
    assert_eq!(serde_json::from_str::<Scene>(&written).unwrap(), scene);
}
