//! Clients that nobody here wrote: tus-js-client and tuspy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Running, folder, noise, peer, sha256};

fn installed(what: &str) -> PathBuf {
    peer(&format!("tus/{what}"))
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/server/clients").join(name)
}

/// What the client prints.
fn printed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Uploads a good and a bad file with a client.
fn check(client: impl Fn(&Running, &Path, &str) -> String) {
    let folder = folder();
    let server = Running::on(&folder.path().join("data"));
    let file = folder.path().join("file");
    let bytes = noise(333_333, 1);
    fs::write(&file, &bytes).unwrap();
    let url = client(&server, &file, "north_433.92M_250k.cu8");
    let path = url.strip_prefix(&format!("http://{}", server.client.address)).unwrap_or_else(|| panic!("{url}"));
    let json = server.client.get(path).json();
    assert_eq!((json["object"].as_str(), json["length"].as_u64()), (Some(sha256(&bytes).as_str()), Some(333_333)));
    fs::write(&file, [b"7z\xbc\xaf", bytes.as_slice()].concat()).unwrap();
    let refused = client(&server, &file, "recordings.7z");
    assert!(refused.starts_with("422") && refused.contains("unpack it first"), "{refused}");
}

#[test]
fn tus_js_client_uploads_resumes_and_hears_refusals() {
    let modules = installed("npm");
    check(|server, file, name| {
        let endpoint = format!("http://{}/api/v1/uploads", server.client.address);
        let token = server.client.token.as_deref().unwrap();
        let mut node = Command::new("node");
        node.arg(source("upload.cjs")).arg(&modules).args([&endpoint, token]).arg(file).arg(name);
        printed(&mut node)
    });
}

#[test]
fn tuspy_uploads_resumes_and_hears_refusals() {
    let packages = installed("python");
    check(|server, file, name| {
        let endpoint = format!("http://{}/api/v1/uploads", server.client.address);
        let token = server.client.token.as_deref().unwrap();
        let mut python = Command::new("python3");
        python.env("PYTHONPATH", &packages).arg(source("upload.py")).args([&endpoint, token]).arg(file).arg(name);
        printed(&mut python)
    });
}
