//! Archives: what is in them opens as if it lay beside them, and what cannot is refused by name.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;
mod make;

use std::cell::Cell;
use std::rc::Rc;

use common::{file, open_bytes, samples};
use heimdall_recording::{ByteSource, Content, InputFile, Recording, TypedFacts, open};
use make::archive::How::{Deflated, Deflated64Bit, Stored, Stored64};
use make::archive::{gzip, noise, tar, zip};
use make::{chunk, pcm_format, riff, tar_member};
use num_complex::Complex32;

const META: &str = r#"{"global": {"core:datatype": "ci8", "core:sample_rate": 48e3, "core:sha512": "00"},
  "captures": [{"core:frequency": 1e6}]}"#;

fn wav() -> Vec<u8> {
    riff(&[chunk(b"fmt ", &pcm_format(1, 2, 250_000, 16)), chunk(b"data", &noise(4000, 3))])
}

/// Recordings and refusals, by name.
fn sorted(contents: Vec<Content>) -> (Vec<Recording>, Vec<(String, String)>) {
    let (mut recordings, mut refused) = (Vec::new(), Vec::new());
    for content in contents {
        match content {
            Content::Recording(recording) => recordings.push(recording),
            Content::Refused { name, error } => refused.push((name, error.to_string())),
            _ => {}
        }
    }
    (recordings, refused)
}

/// The samples of the same file outside of any archive.
fn outside(name: &str, bytes: &[u8]) -> Vec<Complex32> {
    samples(&common::recording(name, bytes), &bytes.to_vec())
}

/// The archive's recordings are a SigMF pair, a WAV and raw samples, as they would be beside it.
fn assert_holds_all(name: &str, archive: Vec<u8>) {
    let (data, raw) = (noise(3000, 1), noise(70_000, 2));
    let contents = open_bytes(name, archive.clone()).unwrap();
    let rows = contents.iter().find_map(|content| match content {
        Content::Receivers { rows, .. } => Some(rows.clone()),
        _ => None,
    });
    assert_eq!(rows.unwrap()[0].name, "north");
    let (recordings, refused) = sorted(contents);
    assert_eq!(refused, [], "{name}: a readme is no news");
    let names: Vec<&str> = recordings.iter().map(|recording| recording.name.as_str()).collect();
    assert_eq!(names, ["set/north.sigmf-data", "set/east.wav", "set/west_433.92M_250k.cu8"], "{name}");
    let [north, east, west] = recordings.as_slice() else { panic!("{recordings:?}") };
    assert_eq!(north.center_frequency_hz.as_ref().unwrap().value, 1e6);
    assert_eq!(west.center_frequency_hz.as_ref().unwrap().value, 433.92e6);
    assert_eq!(samples(north, &archive), outside("x.cs8", &data), "{name}");
    assert_eq!(samples(east, &archive), outside("x.wav", &wav()), "{name}");
    assert_eq!(samples(west, &archive), outside("x.cu8", &raw), "{name}");
}

#[test]
fn every_kind_of_archive_gives_its_recordings_and_tables() {
    let (data, raw, wav) = (noise(3000, 1), noise(70_000, 2), wav());
    let csv = b"receiver,lat,lon\nnorth,47.5,8.5\n";
    let members: [(&str, &[u8]); 6] = [
        ("set/north.sigmf-meta", META.as_bytes()),
        ("set/north.sigmf-data", &data),
        ("set/east.wav", &wav),
        ("set/README", b"Recorded on a Sunday.\n"),
        ("set/west_433.92M_250k.cu8", &raw),
        ("set/receivers.csv", csv),
    ];
    for how in [Stored, Deflated, Stored64, Deflated64Bit] {
        assert_holds_all("set.zip", zip(&members.map(|(name, bytes)| (name, how, bytes))));
    }
    let mut mixed = members.map(|(name, bytes)| (name, Deflated, bytes));
    mixed[1].1 = Stored;
    mixed[4].1 = Stored64;
    assert_holds_all("set.zip", zip(&mixed));
    let tar = tar(&members);
    assert_holds_all("set.tar", tar.clone());
    assert_holds_all("set.tar.gz", gzip(&tar));
    assert_holds_all("set.tgz", gzip(&tar));
    // As pigz and bgzip write it: one stream after the other; and padding behind them.
    let streams: Vec<Vec<u8>> = tar.chunks(10_000).map(gzip).collect();
    assert_holds_all("set.tar.gz", [streams.concat(), vec![0; 512]].concat());
}

#[test]
fn one_compressed_file_is_what_it_is_without_gz() {
    let raw = noise(5000, 7);
    let with_name = {
        // Flags: a header checksum, an extra field, a name and a comment.
        let mut bytes = gzip(&raw);
        bytes[3] = 0b1_1110;
        let fields = [b"\x03\x00abc".as_slice(), b"west.cu8\0", b"a comment\0", &[0, 0]].concat();
        bytes.splice(10..10, fields);
        bytes
    };
    for archive in [gzip(&raw), with_name] {
        let recording = common::recording("west_433.92M_250k.cu8.gz", archive.clone());
        assert_eq!(recording.sample_rate_hz.as_ref().unwrap().value, 250e3);
        assert_eq!(samples(&recording, &archive), outside("x.cu8", &raw));
    }
    // Raw samples that begin like gzip are what their name says.
    let alike = [vec![0x1F, 0x8B, 8, 0], noise(96, 1)].concat();
    assert_eq!(common::recording("x_433.92M_250k.cu8", alike).sample_count, 50);
}

#[test]
fn archives_of_sigmf_in_archives_are_read_and_others_are_not() {
    let data = noise(3000, 1);
    let sigmf = tar(&[("a.sigmf-meta", META.as_bytes()), ("a.sigmf-data", &data)]);
    for how in [Stored, Deflated] {
        let inner = zip(&[("b.cu8", Stored, &data)]);
        let archive = zip(&[
            ("a.sigmf", how, &sigmf),
            ("in.zip", how, &inner),
            ("in.tar", how, &sigmf),
            ("in.gz", how, &gzip(&data)),
        ]);
        let (recordings, refused) = sorted(open_bytes("set.zip", archive.clone()).unwrap());
        let [recording] = recordings.as_slice() else { panic!("{recordings:?}") };
        assert_eq!(samples(recording, &archive), outside("x.cs8", &data));
        let names: Vec<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["in.zip", "in.tar", "in.gz"]);
        assert!(refused.iter().all(|(_, why)| why.starts_with("An archive in an archive at byte 0")), "{refused:?}");
    }
    let twice = tar(&[("a.sigmf", &tar(&[("b.sigmf", &sigmf)]))]);
    assert!(open_bytes("a.tar", twice).unwrap_err().to_string().contains("unpack the outer one first"));
}

/// Opens a zip of a good recording and one whose headers are changed; the good one is there, and why the other is not.
fn refused(name: &str, how: make::archive::How, payload: &[u8], change: impl Fn(&mut Vec<u8>)) -> String {
    let mut archive = zip(&[("good.cu8", Stored, &noise(100, 1)), (name, how, payload)]);
    change(&mut archive);
    let (recordings, refused) = sorted(open_bytes("set.zip", archive).unwrap());
    assert_eq!(recordings.len(), 1, "the good one goes on");
    let [(_, why)] = refused.as_slice() else { panic!("{refused:?}") };
    why.clone()
}

/// Writes two bytes at an offset from the n-th signature.
fn put(archive: &mut [u8], signature: &[u8; 4], number: usize, at: usize, bytes: &[u8]) {
    let found = (0..archive.len() - 4).filter(|at| archive[*at..].starts_with(signature)).nth(number).unwrap();
    archive[found + at..found + at + bytes.len()].copy_from_slice(bytes);
}

const CENTRAL: &[u8; 4] = b"PK\x01\x02";

#[test]
fn members_that_cannot_be_read_are_refused_by_name_with_the_byte() {
    let raw = noise(400, 9);
    let cases: [(&str, &str, &[u8]); 4] = [
        ("encrypted", "An encrypted member at byte 138", &[1, 0, 8, 0]),
        ("method", "A member compressed by Zstandard at byte 138", &[0, 0, 93, 0]),
        ("unknown", "A member compressed by method 77 at byte 138", &[0, 0, 77, 0]),
        ("two lengths", "A member that is stored as it is and has two lengths at byte 138", &[0, 0, 0, 0]),
    ];
    for (name, expected, flags_and_method) in cases {
        let why = refused(name, Deflated, &raw, |archive| put(archive, CENTRAL, 1, 8, flags_and_method));
        assert!(why.starts_with(expected) && why.ends_with(name), "{why}");
    }
    for name in ["../x.cu8", "/etc/x.cu8", "a/../../x.cu8", "C:\\x.cu8", "..\\x.cu8"] {
        // The library that writes it would mend the name, so it is written over one as long.
        let stand_in = "x".repeat(name.len());
        let why = refused(&stand_in, Stored, &raw, |archive| put(archive, CENTRAL, 1, 46, name.as_bytes()));
        assert!(why.starts_with("A member whose name leads out of the archive") && why.ends_with(name), "{why}");
    }
    let why = refused("xxxx.cu8", Stored, &raw, |archive| put(archive, CENTRAL, 1, 46, b"a\x1b[m"));
    assert!(why.contains("control characters") && !why.contains('\x1b'), "{why}");
    let why = refused("sum.cu8", Deflated, &raw, |archive| put(archive, CENTRAL, 1, 16, &[1, 2, 3, 4]));
    assert!(why.starts_with("A checksum that contradicts the data"), "{why}");
    let why = refused("code.cu8", Deflated, &raw, |archive| put(archive, b"PK\x03\x04", 1, 40, &[0xFF; 40]));
    assert!(why.contains("at byte"), "{why}");
    let why = refused("long.cu8", Deflated, &raw, |archive| put(archive, CENTRAL, 1, 24, &[0, 9, 0, 0]));
    assert!(why.starts_with("An end before that of the member"), "{why}");
    let why = refused("short.cu8", Deflated, &raw, |archive| put(archive, CENTRAL, 1, 24, &[9, 0, 0, 0]));
    assert!(why.starts_with("More than 9 unpacked bytes"), "{why}");
    let why = refused("shared.cu8", Stored, &raw, |archive| put(archive, CENTRAL, 1, 42, &[0, 0, 0, 0]));
    assert!(why.starts_with("A member that shares bytes with another at byte 38"), "{why}");
    let why = refused("away.cu8", Stored, &raw, |archive| put(archive, CENTRAL, 1, 42, &[9, 0, 0, 0]));
    assert!(why.starts_with("No header of a member at byte 9"), "{why}");
}

#[test]
fn bombs_are_refused_before_they_are_unpacked() {
    let zeros = vec![0; 8 << 20];
    let why = refused("bomb.cu8", Deflated, &zeros, |_| {});
    assert!(why.starts_with("A member that unpacks to more than 100 times its length at byte"), "{why}");
    let why = open_bytes("bomb.cu8.gz", gzip(&zeros)).unwrap_err().to_string();
    assert!(why.starts_with("More than") && why.contains("at byte"), "{why}");
}

#[test]
fn what_lies_before_the_cut_of_an_archive_goes_on() {
    let (a, b) = (noise(40_000, 1), noise(40_000, 2));
    let tar = tar(&[("a.cu8", &a), ("b.cu8", &b)]);
    let cut = tar[..60_000].to_vec();
    let (recordings, refused) = sorted(open_bytes("set.tar", cut).unwrap());
    assert_eq!(recordings.len(), 1);
    assert_eq!(refused[0].0, "b.cu8");
    assert!(refused[0].1.starts_with("The file ends at byte 60000, inside a member of 40000 bytes"), "{refused:?}");

    let packed = gzip(&tar);
    let cut = packed[..packed.len() * 3 / 4].to_vec();
    let (recordings, refused) = sorted(open_bytes("set.tar.gz", cut.clone()).unwrap());
    assert_eq!(samples(&recordings[0], &cut), outside("x.cu8", &a));
    let names: Vec<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["b.cu8", "set.tar.gz"]);

    // A zip's list is at its end: without it nothing is known.
    let zip = zip(&[("a.cu8", Deflated, &a), ("b.cu8", Stored, &b)]);
    let why = open_bytes("set.zip", zip[..zip.len() - 30].to_vec()).unwrap_err().to_string();
    assert!(why.contains("list of members is at its end; copy it again"), "{why}");
}

#[test]
fn archives_without_a_recording_say_so() {
    assert!(open_bytes("set.zip", zip(&[])).unwrap_err().to_string().starts_with("There is no sample"));
    let why = open_bytes("set.zip", zip(&[("README", Deflated, b"Nothing here.\n")])).unwrap_err().to_string();
    assert!(why.starts_with("This text is no table") && why.ends_with("README"), "{why}");
    let many: Vec<Vec<u8>> =
        (0..1030).map(|number| tar_member(&format!("{number}.cu8"), b'0', &noise(10, number))).collect();
    let (recordings, refused) = sorted(open_bytes("set.tar", many.concat()).unwrap());
    assert_eq!(recordings.len(), 1024);
    assert!(refused[0].1.starts_with("All but the first 1024 members at byte 1048576"), "{refused:?}");
}

/// Bytes that say how many of them were read.
struct Counted {
    bytes: Vec<u8>,
    given: Cell<u64>,
}

impl ByteSource for Counted {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        self.given.set(self.given.get() + buffer.len() as u64);
        self.bytes.read_exact_at(offset, buffer)
    }
}

#[test]
fn compressed_samples_are_read_anywhere_without_starting_over() {
    let raw = noise(24 << 20, 5);
    let bytes = zip(&[("x.cu8", Deflated, &raw)]);
    let source = Rc::new(Counted { bytes, given: Cell::new(0) });
    let archive = InputFile { name: "set.zip".into(), source: source.clone() };
    let contents = open(&[archive], &TypedFacts::default()).unwrap();
    let [Content::Recording(recording)] = contents.as_slice() else { panic!("{contents:?}") };
    let stored = recording.samples(source.as_ref());
    let mut out = vec![Complex32::ZERO; 4096];
    let expected =
        |first: u64| Complex32::new(f32::from(raw[2 * first as usize]), f32::from(raw[2 * first as usize + 1]));
    let mut read = |first: u64| {
        let before = source.given.get();
        stored.read(first, &mut out).unwrap();
        assert!((out[0] * 127.5 + Complex32::new(127.5, 127.5) - expected(first)).norm() < 1e-3, "sample {first}");
        source.given.get() - before
    };
    let last = recording.sample_count - 4096;
    let once = read(last);
    assert!(once >= source.len() / 2);
    for number in 0..40_u64 {
        let given = read(number * 7_919_317 % last);
        assert!(given < 2 << 20, "{given} bytes for a few samples");
    }
}

#[test]
fn the_same_name_in_two_folders_pairs_within_each() {
    let (a, b) = (noise(200, 1), noise(300, 2));
    let archive = tar(&[
        ("x/r.sigmf-meta", META.as_bytes()),
        ("y/r.sigmf-meta", META.as_bytes()),
        ("y/r.sigmf-data", &b),
        ("x/r.sigmf-data", &a),
    ]);
    let files = [file("set.tar", archive)];
    let (recordings, refused) = sorted(open(&files, &TypedFacts::default()).unwrap());
    assert_eq!(refused, []);
    let counts: Vec<u64> = recordings.iter().map(|recording| recording.sample_count).collect();
    assert_eq!(counts, [100, 150]);
}

/// What was answered stands in the collection of a session file, by the name of a member.
#[test]
fn a_session_file_answers_for_its_members_and_the_user_knows_better() {
    let saved = r#"{"collection": {"core:version": "1.2.0", "core:streams": [], "heimdall:settings": {"gain_sigma_db": 4.0},
        "heimdall:places": {"west": {"position": {"lat": 45.0, "lon": 9.0}, "origin": "map"}, "bad": {"position": {"lat": 95.0, "lon": 9.0}, "origin": "map"}},
        "heimdall:typed": {"west.iq": {"sample_rate_hz": 250e3, "coding": "cu8", "exchanged": [0]}}}}"#;
    let archive = tar(&[
        ("heimdall-session.sigmf-collection", saved.as_bytes()),
        ("west.iq", &noise(70_000, 2)),
        ("east.wav", &wav()),
    ]);
    let contents = open_bytes("heimdall-session.tar", archive.clone()).unwrap();
    let collection = contents.iter().find_map(|content| match content {
        Content::Collection(collection) => collection.saved.clone(),
        _ => None,
    });
    let session = collection.expect("what it was saved with");
    assert_eq!(session.settings, r#"{"gain_sigma_db":4.0}"#);
    assert_eq!(
        session.places.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["west"],
        "no place on Earth is left out"
    );
    let (recordings, refused) = sorted(contents);
    assert_eq!(refused, []);
    let [west, east] = recordings.as_slice() else { panic!("{recordings:?}") };
    assert_eq!(west.sample_rate_hz.as_ref().unwrap().value, 250e3);
    assert!(west.layout.iq_swapped && !east.layout.iq_swapped);
    assert_eq!(east.sample_rate_hz.as_ref().unwrap().value, 250e3, "as its header says");

    let typed = TypedFacts { sample_rate_hz: Some(1e6), ..TypedFacts::default() };
    let contents = open(&[file("heimdall-session.tar", archive)], &typed).unwrap();
    assert_eq!(sorted(contents).0[0].sample_rate_hz.as_ref().unwrap().value, 1e6);
}

#[test]
fn i_and_q_are_exchanged_in_single_recordings_of_an_archive() {
    let raw = noise(200, 1);
    let archive = zip(&[("a.cu8", Stored, &raw), ("b_q-before-i.cu8", Deflated, &raw), ("c.cu8", Deflated, &raw)]);
    let exchanged = |places: &[usize]| {
        let typed = TypedFacts { exchanged: places.to_vec(), ..TypedFacts::default() };
        let (recordings, _) = sorted(open(&[file("set.zip", archive.clone())], &typed).unwrap());
        let mirrored = outside("q-before-i.cu8", &raw);
        recordings.iter().map(|recording| samples(recording, &archive) == mirrored).collect::<Vec<_>>()
    };
    assert_eq!(exchanged(&[]), [false, true, false]);
    // What the file name says is exchanged back.
    assert_eq!(exchanged(&[1, 2, 9]), [false, false, true]);
}
