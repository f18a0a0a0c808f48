//! Receivers, what is told of their recordings, and when they were last heard.

use heimdall_server::Options;
use serde_json::{Value, json};

use crate::sessions::{id, post, put, session, stored};
use crate::support::{Running, folder, noise};
use crate::uploading::upload;

fn receiver(name: &str) -> Value {
    json!({ "name": name, "place": { "latitude_deg": 45.04, "longitude_deg": 7.67 } })
}

#[test]
fn entries_are_made_edited_at_their_revision_and_deleted_where_nothing_refers_to_them() {
    let data = folder();
    let server = Running::on(data.path());
    let client = &server.client;
    let made = post(client, "/receivers", &receiver("Torino"));
    assert_eq!((made.status, made.header("etag")), (201, Some("\"1\"")));
    let torino = id(&made);
    let taken = post(client, "/receivers", &receiver("Torino"));
    assert_eq!(taken.status, 409, "{}", taken.detail());
    let both = json!({ "name": "One", "receivers": [torino] });
    let constellation = id(&post(client, "/constellations", &both));
    let unknown = post(client, "/constellations", &json!({ "name": "Two", "receivers": [constellation] }));
    assert_eq!(unknown.status, 404, "{}", unknown.detail());

    let path = format!("/receivers/{torino}");
    let mut calibrated = receiver("Torino");
    calibrated["gain_db"] = 3.5.into();
    assert_eq!(put(client, &path, "\"1\"", &calibrated).json()["revision"], 2);
    assert_eq!(put(client, &path, "\"1\"", &receiver("Other")).status, 412);
    let delete = |path: &str, etag: &str| client.send("DELETE", &format!("/api/v1{path}"), &[("If-Match", etag)], b"");
    let used = delete(&path, "\"2\"");
    assert_eq!(used.status, 409, "{}", used.detail());
    assert_eq!(delete(&format!("/constellations/{constellation}"), "\"1\"").status, 204);
    assert_eq!(delete(&path, "\"2\"").status, 204);
    assert_eq!(client.get("/api/v1/receivers").json(), json!([]));
    // Each change has its line.
    let lines = client.get(&format!("/api/v1/audit?subject={torino}")).json();
    let actions: Vec<_> = lines["items"].as_array().unwrap().iter().map(|line| line["action"].clone()).collect();
    assert_eq!(actions, ["receiver.delete", "receiver.edit", "receiver.create"]);
}

#[test]
fn every_route_of_entries_is_in_the_description() {
    let data = folder();
    let server = Running::on(data.path());
    let document = server.client.get("/api/v1/openapi.json").json();
    for plural in ["receivers", "constellations", "transmitters"] {
        let methods = |path: String| document["paths"][path].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(methods(format!("/api/v1/{plural}")), ["get", "post"]);
        assert_eq!(methods(format!("/api/v1/{plural}/{{id}}")), ["delete", "get", "put"]);
    }
    assert!(document["components"]["schemas"]["ReceiverDraft"].is_object());
}

#[test]
fn what_is_told_of_a_recording_is_among_its_facts_and_reaches_a_training() {
    let data = folder();
    let options = Options {
        // A training that is asked for is written down first.
        trainer: Some("/bin/false".into()),
        worlds: vec![("small.json".into(), "{}")],
        ..Options::new(data.path())
    };
    let server = Running::with(options);
    let client = &server.client;
    let made = id(&post(client, "/sessions", &session("Two metres")));
    let attach = format!("/sessions/{made}/recordings");
    let told = json!({ "position": "45.5, 8.5", "station": "Novara" });
    let attached = post(client, &attach, &json!({ "object": stored(client, 1), "facts": told }));
    assert_eq!(attached.status, 201, "{attached:?}");
    let facts = attached.json()["facts"][0].clone();
    assert_eq!(facts["position"], json!({ "value": { "lat": 45.5, "lon": 8.5 }, "origin": "typed_in" }));
    assert_eq!((&attached.json()["receiver"], &facts["station"]["value"]), (&Value::Null, &json!("Novara")));
    let object = stored(client, 2);
    for (wrong, word) in [(json!({ "position": "north" }), "latitude"), (json!({ "colour": "red" }), "colour")] {
        let refused = post(client, &attach, &json!({ "object": object, "facts": wrong }));
        assert_eq!(refused.status, 422);
        assert!(refused.detail().contains(word), "{}", refused.detail());
    }
    // A surveyed receiver of the same name is found, and its position counts more.
    let torino = id(&post(client, "/receivers", &receiver("Torino")));
    let told = json!({ "position": "45.9, 8.9", "station": "Torino" });
    let surveyed = post(client, &attach, &json!({ "object": object, "facts": told }));
    assert_eq!(surveyed.json()["receiver"], torino, "{surveyed:?}");

    assert_eq!(post(client, &format!("/sessions/{made}/approve"), &json!({})).status, 200);
    let request = json!({ "name": "small", "world": "small", "with_sessions": true });
    let training = id(&post(client, "/trainings", &request));
    let list = data.path().join("trainings").join(training).join("sessions.json");
    let list: Value = serde_json::from_slice(&std::fs::read(list).unwrap()).unwrap();
    let files = &list["sessions"][0]["files"];
    assert_eq!(files[0]["facts"], json!({ "position": "45.5, 8.5", "station": "Novara" }));
    assert_eq!(files[1]["facts"], json!({ "position": "45.04, 7.67", "station": "Torino" }));
}

#[test]
fn what_was_told_goes_out_and_comes_back_with_the_session() {
    let data = folder();
    let server = Running::on(data.path());
    let client = &server.client;
    let made = id(&post(client, "/sessions", &session("Two metres")));
    let (path, _) = upload(client, "north.sigmf-data", &noise(4096, 7), &[]);
    let object = client.get(&path).json()["object"].clone();
    let told = json!({ "position": "45.5, 8.5" });
    let attachment = json!({ "object": object, "sigmf_meta": crate::import::META, "facts": told });
    assert_eq!(post(client, &format!("/sessions/{made}/recordings"), &attachment).status, 201);
    let archive = client.get(&format!("/api/v1/sessions/{made}/export")).body;
    let again = id(&crate::import::import(client, &archive));
    let recordings = client.get(&format!("/api/v1/sessions/{again}/recordings")).json();
    assert_eq!(recordings[0]["told"], told);
    assert_eq!(recordings[0]["facts"][0]["position"]["value"]["lat"], 45.5);
    assert_eq!(recordings[0]["sigmf_meta"], crate::import::META, "and the metadata stay as they came");
}

#[test]
fn a_receiver_was_last_heard_when_its_newest_session_ended() {
    let data = folder();
    let server = Running::on(data.path());
    let client = &server.client;
    let torino = id(&post(client, "/receivers", &receiver("Torino")));
    let heard = || client.get(&format!("/api/v1/receivers/{torino}")).json()["heard"].clone();
    assert_eq!(heard(), Value::Null);
    let mut last = String::new();
    for (seed, start) in [(1, "2026-01-01T12:00:00Z"), (2, "2026-01-03T12:00:00Z"), (3, "2026-01-02T12:00:00Z")] {
        let mut draft = session(start);
        (draft["start"], draft["duration_s"]) = (start.into(), 1.5.into());
        let made = id(&post(client, "/sessions", &draft));
        let attachment = json!({ "object": stored(client, seed), "receiver": torino });
        assert_eq!(post(client, &format!("/sessions/{made}/recordings"), &attachment).status, 201);
        if seed == 2 {
            last = made;
        }
    }
    assert_eq!(heard(), "2026-01-03T12:00:01.5Z");
    assert_eq!(client.send("DELETE", &format!("/api/v1/sessions/{last}"), &[], b"").status, 200);
    assert_eq!(heard(), "2026-01-02T12:00:01.5Z", "a deleted session does not count");
}
