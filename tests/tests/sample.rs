//! The page with its own sample: what works without any recording of one's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use heimdall_browser_tests::{ExportFormat, Options, Page, in_browser, locate_with_network, sample, screenshots};
use serde_json::{Value, json};

/// The page is no wider than its window; what sticks out is named otherwise.
async fn fits(page: &Page, when: &str) {
    let script = r"
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width) return [];
        const outside = element => element.getBoundingClientRect().right > width && !element.closest('.leaflet-container');
        const name = element => element.tagName + '#' + element.id + '.' + element.className;
        return [...document.querySelectorAll('body *')].filter(outside).map(name);";
    assert_eq!(page.script(script).await, json!([]), "sticks out {when}");
}

#[test]
fn the_sample_is_two_clicks_away_and_says_that_it_is_simulated() {
    in_browser(Options::default(), async |page| {
        page.click("#try-sample").await;
        let answer = page.settled().await;
        assert_eq!(answer.verdict, "located", "{answer:?}");
        assert!(answer.text.contains("simulated"), "{answer:?}");
        page.click("#export-json").await;
        assert_eq!(answer.areas.len(), 3, "{answer:?}");
    });
}

#[test]
fn a_receiver_of_the_sample_can_be_switched_off_and_on() {
    in_browser(Options::default(), async |page| {
        page.click("#try-sample").await;
        let all = page.settled_with_network().await;
        page.toggle("Genova").await;
        page.wait("another answer", async || (page.settled().await.areas != all.areas).then_some(())).await;
        page.toggle("Genova").await;
        page.wait("the first answer again", async || (page.settled().await == all).then_some(())).await;
    });
}

#[test]
fn the_samples_report_holds_its_receivers_and_checksums() {
    let text = in_browser(Options::default(), async |page| {
        page.click("#try-sample").await;
        page.settled().await;
        page.export(ExportFormat::Json).await
    });
    let report: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(report["synthetic"], true);
    let recordings = report["recordings"].as_array().unwrap();
    assert_eq!((recordings.len(), report["pairs"].as_array().unwrap().len()), (5, 10));
    assert!(recordings.iter().all(|recording| recording["sha256"].as_str().is_some_and(|hash| hash.len() == 64)));
}

#[test]
fn the_network_says_in_the_page_what_it_says_on_the_command_line() {
    let text = in_browser(Options::default(), async |page| {
        page.click("#try-sample").await;
        page.settled_with_network().await;
        page.export(ExportFormat::Json).await
    });
    let page: Value = serde_json::from_str(&text).expect("JSON");
    let program: Value = serde_json::from_str(&locate_with_network("json", &sample())).expect("JSON");
    let number = |report: &Value, pointer: &str| report.pointer(pointer).and_then(Value::as_f64).expect("a number");
    assert_eq!(page["network"]["name"], program["network"]["name"]);
    for (pointer, tolerance) in
        [("/network/mean/lat", 1e-5), ("/network/mean/lon", 1e-5), ("/fix/mean/lat", 1e-5), ("/fix/mean/lon", 1e-5)]
    {
        let apart = number(&page, pointer) - number(&program, pointer);
        assert!(apart.abs() < tolerance, "{pointer} differs by {apart:e}°");
    }
    let ratio = number(&page, "/network/sigma_m") / number(&program, "/network/sigma_m");
    assert!((ratio - 1.0).abs() < 1e-3, "sigma_m differs by the factor {ratio}");
}

#[test]
fn a_pair_shows_its_line_and_its_correlation() {
    in_browser(Options::default(), async |page| {
        page.click("#try-sample").await;
        page.settled().await;
        assert_eq!(page.script("return document.querySelectorAll('#pairs tbody tr').length").await, 10);
        assert_eq!(page.text_content("path.hyperbola").await, None);
        page.click("#pairs tbody tr:nth-child(3) button").await;
        page.text_of("path.hyperbola").await;
        let drawn = "const { width, height } = document.querySelector('.plot path.curve').getBBox();
             return Math.min(width / 380, height / 80)";
        assert!(page.script(drawn).await.as_f64().unwrap() > 0.9, "the curve fills the plot");
    });
}

#[test]
fn the_page_starts_anew() {
    in_browser(Options::default(), async |page| {
        page.click("#try-sample").await;
        page.settled().await;
        page.click("#clear").await;
        page.text_of(".empty").await;
        assert_eq!(page.text_content("#verdict").await, None);
        page.click("#try-sample").await;
        assert_eq!(page.settled().await.verdict, "located");
    });
}

#[test]
fn a_phone_shows_everything_without_scrolling_sideways() {
    in_browser(Options { phone: true, ..Options::default() }, async |page| {
        assert_eq!(page.script("return innerWidth").await, 390);
        fits(&page, "before anything was dropped").await;
        page.click("#try-sample").await;
        page.settled().await;
        fits(&page, "with an answer").await;
        page.script("document.querySelectorAll('details').forEach(details => details.open = true)").await;
        fits(&page, "with all details open").await;
    });
}

#[test]
fn pictures_are_taken_for_people_to_look_at() {
    for phone in [false, true] {
        in_browser(Options { phone, ..Options::default() }, async move |page| {
            let device = if phone { "phone" } else { "desktop" };
            for (state, sample) in [("empty", false), ("located", true)] {
                if sample {
                    page.click("#try-sample").await;
                    page.settled_with_network().await;
                    page.click("#pairs tbody tr:first-child button").await;
                    page.script("document.querySelector('.panels').scrollTop = 0").await;
                }
                for scheme in ["light", "dark"] {
                    let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
                    page.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
                    // Whatever moves or fades has come to rest.
                    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
                    page.picture(&screenshots().join(format!("{device}-{state}-{scheme}.png"))).await;
                }
            }
        });
    }
}
