//! A tus client's requests.

use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::http::{Client, Response};

pub const TUS: (&str, &str) = ("Tus-Resumable", "1.0.0");
pub const PIECE: (&str, &str) = ("Content-Type", "application/offset+octet-stream");

/// Asks for an upload.
pub fn ask(client: &Client, name: &str, length: usize, more: &[(&str, &str)]) -> Response {
    let pairs = [("filename", name)].into_iter().chain(more.iter().copied());
    let coded = pairs.map(|(key, value)| format!("{key} {}", STANDARD.encode(value))).collect::<Vec<_>>().join(",");
    let headers = [TUS, ("Upload-Length", &length.to_string()), ("Upload-Metadata", &coded)];
    client.send("POST", "/api/v1/uploads", &headers, b"")
}

/// Begins an upload; its path.
pub fn create(client: &Client, name: &str, length: usize, more: &[(&str, &str)]) -> String {
    let answer = ask(client, name, length, more);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.header("location").unwrap().to_owned()
}

/// Sends a piece.
pub fn append(client: &Client, path: &str, offset: usize, bytes: &[u8], more: &[(&str, &str)]) -> Response {
    let offset = offset.to_string();
    let headers = [&[TUS, PIECE, ("Upload-Offset", &offset)], more].concat();
    client.send("PATCH", path, &headers, bytes)
}

/// Begins a piece whose bytes are to be written.
pub fn begin_piece(client: &Client, path: &str, offset: usize, length: usize) -> TcpStream {
    let offset = offset.to_string();
    client.begin("PATCH", path, &[TUS, PIECE, ("Upload-Offset", &offset)], length).unwrap()
}

/// The offset that the server tells.
pub fn offset(client: &Client, path: &str) -> usize {
    let answer = client.send("HEAD", path, &[TUS], b"");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.header("upload-offset").unwrap().parse().unwrap()
}

/// Uploads a file in one piece.
pub fn upload(client: &Client, name: &str, bytes: &[u8], more: &[(&str, &str)]) -> (String, Response) {
    let path = create(client, name, bytes.len(), more);
    let answer = append(client, &path, 0, bytes, &[]);
    (path, answer)
}
