//! Uploads that end well, and those that go on.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use heimdall_server::Limits;
use sha2::{Digest, Sha256};

use crate::support::{Running, files, folder, noise, sha256};
use crate::uploading::{TUS, append, ask, begin_piece, create, offset, upload};

#[test]
fn an_upload_in_pieces_becomes_an_object() {
    let folder = folder();
    let server = Running::on(folder.path());
    let client = &server.client;
    let bytes = noise(300_000, 1);
    let path = create(client, "north_433.92M_250k.cu8", bytes.len(), &[("note", "roof")]);
    assert_eq!(offset(client, &path), 0);
    let half = append(client, &path, 0, &bytes[..100_001], &[]);
    assert_eq!((half.status, half.header("upload-offset")), (204, Some("100001")));
    assert!(half.header("upload-expires").unwrap().ends_with("GMT"));
    assert_eq!(offset(client, &path), 100_001);
    assert_eq!(client.get(&path).json()["state"], "receiving");
    let whole = append(client, &path, 100_001, &bytes[100_001..], &[]);
    assert_eq!(whole.status, 204);
    let object = sha256(&bytes);
    assert_eq!(whole.header("heimdall-object"), Some(object.as_str()));
    assert_eq!(whole.header("heimdall-duplicate"), Some("false"));
    let stored = server.data.join("objects").join(&object[..2]).join(&object);
    assert_eq!(fs::read(stored).unwrap(), bytes);
    let json = client.get(&path).json();
    assert_eq!(json["state"], "stored");
    assert_eq!(json["object"], object);
    assert_eq!(json["metadata"]["note"], "roof");
    assert_eq!(json["recognised"]["kind"], "recording");
    assert_eq!(json["recognised"]["recordings"][0]["sample_rate_hz"], 250e3);
    assert_eq!(json["recognised"]["recordings"][0]["center_frequency_hz"], 433.92e6);
    assert_eq!(client.get("/api/v1/uploads").json().as_array().unwrap().len(), 1);
    assert!(!files(&server.data.join("uploads")).iter().any(|file| file.extension() == Some("part".as_ref())));
}

#[test]
fn the_server_says_what_it_speaks() {
    let folder = folder();
    let server = Running::on(folder.path());
    let answer = server.client.send("OPTIONS", "/api/v1/uploads", &[], b"");
    assert_eq!(answer.status, 204);
    for (name, value) in [
        ("tus-resumable", "1.0.0"),
        ("tus-version", "1.0.0"),
        ("tus-extension", "creation,checksum,expiration,termination"),
        ("tus-checksum-algorithm", "sha256,sha1"),
        ("tus-max-size", "68719476736"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
}

#[test]
fn a_connection_that_breaks_keeps_what_arrived_and_one_only_writes() {
    let folder = folder();
    let server = Running::on(folder.path());
    let client = &server.client;
    let bytes = noise(200_000, 2);
    let path = create(client, "a_250k.cu8", bytes.len(), &[]);
    let mut first = begin_piece(client, &path, 0, bytes.len());
    first.write_all(&bytes[..50_000]).unwrap();
    wait_until(|| offset(client, &path) == 50_000);
    let second = append(client, &path, 50_000, &bytes[50_000..], &[]);
    assert_eq!(second.status, 423);
    assert!(second.detail().contains("Another connection"));
    assert_eq!(client.send("DELETE", &path, &[TUS], b"").status, 423);
    drop(first);
    wait_until(|| append(client, &path, 50_000, &bytes[50_000..], &[]).status == 204);
    assert_eq!(client.get(&path).json()["object"], sha256(&bytes));
}

#[test]
fn a_silent_connection_is_ended() {
    let folder = folder();
    let server = Running::limited(folder.path(), Limits { idle: Duration::from_millis(200), ..Limits::default() });
    let path = create(&server.client, "a_250k.cu8", 1000, &[]);
    let mut piece = begin_piece(&server.client, &path, 0, 1000);
    piece.write_all(&noise(400, 3)).unwrap();
    let answer = crate::http::read(&mut std::io::BufReader::new(piece)).unwrap();
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(offset(&server.client, &path), 400);
}

#[test]
fn another_server_on_the_same_folder_goes_on() {
    let folder = folder();
    let bytes = noise(300_000, 4);
    let server = Running::on(folder.path());
    let path = create(&server.client, "a_250k.cu8", bytes.len(), &[("sha256", &sha256(&bytes))]);
    append(&server.client, &path, 0, &bytes[..123_456], &[]);
    server.stop();
    let server = Running::on(folder.path());
    assert_eq!(offset(&server.client, &path), 123_456);
    let end = append(&server.client, &path, 123_456, &bytes[123_456..], &[]);
    assert_eq!((end.status, end.header("heimdall-object")), (204, Some(sha256(&bytes).as_str())));
    server.stop();
    let server = Running::on(folder.path());
    assert_eq!(server.client.get(&path).json()["state"], "stored");
}

#[test]
fn a_whole_file_that_a_crash_left_unchecked_is_finished() {
    let folder = folder();
    let bytes = noise(100_000, 5);
    let server = Running::on(folder.path());
    let path = create(&server.client, "a_250k.cu8", bytes.len(), &[]);
    let id = path.rsplit('/').next().unwrap().to_owned();
    server.stop();
    // As a kill between the last byte and its check leaves it.
    fs::write(folder.path().join("uploads").join(format!("{id}.part")), &bytes).unwrap();
    let server = Running::on(folder.path());
    assert_eq!(offset(&server.client, &path), bytes.len());
    assert_eq!(server.client.get(&path).json()["object"], sha256(&bytes));
}

#[test]
fn pieces_with_a_checksum_count_only_if_it_is_right() {
    let folder = folder();
    let server = Running::on(folder.path());
    let client = &server.client;
    let bytes = noise(90_000, 6);
    let path = create(client, "a_250k.cu8", bytes.len(), &[]);
    let digest = |bytes: &[u8]| format!("sha256 {}", STANDARD.encode(Sha256::digest(bytes)));
    let good = append(client, &path, 0, &bytes[..30_000], &[("Upload-Checksum", &digest(&bytes[..30_000]))]);
    assert_eq!(good.status, 204);
    let bad = append(client, &path, 30_000, &bytes[30_000..60_000], &[("Upload-Checksum", &digest(b"other"))]);
    assert_eq!(bad.status, 460);
    assert!(bad.detail().contains("Checksum"), "{}", bad.detail());
    assert_eq!(offset(client, &path), 30_000);
    let mut broken = client
        .begin(
            "PATCH",
            &path,
            &[TUS, crate::uploading::PIECE, ("Upload-Offset", "30000"), ("Upload-Checksum", &digest(&bytes[30_000..]))],
            60_000,
        )
        .unwrap();
    broken.write_all(&bytes[30_000..50_000]).unwrap();
    drop(broken);
    // Of "abc", by FIPS 180-1, appendix A.
    let sha1 = "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=";
    wait_until(|| append(client, &path, 30_000, &bytes[30_000..], &[("Upload-Checksum", sha1)]).status == 460);
    assert_eq!(offset(client, &path), 30_000, "what broke off was not vouched for");
    assert_eq!(
        append(client, &path, 30_000, &bytes[30_000..], &[("Upload-Checksum", &digest(&bytes[30_000..]))]).status,
        204
    );
    assert_eq!(client.get(&path).json()["object"], sha256(&bytes));
    let unknown = append(client, &path, 0, b"", &[("Upload-Checksum", "md5 abc")]);
    assert_eq!(unknown.status, 400);
    let short = create(client, "b_250k.cu8", 3, &[]);
    assert_eq!(append(client, &short, 0, b"abc", &[("Upload-Checksum", sha1)]).status, 204);
}

#[test]
fn the_same_content_is_kept_once() {
    let folder = folder();
    let server = Running::on(folder.path());
    let bytes = noise(50_000, 7);
    upload(&server.client, "a_250k.cu8", &bytes, &[]);
    let (path, again) = upload(&server.client, "b_250k.cu8", &bytes, &[]);
    assert_eq!((again.status, again.header("heimdall-duplicate")), (204, Some("true")));
    assert_eq!(server.client.get(&path).json()["duplicate"], true);
    assert_eq!(files(&server.data.join("objects")).len(), 1);
}

#[test]
fn an_upload_can_be_ended_and_a_left_one_expires() {
    let folder = folder();
    let limits = Limits { upload_expiry: Duration::from_millis(400), ..Limits::default() };
    let server = Running::limited(folder.path(), limits);
    let path = create(&server.client, "a_250k.cu8", 100, &[]);
    assert_eq!(server.client.send("DELETE", &path, &[TUS], b"").status, 204);
    assert_eq!(server.client.send("HEAD", &path, &[TUS], b"").status, 404);
    let path = create(&server.client, "b_250k.cu8", 100, &[]);
    append(&server.client, &path, 0, &noise(10, 1), &[]);
    wait_until(|| [404, 410].contains(&server.client.send("HEAD", &path, &[TUS], b"").status));
    wait_until(|| files(&server.data.join("uploads")).is_empty());
}

#[test]
fn posts_may_stand_for_other_methods() {
    let folder = folder();
    let server = Running::on(folder.path());
    let bytes = noise(1000, 8);
    let path = create(&server.client, "a_250k.cu8", bytes.len(), &[]);
    let headers = [TUS, crate::uploading::PIECE, ("Upload-Offset", "0"), ("X-HTTP-Method-Override", "PATCH")];
    assert_eq!(server.client.send("POST", &path, &headers, &bytes).status, 204);
}

#[test]
fn a_token_has_its_quota() {
    let folder = folder();
    let server = Running::limited(folder.path(), Limits { quota_bytes: Some(1000), ..Limits::default() });
    create(&server.client, "a_250k.cu8", 800, &[]);
    let refused = ask(&server.client, "b_250k.cu8", 300, &[]);
    assert_eq!(refused.status, 413);
    assert!(refused.detail().contains("200 of your 1000"), "{}", refused.detail());
    create(&server.client, "c_250k.cu8", 200, &[]);
}

/// Waits for what another thread is about to do.
pub fn wait_until(condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(30), "it never happened");
        std::thread::sleep(Duration::from_millis(20));
    }
}
