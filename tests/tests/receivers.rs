//! Receivers and constellations on a page that comes from a server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use heimdall_browser_tests::desk::{api, gone, photograph, said, set};
use heimdall_browser_tests::{Options, Page, Serving, on_server};
use serde_json::{Value, json};

const JSON: &str = "application/json";

async fn list(page: &Page, what: &str) -> Value {
    api(page, "GET", what, json!({}), Value::Null).await
}

async fn open_receivers(page: &Page) {
    page.text_of("#open-desk").await;
    page.click("#open-desk").await;
    page.click("#desk-receivers").await;
    page.text_of("#receiver-add").await;
}

/// Sets the fields of a receiver's form and saves it.
async fn fill(page: &Page, fields: &[(&str, &str)]) {
    for (field, text) in fields {
        set(page, &format!("#receiver-{field}"), text).await;
    }
    page.click("#receiver-save").await;
}

#[test]
fn a_receiver_is_added_edited_deleted_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    on_server(Options { phone: true, ..Options::default() }, &serving, async |page| {
        open_receivers(&page).await;
        said(&page, "#desk-part", "No receiver yet").await;
        page.click("#receiver-add").await;
        fill(&page, &[("name", "Torino"), ("latitude", "45.0703"), ("longitude", "east")]).await;
        said(&page, "#receiver-trouble", "degrees such as 45.0703").await;
        photograph(&page, "desk-receiver-form-phone").await;
        fill(&page, &[("longitude", "7,6869"), ("gain", "-3.5"), ("notes", "On the roof")]).await;
        said(&page, "[data-receiver='Torino'] .badge", "never heard").await;
        let kept = list(&page, "receivers").await;
        assert_eq!(kept[0]["place"]["longitude_deg"], 7.6869, "a comma is a decimal point as well");
        assert_eq!(kept[0]["gain_db"], -3.5);

        // Somebody else is quicker, and is not lost without a word.
        page.click("[data-receiver='Torino'] .edit").await;
        set(&page, "#receiver-gain", "").await;
        let mut theirs = kept[0].clone();
        theirs["notes"] = "On the tower".into();
        let path = format!("receivers/{}", kept[0]["id"].as_str().unwrap());
        api(&page, "PUT", &path, json!({ "Content-Type": JSON, "If-Match": "\"1\"" }), theirs).await;
        page.click("#receiver-save").await;
        said(&page, "#receiver-trouble", "Somebody else changed it").await;
        page.click("#receiver-save").await;
        gone(&page, "#receiver-save").await;
        let kept = list(&page, "receivers").await;
        assert_eq!((&kept[0]["gain_db"], &kept[0]["notes"]), (&Value::Null, &json!("On the roof")));

        page.click("[data-receiver='Torino'] .delete").await;
        gone(&page, "[data-receiver='Torino']").await;
        said(&page, ".undo li", "Deleted “Torino”").await;
        photograph(&page, "desk-receivers-undo-phone").await;
        page.click(".undo button").await;
        said(&page, "[data-receiver='Torino'] .name", "Torino").await;
        assert_eq!(list(&page, "receivers").await[0]["notes"], "On the roof");
        let wide = page.script("return document.querySelector('dialog.desk').scrollWidth > innerWidth").await;
        assert_eq!(wide, false, "nothing is cut on a phone");
        page.expect_errors("412 (Precondition Failed)").await;
    });
}

#[test]
fn the_receivers_of_the_open_scene_become_a_constellation_whose_order_can_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    on_server(Options::default(), &serving, async |page| {
        open_receivers(&page).await;
        page.click("#constellation-of-scene").await;
        said(&page, "#desk-part", "Nothing is open").await;
        page.click("#close-desk").await;
        page.click("#try-sample").await;
        page.settled().await;
        page.click("#open-desk").await;
        page.click("#constellation-of-scene").await;
        said(&page, ".of-scene", "is added").await;
        set(&page, "#scene-name", "The sample's").await;
        photograph(&page, "desk-constellation-of-scene").await;
        page.click("#scene-make").await;
        said(&page, "#receivers-said", "“The sample's” was made").await;
        let constellations = list(&page, "constellations").await;
        let receivers = constellations[0]["receivers"].as_array().unwrap().clone();
        assert!(receivers.len() >= 3, "{constellations}");
        photograph(&page, "desk-receivers").await;

        page.click("li[data-constellation] .edit").await;
        page.click(".members li:nth-child(2) button:nth-of-type(1)").await;
        page.click(".members li:last-child button:nth-of-type(2)").await;
        photograph(&page, "desk-constellation-form").await;
        page.click("#constellation-save").await;
        gone(&page, "#constellation-save").await;
        let mut expected = receivers.clone();
        expected.swap(0, 1);
        let taken_out = expected.pop().unwrap();
        assert_eq!(list(&page, "constellations").await[0]["receivers"], json!(expected));

        // What is part of a constellation stays; what is not may go.
        let names = list(&page, "receivers").await;
        let name = |id: &Value| {
            let all = names.as_array().unwrap().iter();
            all.clone().find(|one| one["id"] == *id).unwrap()["name"].as_str().unwrap().to_owned()
        };
        page.click(&format!("[data-receiver='{}'] .delete", name(&expected[0]))).await;
        said(&page, "#receivers-said", "still used").await;
        page.click(&format!("[data-receiver='{}'] .delete", name(&taken_out))).await;
        said(&page, ".undo li", "Deleted").await;
        // The scene's receivers are found again by their names.
        page.click("#constellation-of-scene").await;
        said(&page, ".of-scene", "kept already").await;
        page.expect_errors("409 (Conflict)").await;
    });
}
