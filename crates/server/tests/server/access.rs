//! Who is let in, and from where.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use heimdall_server::Options;

use crate::support::{Running, files, folder, refusal};

#[test]
fn the_api_needs_a_token_and_says_how_to_get_one() {
    let folder = folder();
    let server = Running::on(&folder.path().join("data"));
    let refused = server.stranger().get("/api/v1/uploads");
    assert_eq!(refused.status, 401);
    assert!(refused.detail().contains("Authorization: Bearer"), "{}", refused.detail());
    let mut guess = server.client.clone();
    guess.token = Some("A".repeat(43));
    assert_eq!(guess.get("/api/v1/uploads").status, 401);
    assert_eq!(server.client.get("/api/v1/uploads").status, 200);
    assert_eq!(server.stranger().get("/api/v1/nothing").status, 401, "strangers do not learn what there is");
    assert_eq!(server.client.get("/api/v1/nothing").status, 404);
    assert_eq!(server.client.send("PUT", "/api/v1/events", &[], b"").status, 405);
}

#[test]
fn health_and_description_say_what_is_there() {
    let folder = folder();
    let server = Running::on(folder.path());
    let health = server.stranger().get("/api/v1/health");
    assert_eq!((health.status, health.json()["status"].as_str()), (200, Some("ok")));
    let document = server.client.get("/api/v1/openapi.json").json();
    for path in ["/api/v1/health", "/api/v1/events", "/api/v1/uploads", "/api/v1/uploads/{id}"] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
}

#[test]
fn an_address_with_a_token_becomes_a_cookie() {
    let folder = folder();
    let server = Running::on(folder.path());
    let path = server.url.strip_prefix(&format!("http://{}", server.client.address)).unwrap();
    let answer = server.stranger().get(path);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    let cookie = answer.header("set-cookie").unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap();
    let other = format!("theme=dark; {pair}");
    assert_eq!(server.stranger().send("GET", "/api/v1/uploads", &[("Cookie", &other)], b"").status, 200);
    let wrong = server.stranger().get("/?token=wrong");
    assert_eq!(wrong.status, 401);
    assert!(wrong.header("set-cookie").is_none());
}

#[test]
fn other_sites_cannot_reach_it_through_a_browser() {
    let folder = folder();
    let server = Running::on(folder.path());
    let rebound = server.client.send("GET", "/", &[("Host", "evil.example:7373")], b"");
    assert_eq!(rebound.status, 421);
    assert!(rebound.detail().contains("evil.example"));
    let upload = [("Tus-Resumable", "1.0.0"), ("Upload-Length", "8"), ("Upload-Metadata", "filename YQ==")];
    let with_origin = |origin| [&upload[..], &[("Origin", origin)]].concat();
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        let refused = server.client.send("POST", "/api/v1/uploads", &with_origin(origin), b"");
        assert_eq!(refused.status, 403, "{origin}");
    }
    let own = format!("http://{}", server.client.address);
    assert_eq!(server.client.send("POST", "/api/v1/uploads", &with_origin(&own), b"").status, 201);
}

#[test]
fn a_named_host_is_served() {
    let folder = folder();
    let server = Running::with(Options { hosts: vec!["sdr.example.org".into()], ..Options::new(folder.path()) });
    assert_eq!(server.stranger().send("GET", "/api/v1/health", &[("Host", "sdr.example.org")], b"").status, 200);
}

#[test]
fn the_data_folder_is_its_owners_and_keeps_the_token() {
    let folder = folder();
    let data = folder.path().join("a/b");
    let server = Running::on(&data);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in files(&data) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    let token = server.client.token.clone().unwrap();
    assert_eq!(token.len(), 43, "256 bits in Base64");
    server.stop();
    assert_eq!(Running::on(&data).client.token, Some(token));
}

#[test]
fn it_is_not_opened_to_other_machines_by_accident() {
    let folder = folder();
    let listen = "0.0.0.0:0".parse().unwrap();
    let data = folder.path().join("data");
    let refused = refusal(Options { listen, ..Options::new(&data) });
    assert!(refused.contains("--token"), "{refused}");
    let token = Some("correct-horse-battery".to_owned());
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    let refused = refusal(Options { listen, token: token.clone(), ..Options::new(&data) });
    assert!(refused.contains("chmod 700"), "{refused}");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
    let server = Running::with(Options { listen, token, ..Options::new(&data) });
    assert_eq!(server.client.token.as_deref(), Some("correct-horse-battery"));
    let weak = refusal(Options { token: Some("1234".into()), ..Options::new(folder.path().join("other")) });
    assert!(weak.contains("guessed"), "{weak}");
}

#[test]
fn a_port_or_folder_in_use_is_said() {
    let folder = folder();
    let server = Running::on(&folder.path().join("data"));
    let refused = refusal(Options::new(&server.data));
    assert!(refused.contains("Another server"), "{refused}");
    let taken = Options { listen: server.client.address, ..Options::new(folder.path().join("other")) };
    let refused = refusal(taken);
    assert!(refused.contains("is in use"), "{refused}");
    let refused = refusal(Options { page: Some(folder.path().into()), ..Options::new(folder.path().join("third")) });
    assert!(refused.contains("cargo xtask build"), "{refused}");
}
