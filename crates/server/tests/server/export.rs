//! A session that was exported is the same scene.

use std::rc::Rc;

use heimdall_recording::{ByteSource, Content, InputFile, Recording, TypedFacts, open};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::http::Client;
use crate::support::{Running, folder, noise};
use crate::uploading::upload;

fn post(client: &Client, path: &str, body: &Value) -> Value {
    let headers = [("Content-Type", "application/json")];
    let answer = client.send("POST", &format!("/api/v1{path}"), &headers, body.to_string().as_bytes());
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

fn recordings(name: &str, bytes: Vec<u8>) -> (Vec<Recording>, Rc<Vec<u8>>) {
    let source = Rc::new(bytes);
    let contents = open(&[InputFile { name: name.into(), source: source.clone() }], &TypedFacts::default()).unwrap();
    let recordings = contents.into_iter().filter_map(|content| match content {
        Content::Recording(recording) => Some(recording),
        _ => None,
    });
    (recordings.collect(), source)
}

/// SHA-256 of all samples.
fn samples(recording: &Recording, source: &dyn ByteSource) -> Vec<u8> {
    let mut samples = vec![Default::default(); recording.sample_count as usize];
    assert_eq!(recording.samples(source).read(0, &mut samples).unwrap().samples, samples.len());
    let bytes: Vec<u8> = samples.iter().flat_map(|x| [x.re.to_le_bytes(), x.im.to_le_bytes()]).flatten().collect();
    Sha256::digest(bytes).to_vec()
}

#[test]
fn the_archive_opens_as_the_same_recordings_with_the_same_samples() {
    let data = folder();
    let server = Running::on(data.path());
    let client = &server.client;
    // A raw file whose name says what it is, and SigMF with metadata of its own.
    let raw = ("gqrx_20230806_151838_428000000_200000_fc.raw", float_noise(100_003));
    let meta = r#"{"global": {"core:datatype": "ci16_le", "core:sample_rate": 192000, "heimdall:station": "Nord",
        "core:geolocation": {"type": "Point", "coordinates": [7.5, 45.5]}, "mine:own": "kept"},
        "captures": [{"core:sample_start": 0, "core:frequency": 77500, "core:datetime": "2020-08-13T06:52:20.123456789Z"}]}"#;
    let pair = noise(40_004, 2);
    let draft = json!({
        "title": "Two files", "center_frequency_hz": 428e6, "start": "2023-08-06T15:18:38Z", "duration_s": 0.5,
        "source": { "kind": "position", "place": { "latitude_deg": 45.0, "longitude_deg": 7.0 }, "error_m": 20.0 },
    });
    let id = post(client, "/sessions", &draft)["id"].as_str().unwrap().to_owned();
    let receiver = json!({ "name": "Superga", "place": { "latitude_deg": 45.08, "longitude_deg": 7.77 } });
    let receiver = post(client, "/receivers", &receiver)["id"].clone();
    let object = |name: &str, bytes: &[u8]| {
        let (path, answer) = upload(client, name, bytes, &[]);
        assert_eq!(answer.status, 204, "{answer:?}");
        client.get(&path).json()["object"].clone()
    };
    let attach = format!("/sessions/{id}/recordings");
    post(client, &attach, &json!({ "object": object(raw.0, &raw.1), "receiver": receiver }));
    post(client, &attach, &json!({ "object": object("nord.sigmf-data", &pair), "sigmf_meta": meta }));

    let exported = client.get(&format!("/api/v1/sessions/{id}/export"));
    assert_eq!((exported.status, exported.header("content-type")), (200, Some("application/x-tar")));
    let (mut found, archive) = recordings("export.tar", exported.body);
    assert_eq!(found.len(), 2);
    found.sort_by(|a, b| a.name.cmp(&b.name));

    let (original, source) = recordings(raw.0, raw.1);
    assert_eq!(samples(&found[0], archive.as_ref()), samples(&original[0], source.as_ref()));
    let value = |recording: &Recording| {
        let rate = recording.sample_rate_hz.as_ref().map(|fact| fact.value);
        let frequency = recording.center_frequency_hz.as_ref().map(|fact| fact.value);
        let start = recording.start_time_unix_ns.as_ref().map(|fact| fact.value);
        let station = recording.station.as_ref().map(|fact| fact.value.clone());
        (rate, frequency, start, station, recording.time_grade)
    };
    assert_eq!(value(&found[0]), value(&original[0]));
    let position = found[0].position.as_ref().unwrap().value;
    assert_eq!((position.latitude_deg, position.longitude_deg), (45.08, 7.77), "as surveyed");
    // SigMF goes as it came.
    assert_eq!(found[1].station.as_ref().unwrap().value, "Nord");
    assert_eq!(found[1].start_time_unix_ns.as_ref().unwrap().value, 1_597_301_540_123_456_789);
    let holds = |part: &[u8]| archive.windows(part.len()).any(|bytes| bytes == part);
    assert!(holds(meta.as_bytes()) && holds(&pair));

    // And comes back as the same session.
    let tar = [("Content-Type", "application/x-tar")];
    let import = client.send("POST", "/api/v1/sessions/import", &tar, &archive);
    assert_eq!(import.status, 201, "{import:?}");
    let import = import.json();
    let session = client.get(&format!("/api/v1/sessions/{id}")).json();
    for field in ["title", "center_frequency_hz", "start", "duration_s", "notes", "source", "position"] {
        assert_eq!(import[field], session[field], "{field}");
    }
    assert_ne!(import["id"], session["id"]);
    let listed = client.get(&format!("/api/v1/sessions/{}/recordings", import["id"].as_str().unwrap())).json();
    assert_eq!(listed[1]["sha256"], crate::support::sha256(&pair), "the same content is the same object");
    let again = client.get(&format!("/api/v1/sessions/{}/export", import["id"].as_str().unwrap()));
    let (mut twice, source) = recordings("again.tar", again.body);
    twice.sort_by(|a, b| a.name.cmp(&b.name));
    for (second, first) in twice.iter().zip(&found) {
        assert_eq!(value(second), value(first));
        assert_eq!(second.position, first.position);
        assert_eq!(samples(second, source.as_ref()), samples(first, archive.as_ref()));
    }
    // An archive that is cut leaves nothing.
    let before = crate::support::files(data.path()).len();
    let whole = archive.as_slice().len();
    for length in [100, 700, whole / 2, whole - 3000] {
        let cut = client.send("POST", "/api/v1/sessions/import", &tar, &archive[..length]);
        assert_eq!(cut.status, 422, "{}", cut.detail());
    }
    assert_eq!(crate::support::files(data.path()).len(), before);

    // The classic layout: the same samples, and the facts beside them.
    let classic = client.get(&format!("/api/v1/sessions/{id}/export?layout=classic"));
    let (mut arrays, classic) = recordings("classic.tar", classic.body);
    arrays.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<_> = arrays.iter().map(|array| array.name.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["websdr_1.npy", "websdr_2.npy"]);
    for (array, recording) in arrays.iter().zip(&found) {
        assert_eq!(samples(array, classic.as_ref()), samples(recording, archive.as_ref()));
    }

    // And comes back from it as SigMF.
    let again = client.send("POST", "/api/v1/sessions/import", &tar, &classic);
    assert_eq!(again.status, 201, "{again:?}");
    let again = again.json();
    for field in ["title", "center_frequency_hz", "start", "duration_s", "notes", "source", "position"] {
        assert_eq!(again[field], session[field], "{field}");
    }
    let again = client.get(&format!("/api/v1/sessions/{}/export", again["id"].as_str().unwrap()));
    let (mut arrays, source) = recordings("again.tar", again.body);
    arrays.sort_by(|a, b| a.name.cmp(&b.name));
    for (array, recording) in arrays.iter().zip(&found) {
        assert_eq!((array.container.as_str(), value(array)), ("SigMF", value(recording)));
        assert_eq!(array.position.as_ref().map(|fact| fact.value), recording.position.as_ref().map(|fact| fact.value));
        assert_eq!(samples(array, source.as_ref()), samples(recording, archive.as_ref()));
    }

    // Another program's tar reads it; the collection names both and holds the source.
    let file = data.path().join("export.tar");
    std::fs::write(&file, archive.as_slice()).unwrap();
    let tar = std::process::Command::new("tar").arg("-xOf").arg(&file).arg(format!("{id}.sigmf-collection")).output();
    let tar = tar.unwrap();
    assert!(tar.status.success(), "{}", String::from_utf8_lossy(&tar.stderr));
    let collection: Value = serde_json::from_slice(&tar.stdout).unwrap();
    assert_eq!(collection["collection"]["core:streams"].as_array().map(Vec::len), Some(2));
    let source = &collection["collection"]["heimdall:session"]["source"];
    assert_eq!((source["place"]["latitude_deg"].as_f64(), source["error_m"].as_f64()), (Some(45.0), Some(20.0)));
}

fn float_noise(samples: usize) -> Vec<u8> {
    noise(2 * samples, 1).iter().flat_map(|byte| (f32::from(*byte) / 128.0 - 1.0).to_le_bytes()).collect()
}
