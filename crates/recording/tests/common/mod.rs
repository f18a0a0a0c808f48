//! What the tests share: the data beside the repository, and files in memory.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::PathBuf;
use std::rc::Rc;

use heimdall_recording::{Content, Error, InputFile, Recording, TypedFacts, open};

/// A file in memory.
pub fn file(name: &str, bytes: impl Into<Vec<u8>>) -> InputFile {
    InputFile { name: name.into(), source: Rc::new(bytes.into()) }
}

/// Opens one file in memory.
pub fn open_bytes(name: &str, bytes: impl Into<Vec<u8>>) -> Result<Vec<Content>, Error> {
    open(&[file(name, bytes)], &TypedFacts::default())
}

/// The only recording of a list.
pub fn only(contents: Vec<Content>) -> Recording {
    match <[Content; 1]>::try_from(contents) {
        Ok([Content::Recording(recording)]) => recording,
        other => panic!("not one recording: {other:?}"),
    }
}

/// The recording of one file in memory.
pub fn recording(name: &str, bytes: impl Into<Vec<u8>>) -> Recording {
    only(open_bytes(name, bytes).unwrap())
}

/// A file of the data folder beside the repository; says so and gives `None` where it is not there.
pub fn data(path: &str) -> Option<InputFile> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let full = folder.join(path);
    if !full.is_file() {
        eprintln!("skipped: {path} not there");
        return None;
    }
    let name = full.file_name().unwrap().to_str().unwrap().to_owned();
    let bytes = std::fs::read(&full).expect("readable test data");
    Some(InputFile { name, source: Rc::new(bytes) })
}

/// All samples of a recording.
pub fn samples(recording: &Recording, bytes: &Vec<u8>) -> Vec<num_complex::Complex32> {
    let mut out = vec![Default::default(); recording.sample_count as usize];
    let outcome = recording.samples(bytes).read(0, &mut out).unwrap();
    assert_eq!(outcome.samples, out.len());
    out
}
