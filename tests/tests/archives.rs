//! Archives in the page, and what is done to one of the recordings that they hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use heimdall_browser_tests::{Options, Page, in_browser, sample, screenshots};
use serde_json::json;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The sample as one archive, every other file compressed, and an archive in it, which cannot be read.
fn zipped(folder: &Path) -> PathBuf {
    let path = folder.join("scene.zip");
    let mut archive = ZipWriter::new(File::create(&path).unwrap());
    let mut files = sample();
    files.sort();
    for (file, method) in files.iter().zip([CompressionMethod::Stored, CompressionMethod::Deflated].iter().cycle()) {
        let name = format!("scene/{}", file.file_name().unwrap().to_str().unwrap());
        archive.start_file(name, SimpleFileOptions::default().compression_method(*method)).unwrap();
        archive.write_all(&std::fs::read(file).unwrap()).unwrap();
    }
    archive.start_file("scene/older.zip", SimpleFileOptions::default()).unwrap();
    archive.write_all(b"PK\x03\x04 and so on").unwrap();
    archive.finish().unwrap();
    path
}

/// The recording whose I and Q the test exchanges.
const ROW: &str = "li.recording:nth-child(2)";

async fn order(page: &Page) -> String {
    page.text_of(&format!("{ROW} [data-exchange]")).await;
    let text = format!("return document.querySelector('{ROW} [data-exchange]').parentElement.textContent");
    page.script(&text).await.as_str().unwrap().to_owned()
}

#[test]
fn a_zip_of_the_sample_gives_its_answer_and_names_what_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let archive = zipped(folder.path());
    in_browser(Options::default(), async move |page| {
        page.click("#try-sample").await;
        let loose = page.settled_with_network().await;
        page.click("#clear").await;
        page.text_of(".empty").await;
        page.choose(&[archive]).await;
        let packed = page.settled_with_network().await;
        assert_eq!(packed, loose);
        let refusal = page.text_of("[data-refused='scene/older.zip']").await;
        assert!(refusal.contains("An archive in an archive at byte 0"), "{refusal}");
    });
    drop(folder);
}

#[test]
fn i_and_q_of_one_recording_of_an_archive_are_exchanged_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let archive = zipped(folder.path());
    for phone in [false, true] {
        let archive = archive.clone();
        in_browser(Options { phone, ..Options::default() }, async move |page| {
            page.choose(&[archive]).await;
            let before = page.settled_with_network().await;
            let open = format!("document.querySelector('{ROW} details').open = true");
            page.script(&open).await;
            assert!(order(&page).await.starts_with("As recorded"));
            page.click(&format!("{ROW} [data-exchange]")).await;
            page.wait("another answer", async || (page.settled().await.areas != before.areas).then_some(())).await;
            page.script(&open).await;
            assert!(order(&page).await.starts_with("Exchanged"));
            page.script(&format!("document.querySelector('{ROW}').scrollIntoView()")).await;
            for scheme in ["light", "dark"] {
                let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
                page.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
                tokio::time::sleep(Duration::from_millis(600)).await;
                let device = if phone { "phone" } else { "desktop" };
                page.picture(&screenshots().join(format!("{device}-archive-{scheme}.png"))).await;
            }
            page.click(&format!("{ROW} [data-exchange]")).await;
            page.wait("the first answer again", async || (page.settled().await == before).then_some(())).await;
        });
    }
    drop(folder);
}
