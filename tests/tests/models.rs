//! The model page: what a version tells of itself, and trying it on the open scene.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::Path;

use heimdall_browser_tests::{Options, Page, Serving, dist, on_server, screenshots};
use serde_json::{Value, json};

const FOLDER: &str = "models/north-western-italy";

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn write(path: &Path, value: &Value) {
    std::fs::write(path, serde_json::to_vec(value).unwrap()).unwrap();
}

/// The page's model, and beside it the same network as v1.0.1, which counts for less and comes with its held-out scenes
/// and its learning curve.
fn two_versions(data: &Path) {
    let (older, newer) = (data.join(FOLDER).join("v1.0.0"), data.join(FOLDER).join("v1.0.1"));
    for folder in [&older, &newer] {
        std::fs::create_dir_all(folder).unwrap();
        for entry in std::fs::read_dir(dist().join(FOLDER).join("v1.0.0")).unwrap().map(Result::unwrap) {
            std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
    }
    let mut index = read(&dist().join("models/index.json"));
    index["constellations"][0]["versions"] = json!(["v1.0.0", "v1.0.1"]);
    write(&data.join("models/index.json"), &index);
    let scenes: Vec<Value> = (1..=40)
        .map(|step| {
            let share = f64::from(step) / 40.0;
            json!({ "lat": 44.5 + share, "lon": 7.5 + share, "error_m": 2e3 * share, "confidence": share })
        })
        .collect();
    write(&newer.join("held-out.json"), &json!({ "method": "network", "world": "a line", "scenes": scenes }));
    std::fs::write(newer.join("learning.csv"), "epochs,loss,rmse_m\n0.5,-1.5,\n1.0,-2.5,4100\n").unwrap();
    let mut card = read(&newer.join("metadata.json"));
    card["version"] = "v1.0.1".into();
    card["fusion"] = json!({ "network": 0.5, "tdoa": 1.0, "level": 0.0 });
    let others = ["held-out.json", "learning.csv"];
    let files = card["files"].as_array_mut().unwrap();
    files.retain(|file| !others.iter().any(|name| file["name"] == *name));
    files.extend(others.map(|name| json!({ "name": name, "sha256": "0".repeat(64), "bytes": 1 })));
    write(&newer.join("metadata.json"), &card);
}

async fn fix_by(page: &Page, version: &str) {
    let said = async || page.text_content("#network").await.filter(|text| text.contains(version));
    page.wait(&format!("a fix by {version}"), said).await;
}

async fn label(page: &Page, selector: &str) -> String {
    let script = "return document.querySelector(arguments[0])?.getAttribute('aria-label')";
    let text = async || page.script_with(script, vec![selector.into()]).await.as_str().map(str::to_owned);
    page.wait(selector, text).await
}

#[test]
fn a_version_is_tried_on_the_open_scene_by_this_page_alone() {
    let folder = tempfile::tempdir().unwrap();
    two_versions(folder.path());
    let serving = Serving::start(folder.path());
    let index = folder.path().join("models/index.json");
    on_server(Options::default(), &serving, async move |page| {
        page.click("#try-sample").await;
        page.settled_with_network().await;
        page.text_of("#open-desk").await;
        page.click("#open-desk").await;
        page.click("#desk-models").await;
        page.text_of("li[data-version='v1.0.1'] .try").await;
        page.click("li[data-version='v1.0.1'] .try").await;
        fix_by(&page, "v1.0.1").await;
        let rows = async || {
            let rows = page
                .script("return [...document.querySelectorAll('#desk-comparison tbody tr')].map(row => row.innerText)");
            rows.await
                .as_array()
                .cloned()
                .filter(|rows| rows.len() == 2 && rows.iter().all(|row| row.to_string().contains(" ms")))
        };
        let rows = page.wait("both versions with the time of a run", rows).await;
        assert!(rows[0].as_str().unwrap().starts_with("v1.0.0") && rows[1].as_str().unwrap().starts_with("v1.0.1"));
        assert!(page.text_of("#trial").await.contains("Trying v1.0.1"));
        assert_eq!(read(&index)["constellations"][0]["promoted"], "v1.0.0", "nobody else uses it");

        page.click("li[data-version='v1.0.1'] summary").await;
        let map = label(&page, "li[data-version='v1.0.1'] canvas.map-of-errors").await;
        assert!(map.contains("median error 1.02 km") && map.contains("the worst 2.00 km"), "{map}");
        assert!(label(&page, "canvas.calibration").await.contains("hold 50.0 %, 67.5 % and 95.0 %"));
        assert!(label(&page, "li[data-version='v1.0.1'] canvas.course").await.contains("RMSE 4.10 km"));
        assert!(page.text_of(".changelog").await.contains("Since v1.0.0"));
        page.picture(&screenshots().join("desk-model.png")).await;

        page.click("#close-desk").await;
        page.click("#end-trial").await;
        fix_by(&page, "v1.0.0").await;
        assert_eq!(page.text_of("#trial").await, "");
    });
}

#[test]
fn an_open_page_makes_its_next_fix_with_a_version_that_was_promoted() {
    let folder = tempfile::tempdir().unwrap();
    two_versions(folder.path());
    let serving = Serving::start(folder.path());
    on_server(Options::default(), &serving, async move |page| {
        page.click("#try-sample").await;
        page.settled_with_network().await;
        fix_by(&page, "v1.0.0").await;
        // The page notes by itself when its fix names the new version: asking from outside would take longer.
        let promote = r"
            const times = window.promotion = { asked: performance.now() };
            const look = () => {
                if (times.fixed || !document.querySelector('#network')?.textContent.includes('v1.0.1')) return;
                times.fixed = performance.now();
                observer.disconnect();
            };
            const observer = new MutationObserver(look);
            observer.observe(document.body, { subtree: true, childList: true, characterData: true });
            fetch('api/v1/models/north-western-italy/promote', {
                method: 'POST', headers: { 'Content-Type': 'application/json' },
                body: JSON.stringify({ version: 'v1.0.1', because: 'to see it change' }),
            }).then(answer => { times.status = answer.status; times.answered = performance.now(); });";
        page.script(promote).await;
        fix_by(&page, "v1.0.1").await;
        let times = async || {
            let times = page.script("return window.promotion").await;
            (times["fixed"].is_number() && times["answered"].is_number()).then_some(times)
        };
        // They would be gone after a reload.
        let times = page.wait("both times", times).await;
        assert_eq!(times["status"], 200, "{times}");
        let ms = |from: &str| times["fixed"].as_f64().unwrap() - times[from].as_f64().unwrap();
        println!(
            "the fix by the promoted version came {:.0} ms after it was asked for, {:.0} ms after the server's answer",
            ms("asked"),
            ms("answered")
        );
    });
}
