//! `kill -9` at any moment loses nothing that was acknowledged.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use crate::http::{Client, Response};
use crate::process::Server;
use crate::uploading::{PIECE, TUS};

const KILLS: u32 = 50;
const PIECE_BYTES: usize = 400_000;
/// One file that takes many kills, and files whose ends come often.
const LENGTHS: [usize; 2] = [60_000_000, 250_000];

/// A file on its way, and what the server has acknowledged of it.
struct File {
    name: String,
    bytes: Vec<u8>,
    path: Option<String>,
    acknowledged: usize,
    stored: bool,
}

/// The server of the moment.
type Shared = Mutex<Server>;

#[test]
fn a_kill_loses_no_acknowledged_byte() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server: Shared = Mutex::new(Server::start(&data));
    let killed = AtomicBool::new(false);
    let files: Vec<File> = thread::scope(|scope| {
        let senders = LENGTHS.map(|length| {
            let (server, data, killed) = (&server, &data, &killed);
            scope.spawn(move || send_files(length, server, data, killed))
        });
        let mut random = ChaCha8Rng::seed_from_u64(7);
        for _ in 0..KILLS {
            thread::sleep(Duration::from_millis(random.random_range(1..120)));
            let mut server = lock(&server);
            server.kill();
            *server = Server::start(&data);
        }
        killed.store(true, Ordering::Relaxed);
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    });
    assert!(files.len() >= LENGTHS.len());
    let client = lock(&server).client.clone();
    for file in &files {
        let json = client.get(file.path.as_ref().unwrap()).json();
        let sha256: String = Sha256::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(json["object"], sha256, "{}", file.name);
        let object = data.join("objects").join(&sha256[..2]).join(&sha256);
        assert!(fs::read(object).unwrap() == file.bytes, "{}", file.name);
    }
}

/// Sends one file after the other until the last kill is over.
fn send_files(length: usize, server: &Shared, data: &Path, killed: &AtomicBool) -> Vec<File> {
    let mut random = ChaCha8Rng::seed_from_u64(length as u64);
    let mut files = Vec::new();
    while !killed.load(Ordering::Relaxed) {
        let mut bytes = vec![0_u8; length];
        random.fill(bytes.as_mut_slice());
        let name = format!("{length}-{}_250k.cu8", files.len());
        let mut file = File { name, bytes, path: None, acknowledged: 0, stored: false };
        while !file.stored {
            let client = lock(server).client.clone();
            // An error is a killed server; the next round asks the next.
            let _ = send(&mut file, &client, data);
        }
        files.push(file);
    }
    files
}

/// Goes on with a file until it is stored or the server is gone.
fn send(file: &mut File, client: &Client, data: &Path) -> io::Result<()> {
    let path = match &file.path {
        Some(path) => path.clone(),
        None => {
            let metadata = format!("filename {}", STANDARD.encode(&file.name));
            let length = file.bytes.len().to_string();
            let headers = [TUS, ("Upload-Length", length.as_str()), ("Upload-Metadata", &metadata)];
            let created = client.try_send("POST", "/api/v1/uploads", &headers, b"")?;
            let path = expect(created, 201).header("location").unwrap().to_owned();
            file.path.insert(path).clone()
        }
    };
    let told = expect(client.try_send("HEAD", &path, &[TUS], b"")?, 200);
    let mut offset: usize = told.header("upload-offset").unwrap().parse().unwrap();
    assert!(offset >= file.acknowledged, "{} were acknowledged, {offset} are there: {}", file.acknowledged, file.name);
    let id = path.rsplit('/').next().unwrap();
    if let Ok(part) = fs::read(data.join("uploads").join(format!("{id}.part"))) {
        assert!(part.get(..offset) == file.bytes.get(..offset), "other bytes than were sent: {}", file.name);
    }
    while offset < file.bytes.len() {
        file.acknowledged = offset;
        let end = (offset + PIECE_BYTES).min(file.bytes.len());
        let piece = &file.bytes[offset..end];
        let position = offset.to_string();
        let checksum = format!("sha256 {}", STANDARD.encode(Sha256::digest(piece)));
        let mut headers = vec![TUS, PIECE, ("Upload-Offset", &position)];
        // Every other piece with a checksum: of those nothing counts before all has come.
        if (offset / PIECE_BYTES).is_multiple_of(2) {
            headers.push(("Upload-Checksum", &checksum));
        }
        let answer = expect(client.try_send("PATCH", &path, &headers, piece)?, 204);
        offset = answer.header("upload-offset").unwrap().parse().unwrap();
        assert_eq!(offset, end);
    }
    file.acknowledged = offset;
    file.stored = true;
    Ok(())
}

/// An answer with this status; any other fails the test.
fn expect(answer: Response, status: u16) -> Response {
    assert_eq!(answer.status, status, "{answer:?}");
    answer
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}
