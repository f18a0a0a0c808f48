//! Sessions from archives that another program made.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::http::{Client, Response};
use crate::support::{Running, files, folder, noise};

pub const META: &str = r#"{"global": {"core:datatype": "ci16_le", "core:sample_rate": 48000},
    "captures": [{"core:sample_start": 0, "core:frequency": 77500, "core:datetime": "2020-08-13T06:52:20Z"}]}"#;

/// The system's tar of these files.
pub fn tar(at: &Path, members: &[(&str, &[u8])]) -> Vec<u8> {
    let folder = at.join("scene");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in members {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    let archive = at.join("scene.tar");
    let mut tar = Command::new("tar");
    tar.args(["--format=ustar", "-cf"]).arg(&archive).arg("-C").arg(at).arg("scene");
    assert!(tar.status().unwrap().success());
    std::fs::remove_dir_all(folder).unwrap();
    std::fs::read(archive).unwrap()
}

pub fn import(client: &Client, archive: &[u8]) -> Response {
    client.send("POST", "/api/v1/sessions/import", &[("Content-Type", "application/x-tar")], archive)
}

#[test]
fn a_collection_of_another_program_becomes_a_session_of_unknown_source() {
    let (data, made) = (folder(), folder());
    let server = Running::on(data.path());
    let collection =
        json!({ "collection": { "core:version": "1.2.0", "core:streams": [], "core:description": "DCF77" } });
    let collection = collection.to_string();
    let samples = noise(4 * 24_000, 1);
    let members = [
        ("a.sigmf-data", samples.as_slice()),
        ("a.sigmf-meta", META.as_bytes()),
        ("scene.sigmf-collection", collection.as_bytes()),
        ("README.txt", b"of no use"),
    ];
    let answer = import(&server.client, &tar(made.path(), &members));
    assert_eq!(answer.status, 201, "{answer:?}");
    let session = answer.json();
    assert_eq!((session["title"].as_str(), session["center_frequency_hz"].as_f64()), (Some("DCF77"), Some(77_500.0)));
    assert_eq!((session["start"].as_str(), session["duration_s"].as_f64()), (Some("2020-08-13T06:52:20Z"), Some(0.5)));
    assert_eq!((session["source"]["kind"].as_str(), session["recordings"].as_u64()), (Some("unknown"), Some(1)));
}

/// An array of complex samples as `numpy.save` writes it.
fn npy(samples: &[u8]) -> Vec<u8> {
    let dictionary = format!("{{'descr': '<c8', 'fortran_order': False, 'shape': ({},), }}", samples.len() / 8);
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(118_u16.to_le_bytes());
    file.extend(format!("{dictionary:<117}\n").bytes());
    file.extend(samples);
    file
}

#[test]
fn arrays_of_the_classic_layout_become_a_sigmf_collection() {
    let (data, made) = (folder(), folder());
    let server = Running::on(data.path());
    let samples: Vec<u8> = noise(8000, 5).chunks(2).flat_map(|two| (f32::from(two[0]) - 127.0).to_le_bytes()).collect();
    let (first, second) = (npy(&samples), npy(&samples[8..]));
    let metadata = "title: Two metres\nsample_rate: 16000\nfrequency: 145.5e6\nstart: 2026-01-01T00:00:00Z\n\
                    operator: Anna\nsource: {lat: 45.07, lon: 7.69}\nwebsdrs:\n\
                    - {name: Torino, lat: 45.04, lon: 7.67, full_scale_dbm: -30}\n- {name: Genova, lat: 44.4, lon: 8.9}\n";
    let members = [
        ("websdr_1.npy", first.as_slice()),
        ("websdr_2.npy", second.as_slice()),
        ("metadata.yaml", metadata.as_bytes()),
    ];
    let answer = import(&server.client, &tar(made.path(), &members));
    assert_eq!(answer.status, 201, "{answer:?}");
    let session = answer.json();
    assert_eq!(
        (session["title"].as_str(), session["center_frequency_hz"].as_f64()),
        (Some("Two metres"), Some(145.5e6))
    );
    assert_eq!(
        (session["start"].as_str(), session["duration_s"].as_f64()),
        (Some("2026-01-01T00:00:00Z"), Some(0.125))
    );
    assert_eq!(session["position"]["place"]["latitude_deg"], 45.07);
    assert!(session["notes"].as_str().unwrap().contains("operator"), "{session}");
    let path = format!("/api/v1/sessions/{}/recordings", session["id"].as_str().unwrap());
    let recordings = server.client.get(&path).json();
    assert_eq!(recordings[0]["sha256"], crate::support::sha256(&samples), "samples as they were");
    let facts = &recordings[0]["facts"][0];
    assert_eq!((&facts["station"]["value"], &facts["position"]["value"]["lat"]), (&json!("Torino"), &json!(45.04)));
    assert_eq!(facts["full_scale_dbm"]["value"], -30.0);
    assert_eq!((&recordings[1]["file_name"], &facts["container"]), (&json!("websdr_2.sigmf-data"), &json!("SigMF")));

    // Without metadata nothing says what the samples are; and real numbers are none.
    let bare = import(&server.client, &tar(made.path(), &[("websdr_1.npy", &first)]));
    assert_eq!(bare.status, 422, "{bare:?}");
    let real = String::from_utf8_lossy(&first[..128]).replace("<c8", "<f4").into_bytes();
    let real = [b"\x93".as_slice(), &real[3..], &samples].concat();
    let refused = import(&server.client, &tar(made.path(), &[("websdr_1.npy", &real)]));
    assert_eq!(refused.status, 422, "{refused:?}");
    assert_eq!(files(&data.path().join("objects")).len(), 2, "nothing of what was refused");
    assert!(files(&data.path().join("uploads")).is_empty());
}

#[test]
fn what_is_refused_leaves_nothing() {
    let (data, made) = (folder(), folder());
    let server = Running::on(data.path());
    let draft = json!({ "name": "Anna", "role": "contributor", "quota_bytes": 5000 }).to_string();
    let token = server.client.send("POST", "/api/v1/tokens", &[("Content-Type", "application/json")], draft.as_bytes());
    let secret = token.json()["secret"].as_str().unwrap().to_owned();
    let anna = Client { token: Some(secret), ..server.client.clone() };
    let (small, large) = (noise(4000, 1), noise(6000, 2));
    type Members<'a> = &'a [(&'a str, &'a [u8])];
    let cases: [(Members, u16, &str); 5] = [
        (&[("a.sigmf-data", &small)], 422, "a.sigmf-meta"),
        (&[("a.sigmf-meta", META.as_bytes())], 422, "no .sigmf-data"),
        (&[("a.sigmf-data", &small), ("a.sigmf-meta", b"{")], 422, "JSON"),
        (&[("a.sigmf-data", &small), ("a.sigmf-meta", META.as_bytes()), ("b.sigmf-data", &small)], 413, "quota"),
        (&[("a.sigmf-data", &large), ("a.sigmf-meta", META.as_bytes())], 413, "quota"),
    ];
    for (members, status, word) in cases {
        let answer = import(&anna, &tar(made.path(), members));
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.detail().contains(word), "{}", answer.detail());
        assert_eq!(import(&anna, b"no archive").status, 422);
    }
    assert_eq!(anna.get("/api/v1/sessions").json()["items"], json!([]));
    assert!(files(&data.path().join("objects")).is_empty());
    assert!(files(&data.path().join("uploads")).is_empty());
}
