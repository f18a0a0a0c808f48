//! A process that is killed while it writes loses nothing that it acknowledged.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{draft, recording};
use heimdall_catalogue::{Actor, Catalogue, Id, SessionFilter};

/// How often the process is killed.
const ROUNDS: u64 = 12;
const FILE: &str = "HEIMDALL_CATALOGUE_TO_WRITE";

/// The process that is killed: this test, run by the other one with the file's name in the environment.
#[tokio::test]
async fn writer() {
    let Some(file) = std::env::var_os(FILE) else {
        return;
    };
    let catalogue = Catalogue::open(file.as_ref()).await.unwrap();
    let admin = Actor::owner();
    catalogue.add_object(&admin, &common::hash(1), 8).await.unwrap();
    loop {
        let session = catalogue.create_session(&admin, &draft("one")).await.unwrap();
        catalogue.attach(&admin, session.id, &recording(&common::hash(1))).await.unwrap();
        println!("acknowledged {}", session.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_sessions_survive_a_kill_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalogue.sqlite");
    let mut acknowledged: Vec<Id> = Vec::new();
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["writer", "--exact", "--nocapture"])
            .env(FILE, &file)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let id = |line: String| line.split_once("acknowledged ").map(|(_, id)| id.parse::<Id>().unwrap());
        acknowledged.push(lines.by_ref().find_map(|line| id(line.unwrap())).expect("a first session"));
        // Moments that are spread over the way of a write, none of them chosen.
        std::thread::sleep(Duration::from_micros(u64::from(rand_u16()) / 2 + 1000 * round));
        // SIGKILL.
        child.kill().unwrap();
        child.wait().unwrap();
        // A line that the kill cut in two was not received.
        acknowledged.extend(lines.map_while(Result::ok).filter(|line| line.len() >= 26).filter_map(id));
    }
    let catalogue = Catalogue::open(&file).await.unwrap();
    catalogue.verify().await.unwrap();
    for id in &acknowledged {
        let session = catalogue.session(*id).await.unwrap();
        assert_eq!((session.recordings, session.bytes), (1, 8));
    }
    assert!(acknowledged.len() > ROUNDS as usize, "{} sessions", acknowledged.len());
    // Each session, acknowledged or not, has its line of the audit log and its words.
    let (mut after, mut sessions) = (None, 0);
    loop {
        let filter = SessionFilter { after, limit: Some(200), text: Some("one".into()), ..Default::default() };
        let page = catalogue.sessions(&filter).await.unwrap();
        for session in &page.items {
            let subject = session.id.to_string();
            let lines = catalogue.audit(&Actor::owner(), Some(&subject), None, None).await.unwrap();
            assert_eq!(lines.items.len() as u64, 1 + session.recordings);
        }
        sessions += page.items.len();
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert!(sessions >= acknowledged.len());
}

/// From the system: each run kills at other moments.
fn rand_u16() -> u16 {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).unwrap();
    u16::from_le_bytes(bytes)
}
