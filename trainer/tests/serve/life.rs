//! Start and end.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{Server, command};

#[test]
fn it_prints_its_address_and_ends_on_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&folder.path().join("data"));
    assert_eq!(server.client.get("/api/v1/health").status, 200);
    assert_eq!(server.client.get("/api/v1/uploads").status, 200);
    assert!(Command::new("kill").arg(server.child.id().to_string()).status().unwrap().success());
    let started = Instant::now();
    let status = loop {
        if let Some(status) = server.child.try_wait().unwrap() {
            break status;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "it does not end");
        std::thread::sleep(Duration::from_millis(10));
    };
    assert!(status.success(), "{status}");
}

#[test]
fn what_it_refuses_it_says_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let refusal = |arguments: &[&str]| {
        let output = command(&data).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let open = refusal(&["--listen", "0.0.0.0:0"]);
    assert!(open.contains("choose a token with --token"), "{open}");
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o750)).unwrap();
    let readable = refusal(&["--listen", "0.0.0.0:0", "--token", "correct-horse-battery"]);
    assert!(readable.contains("chmod 700"), "{readable}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let in_use = refusal(&["--listen", &taken.local_addr().unwrap().to_string()]);
    assert!(in_use.contains("is in use"), "{in_use}");
}

#[test]
fn the_environment_may_give_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let output = command(&data).args(["--listen", "127.0.0.1:0"]).env("HEIMDALL_TOKEN", "short").output().unwrap();
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(sentence.contains("A token of 5 characters can be guessed"), "{sentence}");
}
