//! The page from a server: recordings become sessions, sessions a network, and the network the open page's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::Path;

use heimdall_browser_tests::desk::{photograph, set};
use heimdall_browser_tests::{Options, Page, Serving, on_server};
use serde_json::Value;

/// The page's own world with few scenes, beside the one that the server knows.
fn small_world(data: &Path) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../worlds/north-western-italy.json");
    let mut world: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    world["scenes"] = serde_json::json!({ "training": 60, "validation": 70, "test": 10 });
    std::fs::create_dir_all(data.join("worlds")).unwrap();
    std::fs::write(data.join("worlds/a-small-one.json"), serde_json::to_vec(&world).unwrap()).unwrap();
}

/// The text of an element once it is there and not empty.
async fn filled(page: &Page, selector: &str) -> String {
    let text = async || page.text_content(selector).await.filter(|text| !text.trim().is_empty());
    page.wait(selector, text).await
}

#[test]
fn what_was_given_is_learned_from_and_the_open_page_changes_its_network() {
    let folder = tempfile::tempdir().unwrap();
    small_world(folder.path());
    let serving = Serving::start(folder.path());
    on_server(Options { patient: true, ..Options::default() }, &serving, async |page| {
        page.click("#try-sample").await;
        page.settled_with_network().await;
        let before = page.text_of("#network").await;
        assert!(before.contains("v1.0.0"), "{before}");

        page.click("#open-desk").await;
        page.text_of("#desk-upload").await;
        set(&page, "#desk-latitude", "45.07").await;
        set(&page, "#desk-longitude", "100").await;
        set(&page, "#desk-latitude", "nowhere").await;
        page.click("#desk-upload").await;
        assert!(
            filled(&page, "#desk-said").await.contains("45.0703"),
            "a wrong place is refused before anything is sent"
        );
        set(&page, "#desk-latitude", "45.02").await;
        set(&page, "#desk-longitude", "8.62").await;
        photograph(&page, "desk-contribute").await;
        page.click("#desk-upload").await;
        let said = async || page.text_content("#desk-said").await.filter(|said| said.contains("was made"));
        page.wait("the session", said).await;
        photograph(&page, "desk-given").await;

        page.click("#desk-sessions").await;
        page.text_of("li[data-state='pending']").await;
        page.click("li[data-state='pending'] .approve").await;
        page.text_of("li[data-state='approved']").await;
        photograph(&page, "desk-sessions").await;

        page.click("#desk-train").await;
        page.text_of("#desk-world option[value='a-small-one']").await;
        set(&page, "#desk-world", "a-small-one").await;
        set(&page, "#desk-size", "probe").await;
        set(&page, "#desk-scenes", "60").await;
        set(&page, "#desk-epochs", "2").await;
        set(&page, "#desk-minutes", "30").await;
        photograph(&page, "desk-train-form").await;
        page.click("#desk-train-start").await;
        page.text_of(".trainings li").await;
        let mut patience = 0;
        while page.text_content("li[data-stage='published']").await.is_none() {
            patience += 1;
            let failed = page.text_content("li[data-stage='failed']").await;
            assert!(failed.is_none() && patience < 900, "{failed:?}");
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        photograph(&page, "desk-train").await;
        assert_eq!(page.text_of("#network").await, before, "a network that did not pass is not used");

        page.click("#desk-models").await;
        page.text_of("li[data-version='v1.1.0']").await;
        let failed = page.text_of("li[data-version='v1.1.0'] .checks .failed").await;
        assert!(failed.contains("10 held-out scenes"), "{failed}");
        let checks = page.text_of("li[data-version='v1.1.0'] .checks").await;
        assert!(checks.contains("tract in WebAssembly says what the training framework says"), "{checks}");
        set(&page, "li[data-version='v1.1.0'] input", "to see it change").await;
        photograph(&page, "desk-models").await;
        page.click("li[data-version='v1.1.0'] .promote").await;
        page.text_of("li[data-version='v1.1.0'][data-in-use='true']").await;
        let newer = async || page.text_content("#network").await.filter(|text| text.contains("v1.1.0"));
        page.wait("the fix by the new network", newer).await;
        page.click("#close-desk").await;
        photograph(&page, "desk-after").await;
    });
}
