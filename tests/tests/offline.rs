//! The page once its host is gone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use heimdall_browser_tests::{Options, in_browser};
use serde_json::json;

#[test]
fn without_a_network_the_page_opens_again_and_locates() {
    in_browser(Options::default(), async |page| {
        let kept = "return navigator.serviceWorker.ready.then(registration => registration.active !== null)";
        assert_eq!(page.script(kept).await, json!(true));
        page.lose_network();
        page.reload().await;
        page.click("#try-sample").await;
        let answer = page.settled_with_network().await;
        assert_eq!(answer.verdict, "located", "{answer:?}");
    });
}

#[test]
fn the_page_can_be_installed() {
    let manifest = in_browser(Options::default(), async |page| {
        let answer = page.devtools("Page.getAppManifest", json!({})).await;
        assert_eq!(answer["errors"], json!([]), "{answer}");
        let icon = "return fetch('icon.svg').then(response => response.ok)";
        assert_eq!(page.script(icon).await, json!(true));
        let errors = page.devtools("Page.getInstallabilityErrors", json!({})).await;
        assert_eq!(errors["installabilityErrors"], json!([]), "{errors}");
        answer["data"].as_str().unwrap().to_owned()
    });
    assert!(manifest.contains("\"display\": \"standalone\""), "{manifest}");
}
