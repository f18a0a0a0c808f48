//! Uploads that are refused, and what is left of them: nothing.

use heimdall_server::Limits;

use crate::support::{Running, files, folder, noise, sha256};
use crate::uploading::{PIECE, TUS, append, ask, create, offset, upload};

fn nothing_is_left(server: &Running) {
    assert_eq!(files(&server.data.join("uploads")), [] as [std::path::PathBuf; 0]);
    assert_eq!(files(&server.data.join("objects")), [] as [std::path::PathBuf; 0]);
}

#[test]
fn a_file_that_is_no_recording_is_refused_with_the_readers_reason() {
    let folder = folder();
    let server = Running::on(folder.path());
    let mut packed = b"7z\xbc\xaf".to_vec();
    packed.extend(noise(20_000, 1));
    let (path, refused) = upload(&server.client, "recordings.7z", &packed, &[]);
    assert_eq!(refused.status, 422);
    assert!(refused.detail().contains("unpack it first"), "{}", refused.detail());
    assert_eq!(server.client.send("HEAD", &path, &[TUS], b"").status, 404);
    let (_, junk) = upload(&server.client, "holiday.mov", &noise(20_000, 2), &[]);
    assert_eq!(junk.status, 422);
    assert!(junk.detail().contains("sample_format"), "{}", junk.detail());
    let (_, text) = upload(&server.client, "readme.txt", b"Not a table.\n", &[]);
    assert_eq!(text.status, 422);
    let (_, cut) = upload(&server.client, "cut.wav", b"RIFF\x24\0\0\0WAVEfmt ", &[]);
    assert_eq!(cut.status, 422);
    assert_eq!(ask(&server.client, "empty.wav", 0, &[]).status, 422);
    nothing_is_left(&server);
    assert_eq!(server.client.get("/api/v1/uploads").json(), serde_json::json!([]));
}

#[test]
fn a_bad_file_is_refused_before_it_is_whole() {
    let folder = folder();
    let server = Running::on(folder.path());
    let mut packed = b"7z\xbc\xaf".to_vec();
    packed.extend(noise(8 << 20, 3));
    let path = create(&server.client, "recordings.7z", 1 << 30, &[]);
    let refused = append(&server.client, &path, 0, &packed, &[]);
    assert_eq!(refused.status, 422, "with 8 MB of 1 GB");
    nothing_is_left(&server);
}

#[test]
fn what_goes_with_recordings_is_taken() {
    let folder = folder();
    let server = Running::on(folder.path());
    let meta = br#"{"global":{"core:datatype":"cf32_le","core:sample_rate":48000,"core:version":"1.0.0"},"captures":[],"annotations":[]}"#;
    let collection = br#"{"collection":{"core:version":"1.0.0","core:streams":[{"name":"a","hash":"00"}]}}"#;
    for (name, bytes, kind) in [
        ("a.sigmf-meta", &meta[..], "metadata"),
        ("a.sigmf-data", &noise(8000, 4)[..], "samples"),
        ("a.sigmf-collection", &collection[..], "collection"),
        ("receivers.csv", b"receiver,lat,lon\nnorth,45.0,7.0\n", "receivers"),
        ("levels.csv", b"receiver,lat,lon,level_dbm\nnorth,45.0,7.0,-70\n", "reports"),
    ] {
        let (path, answer) = upload(&server.client, name, bytes, &[]);
        assert_eq!(answer.status, 204, "{name}: {}", String::from_utf8_lossy(&answer.body));
        assert_eq!(server.client.get(&path).json()["recognised"]["kind"], kind, "{name}");
    }
    let (path, typed) = upload(&server.client, "capture.bin", &noise(8000, 5), &[("sample_format", "cs16")]);
    assert_eq!(typed.status, 204);
    assert_eq!(server.client.get(&path).json()["recognised"]["recordings"][0]["sample_count"], 2000);
    let broken = upload(&server.client, "b.sigmf-meta", br#"{"global":{"core:datatype":"#, &[]).1;
    assert_eq!(broken.status, 422);
    let unknown = meta.to_vec();
    let unknown = String::from_utf8(unknown).unwrap().replace("cf32_le", "rx99");
    assert_eq!(upload(&server.client, "c.sigmf-meta", unknown.as_bytes(), &[]).1.status, 422);
}

#[test]
fn a_file_other_than_stated_is_refused() {
    let folder = folder();
    let server = Running::on(folder.path());
    let bytes = noise(70_000, 6);
    let (_, refused) = upload(&server.client, "a_250k.cu8", &bytes, &[("sha256", &sha256(b"another"))]);
    assert_eq!(refused.status, 460);
    nothing_is_left(&server);
    assert_eq!(upload(&server.client, "a_250k.cu8", &bytes, &[("sha256", &sha256(&bytes))]).1.status, 204);
}

#[test]
fn wrong_requests_are_told_what_is_wrong() {
    let folder = folder();
    let server = Running::limited(folder.path(), Limits { upload_bytes: 1 << 20, ..Limits::default() });
    let client = &server.client;
    let path = create(client, "a_250k.cu8", 1000, &[]);
    let bytes = noise(2000, 7);
    let piece = |headers: &[(&str, &str)], body: &[u8]| client.send("PATCH", &path, headers, body);
    for (answer, status, word) in [
        (append(client, &path, 10, &bytes[..10], &[]), 409, "HEAD"),
        (append(client, &path, 0, &bytes, &[]), 413, "1000"),
        (piece(&[PIECE, ("Upload-Offset", "0")], b"a"), 412, "Tus-Resumable"),
        (piece(&[TUS, ("Upload-Offset", "0")], b"a"), 415, "application/offset+octet-stream"),
        (piece(&[TUS, PIECE], b"a"), 400, "Upload-Offset"),
        (piece(&[TUS, PIECE, ("Upload-Offset", "-1")], b"a"), 400, "upload-offset"),
        (client.send("POST", "/api/v1/uploads", &[TUS], b""), 400, "Upload-Length"),
        (client.send("POST", "/api/v1/uploads", &[TUS, ("Upload-Length", "5")], b""), 400, "filename"),
        (ask(client, "big.cu8", 2 << 20, &[]), 413, "1048576"),
        (ask(client, "a.cu8", 5, &[("sha256", "abc")]), 400, "sha256"),
        (client.send("PATCH", "/api/v1/uploads/none", &[TUS, PIECE, ("Upload-Offset", "0")], b""), 404, "begin anew"),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.detail().contains(word), "{}", answer.detail());
    }
    assert_eq!(offset(client, &path), 0, "nothing of it counted");
}
