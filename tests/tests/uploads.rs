//! What a page gives to its server: long uploads, and what was told of recordings.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::{Path, PathBuf};

use heimdall_browser_tests::desk::{api, contribute, photograph, said};
use heimdall_browser_tests::{Options, Page, Serving, noise, on_server, sample};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Several slices; what the driver logs of requests grows with it.
const LONG_BYTES: usize = 48 << 20;
/// Of an upload, as the page sends it.
const SLICE_BYTES: usize = 8_000_000;
/// gqrx: 428 MHz, 2 MHz of complex floats.
const LONG_NAME: &str = "gqrx_20230806_151838_428000000_2000000_fc.raw";

/// A long recording of numbers without a pattern; its path and SHA-256.
fn long_recording(folder: &Path) -> (PathBuf, String) {
    let path = folder.join(LONG_NAME);
    noise(&path, LONG_BYTES, 0).unwrap();
    let digest = Sha256::digest(std::fs::read(&path).unwrap());
    (path, digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

async fn given(page: &Page) -> String {
    page.click("#desk-upload").await;
    let made = async || page.text_content("#desk-said").await.filter(|said| said.contains("was made"));
    let said = page.wait("the session", made).await;
    said.split_whitespace().nth(1).unwrap().to_owned()
}

async fn recordings(page: &Page, session: &str) -> Value {
    api(page, "GET", &format!("sessions/{session}/recordings"), json!({}), Value::Null).await
}

/// Files below a folder and their lengths.
fn lengths(folder: &Path) -> Vec<u64> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let of = |entry: std::fs::DirEntry| match entry.path().is_dir() {
        true => lengths(&entry.path()),
        false => vec![entry.metadata().unwrap().len()],
    };
    entries.flat_map(of).collect()
}

#[test]
fn a_long_upload_is_paused_and_goes_on_after_a_reload_of_the_page() {
    let (folder, made) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (path, sha256) = long_recording(made.path());
    let serving = Serving::start(folder.path());
    let objects = folder.path().join("objects");
    on_server(Options::default(), &serving, async move |page| {
        contribute(&page, std::slice::from_ref(&path), 1).await;
        // Pressed from inside, once the first slice is there: from here all would have arrived before.
        let pause = r"
            const pause = setInterval(() => {
                if (!(document.querySelector('.uploads progress')?.value > 0)) return;
                clearInterval(pause);
                document.getElementById('desk-pause').click();
            }, 1)";
        page.script(pause).await;
        page.click("#desk-upload").await;
        said(&page, "#desk-said", "Paused. What has arrived is kept").await;
        photograph(&page, "desk-upload-paused").await;
        let uploads = api(&page, "GET", "uploads", json!({}), Value::Null).await;
        let arrived = uploads[0]["offset"].as_u64().unwrap() as usize;
        assert!((SLICE_BYTES..LONG_BYTES).contains(&arrived), "{uploads}");

        page.reload().await;
        contribute(&page, &[path], 1).await;
        page.click("#desk-upload").await;
        said(&page, "#desk-said", "was made").await;
        // The rest came, and nothing of it twice: a request a slice, one for the offset, and one for the end.
        let requests = r"
            const all = performance.getEntriesByType('resource');
            return all.filter(entry => /\/uploads\/[^/]+$/.test(entry.name)).length";
        let slices = (LONG_BYTES - arrived).div_ceil(SLICE_BYTES);
        assert_eq!(page.script(requests).await, slices + 2);
        let session = page.text_of("#desk-said").await.split_whitespace().nth(1).unwrap().to_owned();
        let kept = recordings(&page, &session).await;
        assert_eq!((&kept[0]["sha256"], &kept[0]["bytes"]), (&json!(sha256), &json!(LONG_BYTES)));
        assert_eq!(lengths(&objects), [LONG_BYTES as u64], "the file is there once");
    });
}

/// The sample's recordings as if their receivers had not known where they are, and a table that does.
fn without_positions(folder: &Path) -> (Vec<PathBuf>, Vec<(String, [f64; 2])>) {
    let (mut files, mut receivers) = (Vec::new(), Vec::new());
    for path in sample().iter().filter(|path| !path.ends_with("synthetic-145mhz.sigmf-collection")) {
        let copy = folder.join(path.file_name().unwrap());
        let mut bytes = std::fs::read(path).unwrap();
        if path.extension().is_some_and(|extension| extension == "sigmf-meta") {
            let mut meta: Value = serde_json::from_slice(&bytes).unwrap();
            let mut place = Value::Null;
            for part in ["/captures/0", "/global"] {
                let removed = meta.pointer_mut(part).and_then(|part| part.as_object_mut()?.remove("core:geolocation"));
                place = removed.unwrap_or(place);
            }
            let degrees = |index: usize| place["coordinates"][index].as_f64().unwrap();
            let name = meta["global"]["heimdall:station"].as_str().unwrap().to_owned();
            // Somewhere else than the file said: a hundredth of a degree.
            receivers.push((name, [degrees(1) + 0.01, degrees(0)]));
            bytes = serde_json::to_vec(&meta).unwrap();
        }
        std::fs::write(&copy, bytes).unwrap();
        files.push(copy);
    }
    let rows: String = receivers.iter().map(|(name, [lat, lon])| format!("{name},{lat},{lon}\n")).collect();
    let table = folder.join("receivers.csv");
    std::fs::write(&table, format!("receiver,lat,lon\n{rows}")).unwrap();
    files.push(table);
    (files, receivers)
}

#[test]
fn positions_of_a_table_go_with_the_recordings_that_are_given() {
    let (folder, made) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (files, receivers) = without_positions(made.path());
    let serving = Serving::start(folder.path());
    on_server(Options::default(), &serving, async move |page| {
        contribute(&page, &files, receivers.len() as u64).await;
        let session = given(&page).await;
        let kept = recordings(&page, &session).await;
        let kept = kept.as_array().unwrap();
        assert_eq!(kept.len(), receivers.len(), "the table is no recording");
        for recording in kept {
            let facts = &recording["facts"][0];
            let name = facts["station"]["value"].as_str().unwrap();
            let (_, [lat, lon]) = receivers.iter().find(|(known, _)| known == name).unwrap();
            assert_eq!(facts["position"]["value"], json!({ "lat": lat, "lon": lon }), "{name}");
        }
    });
}
