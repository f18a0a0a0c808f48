//! What is handed on: links, session files, exports.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use heimdall_browser_tests::{ExportFormat, Options, Page, in_browser, screenshots};
use serde_json::json;

async fn end_of_address(page: &Page) -> String {
    page.script("return location.hash").await.as_str().unwrap().to_owned()
}

async fn value(page: &Page, selector: &str) -> String {
    let script = format!("return document.querySelector({}).value", json!(selector));
    page.script(&script).await.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_link_brings_settings_and_the_view_of_the_map_and_no_name() {
    in_browser(Options::default(), async |page| {
        page.script("location.hash = 'window=0.1,0.4&without=level&map=45.10000,8.90000,9.50'").await;
        page.click("#try-sample").await;
        page.settled().await;
        assert_eq!(value(&page, "#window-duration").await, "0.4000");
        let address = end_of_address(&page).await;
        assert!(address.contains("map=45.10000,8.90000,9.50"), "the view stays: {address}");
        page.toggle("Genova").await;
        page.settled().await;
        page.script("document.querySelector('.settings').open = true").await;
        page.fill("#gain", "4").await;
        let address = page.wait("the setting in the address", async || {
            Some(end_of_address(&page).await).filter(|address| address.contains("gain=4"))
        });
        let address = address.await;
        assert!(!address.to_lowercase().contains("genova") && !address.contains("sigmf"), "{address}");
        let steps = page.script("return history.length").await;
        page.reload().await;
        page.click("#try-sample").await;
        assert_ne!(page.settled().await.areas, [String::new()]);
        assert_eq!(
            (value(&page, "#window-duration").await, value(&page, "#gain").await),
            ("0.4000".into(), "4.0".into())
        );
        assert_eq!(page.script("return history.length").await, steps, "the way back is not filled with settings");
    });
}

#[test]
fn a_link_that_cannot_be_read_is_left_aside_with_a_sentence() {
    in_browser(Options::default(), async |page| {
        page.script("location.hash = 'window=none'").await;
        let sentence = page.text_of(".message p").await;
        assert!(sentence.contains("window=none"), "{sentence}");
        page.click("#try-sample").await;
        assert_eq!(page.settled().await.verdict, "located");
        let happened = page.text_content("#happened").await.unwrap();
        assert!(happened.contains("window=none") && happened.contains("Located near"), "{happened}");
    });
}

#[test]
fn a_session_file_opens_again_to_the_same_fix() {
    in_browser(Options::default(), async |page| {
        page.click("#try-sample").await;
        page.settled_with_network().await;
        page.toggle("Genova").await;
        page.script("document.querySelector('.settings').open = true").await;
        page.fill("#gain", "4").await;
        let saved = page.wait("an answer without Genova", async || {
            let now = page.settled_with_network().await;
            (value(&page, "#gain").await == "4.0" && now.text.contains("differences, the network")).then_some(now)
        });
        let saved = saved.await;
        page.press("ctrl+s").await;
        let file = page.saved("sigmf").await;
        page.click("#clear").await;
        page.text_of(".empty").await;
        page.choose(&[file]).await;
        page.wait("the same answer", async || (page.settled_with_network().await == saved).then_some(())).await;
        let off = "return !document.querySelector(\"input[data-toggle='Genova']\").checked";
        assert_eq!(page.script(off).await, true);
        let news = page.text_content("#news").await.unwrap();
        assert!(news.contains("session file are in force"), "{news}");
    });
}

#[test]
fn gpx_and_cursor_on_target_are_saved() {
    in_browser(Options::default(), async |page| {
        page.click("#try-sample").await;
        page.settled().await;
        let gpx = page.export(ExportFormat::Gpx).await;
        assert!(gpx.contains("<gpx ") && gpx.contains("Genova") && gpx.contains("</trk>"));
        let cot = page.export(ExportFormat::Cot).await;
        assert_eq!(cot.lines().count(), 1 + 5);
        assert!(cot.contains("type=\"a-u-G\"") && cot.contains("simulated"));
        page.script(
            "document.getElementById('happened').open = true; document.getElementById('happened').scrollIntoView()",
        )
        .await;
        page.picture(&screenshots().join("desktop-happened-light.png")).await;
    });
}
