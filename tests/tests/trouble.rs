//! What goes wrong beside the data, and what the user does about what is missing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use heimdall_browser_tests::{ExportFormat, Options, dcf77, in_browser};
use serde_json::{Value, json};

#[test]
fn a_worker_that_dies_is_told_of_and_replaced_and_the_other_recordings_stay() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, b"\x89PNG\r\n\x1a\n not a recording").unwrap();
        path
    };
    // More than the page ever has workers for recordings.
    let doomed: Vec<_> = (1..=5).map(|number| write(format!("doomed-{number}.wav"))).collect();
    let harmless = write("harmless.wav".to_owned());
    in_browser(Options { doomed: true, ..Options::default() }, async move |page| {
        page.click("#try-sample").await;
        let before = page.settled().await;
        page.choose(&doomed).await;
        for number in 1..=5 {
            let refusal = page.text_of(&format!("[data-refused='doomed-{number}.wav']")).await;
            assert!(refusal.contains("worker stopped") && refusal.contains("struck by the test"), "{refusal}");
            assert!(refusal.contains("other files are kept"), "{refusal}");
        }
        // Each had its worker, so only new ones are left to read this.
        page.choose(&[harmless]).await;
        let refusal = page.text_of("[data-refused='harmless.wav']").await;
        assert!(refusal.contains("picture"), "{refusal}");
        assert_eq!(page.settled().await, before);
    });
    drop(folder);
}

#[test]
fn a_receiver_is_placed_by_a_click_on_the_map() {
    let Some(files) = dcf77() else { return };
    let text = in_browser(Options::default(), async move |page| {
        page.choose(&files[..1]).await;
        page.settled().await;
        page.click("li.recording [data-question='position'] button[type='button']").await;
        let hint = page.text_of(".map-hint").await;
        assert!(hint.contains("HB9ODP"), "{hint}");
        // In its middle.
        page.click("#map").await;
        assert_eq!(page.text_of(".leaflet-marker-icon.receiver .marker-name").await, "HB9ODP");
        assert_eq!(page.text_content(".map-hint").await, None, "one click places one receiver");
        assert_eq!(page.text_content("[data-question='position']").await, None, "the question is answered");
        page.settled().await;
        page.export(ExportFormat::Json).await
    });
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let position = &report["receivers"][0]["position"];
    let degrees = |name: &str| position["value"][name].as_f64().unwrap_or_else(|| panic!("no {name}: {position}"));
    // The map begins at 48° N 10° E and zoom 3.5, where a pixel is 360° / (256 · 2^3.5) = 0.12° wide.
    assert!((degrees("lat") - 48.0).abs() < 0.3 && (degrees("lon") - 10.0).abs() < 0.3, "{position}");
    assert_eq!(position["origin"], "map");
}

#[test]
fn map_tiles_are_those_of_the_address_that_the_user_gives() {
    const TILES: &str = "return [...document.querySelectorAll('img.leaflet-tile-loaded')].map(tile => tile.src)";
    const LAND: &str =
        "const land = document.querySelector('path.land'); return land && getComputedStyle(land).display";
    in_browser(Options::default(), async move |page| {
        page.wait("the outlines", async || page.script(LAND).await.as_str().filter(|shown| *shown != "none").map(drop))
            .await;
        assert_eq!(page.script(TILES).await, json!([]), "none by default");
        // The settings come with the first files.
        page.click("#try-sample").await;
        page.settled().await;
        page.script("document.querySelector('details.settings').open = true").await;
        let start = format!("{}/tiles/", page.origin());
        page.fill("#tile-url", &format!("{start}{{z}}/{{x}}/{{y}}.svg")).await;
        let shown = page
            .wait("the tiles", async || {
                let tiles = page.script(TILES).await;
                tiles.as_array().filter(|tiles| !tiles.is_empty()).cloned()
            })
            .await;
        let ours = |tile: &Value| tile.as_str().is_some_and(|tile| tile.starts_with(&start));
        assert!(shown.iter().all(ours), "{shown:?}");
        assert_eq!(page.script(LAND).await, "none", "the outlines would hide the tiles");
    });
}
