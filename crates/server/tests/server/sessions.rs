//! Sessions and what belongs to them, as a client sees them.

use serde_json::{Value, json};

use crate::http::{Client, Response};
use crate::support::{Running, files, folder, noise};
use crate::uploading::upload;

const JSON: (&str, &str) = ("Content-Type", "application/json");

pub fn post(client: &Client, path: &str, body: &Value) -> Response {
    client.send("POST", &format!("/api/v1{path}"), &[JSON], body.to_string().as_bytes())
}

pub fn put(client: &Client, path: &str, etag: &str, body: &Value) -> Response {
    client.send("PUT", &format!("/api/v1{path}"), &[JSON, ("If-Match", etag)], body.to_string().as_bytes())
}

pub fn session(title: &str) -> Value {
    json!({
        "title": title, "center_frequency_hz": 145.5e6, "start": "2026-01-01T00:00:00Z", "duration_s": 1.0,
        "source": { "kind": "position", "place": { "latitude_deg": 45.0, "longitude_deg": 7.5 }, "error_m": 50.0 },
    })
}

/// The client of a new token.
fn token(running: &Running, name: &str, role: &str, quota_bytes: Option<u64>) -> Client {
    let made = post(&running.client, "/tokens", &json!({ "name": name, "role": role, "quota_bytes": quota_bytes }));
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    Client { token: Some(secret), ..running.client.clone() }
}

pub fn id(response: &Response) -> String {
    response.json()["id"].as_str().unwrap_or_else(|| panic!("{response:?}")).to_owned()
}

/// Uploads a recording; its SHA-256.
pub fn stored(client: &Client, seed: u64) -> String {
    let (path, answer) = upload(client, "north_145.5M_250k.cu8", &noise(4096, seed), &[]);
    assert_eq!(answer.status, 204, "{answer:?}");
    client.get(&path).json()["object"].as_str().unwrap().to_owned()
}

#[test]
fn from_an_upload_to_an_approved_session_and_to_nothing_left() {
    let data = folder();
    let running = Running::on(data.path());
    let anna = token(&running, "Anna", "contributor", None);
    let trainer = token(&running, "Trainer", "trainer", None);
    let made = post(&anna, "/sessions", &session("Two metres"));
    assert_eq!((made.status, made.header("etag")), (201, Some("\"1\"")));
    let path = format!("/sessions/{}", id(&made));
    let object = stored(&anna, 1);
    let receiver = json!({ "name": "Torino", "place": { "latitude_deg": 45.04, "longitude_deg": 7.67 } });
    let receiver = id(&post(&anna, "/receivers", &receiver));
    let attachment = json!({ "object": object, "receiver": receiver });
    let attached = post(&anna, &format!("{path}/recordings"), &attachment);
    assert_eq!(attached.status, 201, "{attached:?}");
    // The facts are the reader's, the name is the upload's.
    assert_eq!(attached.json()["file_name"], "north_145.5M_250k.cu8");
    assert_eq!(attached.json()["facts"][0]["sample_count"], 2048);
    assert_eq!(attached.json()["facts"][0]["sample_rate_hz"]["value"], 250e3);
    assert_eq!(post(&anna, &format!("{path}/approve"), &json!({})).status, 403);
    assert_eq!(post(&trainer, &format!("{path}/approve"), &json!({})).json()["state"], "approved");

    let found = running.client.get("/api/v1/sessions?text=torino&state=approved&box=7,44,8,46&min_frequency_hz=1e8");
    assert_eq!(found.json()["items"].as_array().map(Vec::len), Some(1), "{found:?}");
    assert_eq!(found.json()["items"][0]["bytes"], 4096);

    let late = anna.send("DELETE", &format!("/api/v1{path}"), &[], b"");
    assert_eq!(late.status, 403, "{}", late.detail());
    assert_eq!(running.client.send("DELETE", &format!("/api/v1{path}"), &[], b"").status, 200);
    assert_eq!(running.client.get("/api/v1/sessions").json()["items"], json!([]));
    assert_eq!(post(&running.client, &format!("{path}/purge"), &json!({})).status, 204);
    assert_eq!(running.client.get(&format!("/api/v1{path}")).status, 404);
    assert!(files(&data.path().join("objects")).is_empty());
    assert!(files(&data.path().join("uploads")).is_empty(), "what was known of the upload");

    let lines = running.client.get(&format!("/api/v1/audit?subject={}", path.trim_start_matches("/sessions/"))).json();
    let actions: Vec<_> = lines["items"].as_array().unwrap().iter().map(|line| line["action"].clone()).collect();
    assert_eq!(actions, ["session.purge", "session.delete", "session.approve", "recording.attach", "session.create"]);
    assert_eq!(anna.get("/api/v1/audit").status, 403);
}

#[test]
fn an_edit_needs_the_revision_that_it_was_made_from() {
    let data = folder();
    let running = Running::on(data.path());
    let path = format!("/sessions/{}", id(&post(&running.client, "/sessions", &session("one"))));
    let missing = running.client.send("PUT", &format!("/api/v1{path}"), &[JSON], session("two").to_string().as_bytes());
    assert_eq!(missing.status, 428, "{}", missing.detail());
    let edited = put(&running.client, &path, "\"1\"", &session("two"));
    assert_eq!((edited.status, edited.header("etag")), (200, Some("\"2\"")));
    let stale = put(&running.client, &path, "\"1\"", &session("three"));
    assert_eq!(stale.status, 412, "{}", stale.detail());
    assert_eq!(running.client.get(&format!("/api/v1{path}")).json()["title"], "two");
    assert_eq!(put(&running.client, &path, "1", &session("three")).status, 400);
}

#[test]
fn a_token_of_the_catalogue_opens_the_api_until_it_is_revoked() {
    let data = folder();
    let running = Running::on(data.path());
    let viewer = token(&running, "Reader", "viewer", None);
    assert_eq!(viewer.get("/api/v1/sessions").status, 200);
    assert_eq!(post(&viewer, "/sessions", &session("one")).status, 403);
    assert_eq!(viewer.get("/api/v1/tokens").status, 403);
    let tokens = running.client.get("/api/v1/tokens").json();
    assert!(tokens[0].get("secret").is_none());
    let revoked = format!("/api/v1/tokens/{}", tokens[0]["id"].as_str().unwrap());
    assert_eq!(running.client.send("DELETE", &revoked, &[], b"").status, 200);
    assert_eq!(viewer.get("/api/v1/sessions").status, 401);
}

#[test]
fn the_quota_of_a_token_ends_its_uploads_before_they_begin() {
    let data = folder();
    let running = Running::on(data.path());
    let anna = token(&running, "Anna", "contributor", Some(5000));
    stored(&anna, 1);
    let full = crate::uploading::ask(&anna, "south_145.5M_250k.cu8", 4096, &[]);
    assert_eq!(full.status, 413, "{}", full.detail());
    assert_eq!(running.client.get("/api/v1/tokens").json()[0]["used_bytes"], 4096);
}

#[test]
fn sigmf_metadata_is_kept_as_it_was_sent_and_read_with_its_samples() {
    let data = folder();
    let running = Running::on(data.path());
    let path = format!("/sessions/{}/recordings", id(&post(&running.client, "/sessions", &session("one"))));
    let (uploaded, _) = upload(&running.client, "north.sigmf-data", &noise(4096, 3), &[]);
    let object = running.client.get(&uploaded).json()["object"].clone();
    let meta = "{ \"global\":  {\"core:datatype\": \"ci16_le\", \"core:sample_rate\": 192000},\n\"captures\": [] }\n";
    let attached = post(&running.client, &path, &json!({ "object": object, "sigmf_meta": meta }));
    assert_eq!(attached.status, 201, "{attached:?}");
    let listed = running.client.get(&format!("/api/v1{path}")).json();
    assert_eq!(listed[0]["sigmf_meta"], meta);
    assert_eq!(listed[0]["facts"][0]["sample_count"], 1024);
    let broken = post(&running.client, &path, &json!({ "object": object, "sigmf_meta": "{" }));
    assert_eq!(broken.status, 422, "{}", broken.detail());
    let unknown = post(&running.client, &path, &json!({ "object": "0".repeat(64), "file_name": "a.wav" }));
    assert_eq!(unknown.status, 404, "{}", unknown.detail());
}

#[test]
fn a_purge_that_a_crash_interrupted_goes_on_at_the_next_start() {
    let data = folder();
    let running = Running::on(data.path());
    let made = id(&post(&running.client, "/sessions", &session("one")));
    let object = stored(&running.client, 1);
    assert_eq!(
        post(&running.client, &format!("/sessions/{made}/recordings"), &json!({ "object": object })).status,
        201
    );
    running.stop();
    // The rows are gone and the file is not, as after a crash between the two.
    crate::support::runtime().block_on(async {
        let catalogue = heimdall_catalogue::Catalogue::open(&data.path().join("catalogue.sqlite")).await.unwrap();
        let (owner, id) = (heimdall_catalogue::Actor::owner(), made.parse().unwrap());
        catalogue.delete_session(&owner, id, None).await.unwrap();
        catalogue.purge_session(&owner, id, None).await.unwrap();
        catalogue.close().await;
    });
    assert_eq!(files(&data.path().join("objects")).len(), 1);
    let _running = Running::on(data.path());
    crate::tus::wait_until(|| files(&data.path().join("objects")).is_empty());
    crate::tus::wait_until(|| files(&data.path().join("uploads")).is_empty());
}
