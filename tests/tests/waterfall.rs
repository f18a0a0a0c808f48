//! The waterfall: looking at the sample, zooming, and locating with what was selected.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use heimdall_browser_tests::{Options, Page, in_browser, screenshots};
use serde_json::{Value, json};

/// Share of the picture's elements that are neither the panel's colour nor grey: a waterfall is colourful.
const COLOURFUL: &str = r"
const canvas = document.getElementById('waterfall-picture');
const { data } = canvas.getContext('2d').getImageData(canvas.width * .1, 0, canvas.width * .9, canvas.height * .9);
let colourful = 0;
for (let at = 0; at < data.length; at += 4) {
  colourful += Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2]) > 24;
}
return colourful / (data.length / 4);
";

/// The sample, located, with the waterfall open on it and complete.
async fn looking_at_the_sample(page: &Page) {
    page.click("#try-sample").await;
    assert_eq!(page.settled().await.verdict, "located");
    page.click("[data-look]").await;
    drawn(page).await;
}

/// Waits until every sample of what is seen was looked at.
async fn drawn(page: &Page) {
    page.wait("a complete waterfall", async || {
        let coverage = page.text_content("#waterfall-coverage").await?;
        (coverage == "every sample shown").then_some(())
    })
    .await;
}

async fn seen(page: &Page) -> String {
    page.text_of("#waterfall-seen").await
}

async fn changed_from(page: &Page, old: &str) -> String {
    page.wait("another stretch of time", async || Some(seen(page).await).filter(|new| new != old)).await
}

async fn value(page: &Page, selector: &str) -> String {
    let script = format!("return document.querySelector({}).value", json!(selector));
    page.script(&script).await.as_str().unwrap_or_default().to_owned()
}

/// Draws a box from and to shares of the first lane.
async fn draw_box(page: &Page, from: (f64, f64), to: (f64, f64)) {
    let script = "const { x, y, width, height } = document.getElementById('waterfall-picture').getBoundingClientRect(); return [x + 54, y, width - 54, height / 5 - 12]";
    let area: Vec<f64> = serde_json::from_value(page.script(script).await).unwrap();
    let [x, y, width, height] = area[..] else { panic!("no picture") };
    let steps = [("mousePressed", from), ("mouseMoved", to), ("mouseReleased", to)];
    for (kind, (across, down)) in steps {
        let buttons = i32::from(kind != "mouseReleased");
        let event = json!({
            "type": kind, "x": x + across * width, "y": y + down * height,
            "button": "left", "buttons": buttons, "clickCount": 1,
        });
        page.devtools("Input.dispatchMouseEvent", event).await;
    }
}

#[test]
fn the_sample_is_seen_and_a_box_chooses_what_is_located() {
    in_browser(Options::default(), async |page| {
        looking_at_the_sample(&page).await;
        let share = page.script(COLOURFUL).await.as_f64().unwrap();
        assert!(share > 0.5, "only {share} of the picture is coloured");
        let label = page.script("return document.getElementById('waterfall-picture').getAttribute('aria-label')").await;
        assert!(label.as_str().unwrap().contains("Milano-Baggio"), "{label}");
        page.picture(&screenshots().join("desktop-waterfall-light.png")).await;

        let whole = seen(&page).await;
        page.click("#time-in").await;
        let closer = changed_from(&page, &whole).await;
        page.click("#show-all").await;
        assert_eq!(changed_from(&page, &closer).await, whole);

        page.click("#tool-select").await;
        draw_box(&page, (0.25, 0.3), (0.75, 0.7)).await;
        let length: f64 = value(&page, "#selection-length").await.parse().unwrap();
        page.click("#use-selection").await;
        page.wait("the answer in the waterfall", async || {
            page.text_content("#waterfall-message").await.filter(|text| text.contains("km"))
        })
        .await;
        page.click("#close-waterfall").await;
        let answer = page.settled().await;
        assert_ne!(answer.verdict, "");
        let used: f64 = value(&page, "#window-duration").await.parse().unwrap();
        assert!((used - length).abs() < 2e-3, "selected {length} s, used {used} s");
        assert!(value(&page, "#band-width").await.parse::<f64>().unwrap() > 1.0);
    });
}

#[test]
fn an_emission_that_several_receivers_heard_is_selected_with_one_press() {
    in_browser(Options::default(), async |page| {
        looking_at_the_sample(&page).await;
        let suggested = page.text_of("[data-emission]").await;
        assert!(suggested.contains("MHz") && suggested.contains("heard by 5 of 5"), "{suggested}");
        page.picture(&screenshots().join("desktop-waterfall-emissions.png")).await;
        page.click("[data-emission]").await;
        let center_khz: f64 = value(&page, "#selection-center").await.parse().unwrap();
        assert!((center_khz - 145_500.0).abs() < 3.0, "{center_khz} kHz");
        let width_khz: f64 = value(&page, "#selection-width").await.parse().unwrap();
        assert!(width_khz > 1.0 && width_khz < 16.0, "{width_khz} kHz");
        page.click("#use-selection").await;
        page.wait("the answer in the waterfall", async || {
            page.text_content("#waterfall-message").await.filter(|text| text.contains("km") || text.contains(" m "))
        })
        .await;
    });
}

#[test]
fn the_whole_job_is_done_with_keys() {
    in_browser(Options::default(), async |page| {
        page.click("#try-sample").await;
        page.settled().await;
        // What Enter does on a button.
        page.script("const look = document.querySelector('[data-look]'); look.focus(); look.click()").await;
        drawn(&page).await;
        assert_eq!(page.script("return document.activeElement.id").await, "waterfall-picture");
        let whole = seen(&page).await;
        for press in ["+", "+", "PageUp", "ArrowRight"] {
            page.press(press).await;
        }
        changed_from(&page, &whole).await;
        page.press("shift+ArrowRight").await;
        let readout = page.wait("the level under the cursor", async || {
            page.text_content("#waterfall-readout").await.filter(|text| text.contains("dBFS"))
        });
        assert!(readout.await.contains("MHz"));
        page.press("s").await;
        page.text_of("#selection-summary").await;
        page.press("Enter").await;
        page.wait("the answer", async || {
            page.text_content("#waterfall-message").await.filter(|text| !text.ends_with('…'))
        })
        .await;
        // The first press clears the selection, the second closes.
        for open in [true, false] {
            page.press("Escape").await;
            page.wait("the dialog", async || {
                let state = page.script("return document.getElementById('waterfall').open").await;
                (state == Value::Bool(open)).then_some(())
            })
            .await;
        }
        assert_ne!(value(&page, "#window-duration").await, "");
    });
}

#[test]
fn a_phone_shows_the_waterfall_without_scrolling_sideways() {
    in_browser(Options { phone: true, ..Options::default() }, async |page| {
        looking_at_the_sample(&page).await;
        let wide =
            page.script("const w = document.getElementById('waterfall'); return w.scrollWidth - w.clientWidth").await;
        assert_eq!(wide, 0);
        page.picture(&screenshots().join("phone-waterfall-light.png")).await;
    });
}
