//! What users drop beside plain recordings: archives, collections, bearings in metadata, exchanged I and Q.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::io::{Cursor, Write};

use common::{Dropped, dropped, spec};
use heimdall_pipeline::{Report, survey};
use heimdall_simulate::{Modulation, SampleFormat, sigmf_collection, simulate};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn files() -> Vec<(String, Vec<u8>)> {
    let simulated = simulate(&spec()).unwrap();
    let files = sigmf_collection(&simulated, "scene", SampleFormat::Ci16Le).unwrap();
    files.into_iter().map(|file| (file.name, file.bytes)).collect()
}

fn solved(files: &[(String, Vec<u8>)]) -> Report {
    let mut dropped = Dropped::default();
    dropped.add(files);
    dropped.solve()
}

fn notices<'a>(report: &'a Report, receiver: &str) -> Vec<&'a str> {
    let recording = report.recordings.iter().find(|recording| recording.receiver == receiver).unwrap();
    recording.notices.iter().map(String::as_str).collect()
}

#[test]
fn a_zip_of_a_scene_gives_the_fix_of_its_files() {
    let loose = solved(&files());
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files() {
            writer
                .start_file(format!("scene/{name}"), SimpleFileOptions::default().compression_method(method))
                .unwrap();
            writer.write_all(&bytes).unwrap();
        }
        let zipped = solved(&[("scene.zip".into(), writer.finish().unwrap().into_inner())]);
        assert_eq!(zipped.receivers.len(), 5);
        assert_eq!(zipped.fix.mean, loose.fix.mean, "{method}");
        assert_eq!(zipped.fix.regions, loose.fix.regions, "{method}");
    }
}

#[test]
fn metadata_that_a_collection_was_not_written_for_are_told() {
    let mut changed = files();
    assert!(notices(&solved(&changed), "R1").iter().all(|notice| !notice.contains("the hash differs")));
    let meta = changed.iter_mut().find(|(name, _)| name.ends_with(".sigmf-meta")).unwrap();
    meta.1.push(b'\n');
    let report = solved(&changed);
    assert!(notices(&report, "R1").iter().any(|notice| notice.contains("the hash differs")), "{:?}", report.recordings);
    assert!(notices(&report, "R2").iter().all(|notice| !notice.contains("the hash differs")));
}

#[test]
fn a_bearing_in_sigmf_metadata_counts_as_one_of_a_table_does() {
    let table = {
        let mut files = files();
        files.push(("bearings.csv".into(), b"receiver,bearing_deg,sigma_deg\nR3,318.5,2\n".to_vec()));
        solved(&files)
    };
    let mut annotated = files();
    let (_, meta) = annotated.iter_mut().filter(|(name, _)| name.ends_with(".sigmf-meta")).nth(2).unwrap();
    let mut value: serde_json::Value = serde_json::from_slice(meta).unwrap();
    value["captures"][0]["spatial:aperture_azimuth"] = 300.into();
    value["annotations"] = serde_json::json!([{
        "core:sample_start": 0,
        "spatial:signal_bearing": {"azimuth": 18.5, "az_error": 2},
    }]);
    *meta = serde_json::to_vec(&value).unwrap();
    let report = solved(&annotated);
    let bearing = |report: &Report| report.receivers.iter().find(|r| r.name == "R3").unwrap().bearing_deg;
    assert_eq!(bearing(&table), Some(318.5));
    assert_eq!(bearing(&report), Some(318.5));
    assert_eq!(report.fix.mean, table.fix.mean);
}

#[test]
fn a_recording_that_looks_mirrored_beside_the_others_is_told_and_changed_by_no_one() {
    let mut wide = spec();
    wide.transmitter.frequency_offset_hz = 9e3;
    wide.transmitter.modulation = Modulation::FlatNoise { bandwidth_hz: 6e3 };
    wide.receivers.iter_mut().for_each(|receiver| receiver.sample_rate_hz = 48e3);
    let hinted = |report: &Report| -> Vec<bool> {
        report.recordings.iter().map(|r| r.notices.iter().any(|notice| notice.contains("mirror image"))).collect()
    };
    let good = dropped(&wide);
    assert_eq!(hinted(&good.solve()), [false; 5]);

    let exchange = |dropped: &mut Dropped, index: usize| {
        let recording = &mut dropped.scene.recordings[index].recording;
        recording.layout.iq_swapped = true;
        dropped.scene.recordings[index].survey = survey(recording, dropped.sources[index].as_ref()).unwrap();
    };
    let mut one = dropped(&wide);
    exchange(&mut one, 2);
    let report = one.solve();
    assert_eq!(hinted(&report), [false, false, true, false, false]);
    let told = notices(&report, "R3").into_iter().find(|notice| notice.contains("mirror image")).unwrap();
    assert_eq!(
        told,
        "Its spectrum looks like the mirror image of R1, R2, R4 and others: I and Q may be exchanged in it."
    );

    // Of two alone no one can say which it is.
    let mut two = dropped(&wide);
    exchange(&mut two, 0);
    two.scene.recordings.truncate(2);
    two.sources.truncate(2);
    let report = two.solve();
    assert_eq!(hinted(&report), [true, true]);
    assert!(
        notices(&report, "R2").iter().any(|notice| notice.ends_with("I and Q may be exchanged in one of the two."))
    );

    // An emission in the very middle looks the same in the mirror.
    wide.transmitter.frequency_offset_hz = 0.0;
    let mut middle = dropped(&wide);
    exchange(&mut middle, 2);
    assert_eq!(hinted(&middle.solve()), [false; 5]);
}
