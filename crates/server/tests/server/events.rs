//! Server-sent events.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::http::{Client, read_head};
use crate::import::{META, import, tar};
use crate::sessions::{id, post, put, session, stored};
use crate::support::{Running, folder, noise};
use crate::uploading::create;

/// A listener's side of the connection.
struct Listener(BufReader<TcpStream>);

impl Listener {
    fn new(client: &Client, headers: &[(&str, &str)]) -> Self {
        let mut stream = BufReader::new(client.begin("GET", "/api/v1/events", headers, 0).unwrap());
        let (status, headers) = read_head(&mut stream).unwrap();
        assert_eq!(status, 200);
        assert!(headers.contains(&("content-type".into(), "text/event-stream".into())), "{headers:?}");
        Self(stream)
    }

    /// The next event's number, name and data.
    fn next(&mut self) -> (String, String, String) {
        let mut event = (String::new(), String::new(), String::new());
        let started = Instant::now();
        loop {
            // A comment comes every 15 seconds, so this is reached.
            assert!(started.elapsed() < Duration::from_secs(30), "no event came");
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream ended");
            match line.trim_end().split_once(": ") {
                Some(("id", value)) => event.0 = value.into(),
                Some(("event", value)) => event.1 = value.into(),
                Some(("data", value)) => event.2 = value.into(),
                _ if line.trim_end().is_empty() && !event.1.is_empty() => return event,
                _ => {}
            }
        }
    }
}

#[test]
fn a_changed_index_of_models_is_told() {
    let folder = folder();
    let server = Running::on(folder.path());
    let mut listener = Listener::new(&server.client, &[]);
    fs::write(server.data.join("models/index.json"), "{\"constellations\":[]}").unwrap();
    let (_, name, data) = listener.next();
    assert_eq!((name.as_str(), data.as_str()), ("models", "{\"index\":\"models/index.json\"}"));
}

#[test]
fn a_listener_that_comes_back_gets_what_it_missed() {
    let folder = folder();
    let server = Running::on(folder.path());
    let mut listener = Listener::new(&server.client, &[]);
    create(&server.client, "a_250k.cu8", 100, &[]);
    let (id, name, _) = listener.next();
    assert_eq!(name, "upload");
    drop(listener);
    let missed = create(&server.client, "b_250k.cu8", 100, &[]);
    let mut back = Listener::new(&server.client, &[("Last-Event-ID", &id)]);
    let (_, name, data) = back.next();
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!(name, "upload");
    assert!(missed.ends_with(data["id"].as_str().unwrap()), "{data}");
    // Of a server before this one.
    let mut lost = Listener::new(&server.client, &[("Last-Event-ID", "7")]);
    assert_eq!(lost.next().1, "lost");
}

#[test]
fn each_change_of_a_session_is_told_with_its_id() {
    let (folder, made) = (folder(), folder());
    let server = Running::on(folder.path());
    let client = &server.client;
    let object = stored(client, 1);
    let mut listener = Listener::new(client, &[]);
    let mut told = |id: &str, change: &str| {
        // Files that nothing refers to any more go with their uploads, which is told as well.
        let others = std::iter::repeat_with(|| listener.next()).find(|(_, name, _)| name != "upload");
        let (_, name, data) = others.unwrap();
        assert_eq!((name.as_str(), data), ("session", json!({ "id": id }).to_string()), "{change}");
    };
    let new = id(&post(client, "/sessions", &session("one")));
    told(&new, "creation");
    let path = format!("/sessions/{new}");
    assert_eq!(put(client, &path, "\"1\"", &session("two")).status, 200);
    told(&new, "edit");
    assert_eq!(put(client, &path, "\"1\"", &session("three")).status, 412, "what was refused is not told");
    let attached = post(client, &format!("{path}/recordings"), &json!({ "object": object }));
    told(&new, "attached recording");
    assert_eq!(post(client, &format!("{path}/approve"), &json!({})).status, 200);
    told(&new, "approval");
    assert_eq!(post(client, &format!("{path}/reject"), &json!({ "reason": "too weak" })).status, 200);
    told(&new, "rejection");
    client.send("DELETE", &format!("/api/v1{path}/recordings/{}", id(&attached)), &[], b"");
    told(&new, "detached recording");
    client.send("DELETE", &format!("/api/v1{path}"), &[], b"");
    told(&new, "deletion");
    assert_eq!(post(client, &format!("{path}/undelete"), &json!({})).status, 200);
    told(&new, "deletion taken back");
    client.send("DELETE", &format!("/api/v1{path}"), &[], b"");
    told(&new, "second deletion");
    assert_eq!(post(client, &format!("{path}/purge"), &json!({})).status, 204);
    told(&new, "purge");
    let samples = noise(4000, 2);
    let members = [("a.sigmf-data", samples.as_slice()), ("a.sigmf-meta", META.as_bytes())];
    told(&id(&import(client, &tar(made.path(), &members))), "import");
}

#[test]
fn listeners_do_not_hold_up_the_end() {
    let folder = folder();
    let server = Running::on(folder.path());
    let mut listener = Listener::new(&server.client, &[]);
    let path = create(&server.client, "a_250k.cu8", 100, &[]);
    assert_eq!(listener.next().1, "upload");
    let mut piece = crate::uploading::begin_piece(&server.client, &path, 0, 100);
    std::io::Write::write_all(&mut piece, &noise(50, 1)).unwrap();
    let started = Instant::now();
    server.stop();
    // Ten seconds are the grace for those who do not listen.
    assert!(started.elapsed().as_secs() < 8, "listener and sender were told");
}
