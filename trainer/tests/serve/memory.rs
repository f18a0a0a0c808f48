//! Memory does not grow with a file.

use std::io::{BufReader, Write};

use crate::http::read;
use crate::process::Server;
use crate::uploading::{begin_piece, create, offset};

const FILE_BYTES: usize = 300 << 20;
/// What an upload may take above what the server takes at rest.
const MOST_KB: u64 = 64 << 10;

#[test]
fn an_upload_of_300_mb_takes_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"));
    assert_eq!(server.client.get("/api/v1/health").status, 200);
    let idle = server.memory_kb("VmHWM:");
    let path = create(&server.client, "long_250k.cu8", FILE_BYTES, &[]);
    let mut piece = begin_piece(&server.client, &path, 0, FILE_BYTES);
    let block: Vec<u8> = (0..1 << 20).map(|index: u32| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for _ in 0..FILE_BYTES / block.len() {
        piece.write_all(&block).unwrap();
    }
    let answer = read(&mut BufReader::new(piece)).unwrap();
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(offset(&server.client, &path), FILE_BYTES);
    let above = server.memory_kb("VmHWM:") - idle;
    assert!(above < MOST_KB, "{above} kB above the {idle} kB at rest");
}
