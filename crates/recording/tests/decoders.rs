//! Samples against other decoders: NumPy and libsndfile, whose answers `golden/make_goldens.py` wrote down.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;

use common::{file, samples};
use heimdall_recording::{Content, InputFile, TypedFacts, open};

fn golden(name: &str) -> InputFile {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    file(name, std::fs::read(path).unwrap())
}

#[test]
fn samples_are_those_of_other_decoders() {
    let text = include_str!("golden/decoded.json");
    let decoded: BTreeMap<String, Vec<Vec<[f64; 2]>>> = serde_json::from_str(text).unwrap();
    assert_eq!(decoded.len(), 15);
    for (name, channels) in decoded {
        let data = golden(&name);
        let files = match name.strip_suffix(".sigmf-data") {
            Some(stem) => vec![data.clone(), golden(&format!("{stem}.sigmf-meta"))],
            None => vec![data.clone()],
        };
        let contents = open(&files, &TypedFacts::default()).unwrap();
        assert_eq!(contents.len(), channels.len(), "{name}");
        for (content, expected) in contents.iter().zip(&channels) {
            let Content::Recording(recording) = content else { unreachable!("{name}: {content:?}") };
            assert_eq!(recording.sample_count, expected.len() as u64, "{name}");
            let mut bytes = vec![0; data.source.len() as usize];
            data.source.read_exact_at(0, &mut bytes).unwrap();
            for (is, [i, q]) in samples(recording, &bytes).iter().zip(expected) {
                // Samples are 32-bit floats, with 24 bits behind the sign.
                let error = (f64::from(is.re) - i).abs().max((f64::from(is.im) - q).abs());
                assert!(error <= 6e-8, "{name}: {is} is not {i}, {q}");
            }
        }
    }
}
