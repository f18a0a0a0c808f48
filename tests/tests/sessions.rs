//! The list of sessions on a page that comes from a server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use heimdall_browser_tests::desk::{api, gone, photograph, said, set};
use heimdall_browser_tests::{Options, Page, Serving, on_server};
use serde_json::{Value, json};

fn session(title: &str, place: Option<[f64; 2]>) -> Value {
    let source = place.map_or(json!({ "kind": "unknown" }), |[latitude_deg, longitude_deg]| {
        let place = json!({ "latitude_deg": latitude_deg, "longitude_deg": longitude_deg });
        json!({ "kind": "position", "place": place, "error_m": 250.0 })
    });
    json!({
        "title": title, "center_frequency_hz": 145.5e6, "start": "2026-01-01T00:17:00.123456789Z", "duration_s": 1.5,
        "source": source,
    })
}

/// Makes a session; its id.
async fn make(page: &Page, session: Value) -> String {
    let made = api(page, "POST", "sessions", json!({ "Content-Type": "application/json" }), session).await;
    made["id"].as_str().unwrap().to_owned()
}

/// Titles of the rows, from above, once they are these.
async fn listed(page: &Page, titles: &[&str]) {
    let script = "return [...document.querySelectorAll('.sessions > li .name')].map(name => name.textContent)";
    let what = format!("list of {titles:?}");
    page.wait(&what, async || (page.script(script).await == json!(titles)).then_some(())).await;
}

async fn open_sessions(page: &Page) {
    page.text_of("#open-desk").await;
    page.click("#open-desk").await;
    page.click("#desk-sessions").await;
}

#[test]
fn sessions_are_searched_and_filtered_and_the_map_finds_them() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    on_server(Options::default(), &serving, async |page| {
        for number in 1..=51 {
            make(&page, session(&format!("Beacon {number}"), None)).await;
        }
        let torino = make(&page, session("Relay Torino", Some([45.07, 7.69]))).await;
        make(&page, session("Relay Genova", Some([44.41, 8.93]))).await;
        open_sessions(&page).await;
        said(&page, "#desk-part", "The newest 50 sessions; there are more.").await;
        page.click("#sessions-more").await;
        said(&page, "#desk-part", "53 sessions").await;
        gone(&page, "#sessions-more").await;

        set(&page, "#sessions-text", "relay tor").await;
        listed(&page, &["Relay Torino"]).await;
        set(&page, "#sessions-text", "no such words").await;
        said(&page, ".desk-empty", "No session fits").await;
        set(&page, "#sessions-text", "").await;
        set(&page, "#sessions-source", "source_known=true").await;
        listed(&page, &["Relay Genova", "Relay Torino"]).await;
        photograph(&page, "desk-sessions-map").await;

        // From the map to the row, and from the row to the map.
        page.click("#sessions-map [title='Relay Torino, pending']").await;
        said(&page, &format!(".sessions li[data-session='{torino}'].chosen .name"), "Relay Torino").await;
        let focus = page.script("return document.activeElement.dataset.session ?? null").await;
        assert_eq!(focus, json!(torino), "the row has the focus");
        page.click(".sessions > li:first-child .place button").await;
        page.text_of("#sessions-map .chosen[title='Relay Genova, pending']").await;

        // A decision needs a reason where it is a refusal, and the filter follows it.
        set(&page, "#sessions-text", "relay").await;
        set(&page, "#sessions-state", "state=pending").await;
        listed(&page, &["Relay Genova", "Relay Torino"]).await;
        page.click(&format!("li[data-session='{torino}'] .reject")).await;
        set(&page, "#reject-reason", "Two stations at once").await;
        page.click("#reject-confirm").await;
        listed(&page, &["Relay Genova"]).await;
        set(&page, "#sessions-state", "state=rejected").await;
        said(&page, "li[data-state='rejected'] .notes", "Two stations at once").await;
    });
}

#[test]
fn an_edit_keeps_what_somebody_else_changed_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    on_server(Options::default(), &serving, async |page| {
        let id = make(&page, session("Beacon", None)).await;
        let row = format!("li[data-session='{id}']");
        open_sessions(&page).await;
        page.text_of(&row).await;
        page.click(&format!("{row} .edit")).await;
        set(&page, "#edit-title", "Beacon on the hill").await;
        set(&page, "#edit-source", "position").await;
        set(&page, "#edit-latitude", "45.1").await;
        set(&page, "#edit-longitude", "east").await;
        page.click("#edit-save").await;
        said(&page, "#edit-trouble", "45.0703").await;
        // On the map instead, in its middle.
        set(&page, "#edit-longitude", "7.7").await;
        page.click("#edit-pick").await;
        page.text_of("#edit-map .chosen").await;
        page.click("#edit-map").await;
        set(&page, "#edit-error", "300").await;
        photograph(&page, "desk-edit").await;

        // Somebody else is quicker.
        let mut theirs = session("Beacon of Anna", None);
        theirs["notes"] = "Heard by Anna".into();
        api(
            &page,
            "PUT",
            &format!("sessions/{id}"),
            json!({ "Content-Type": "application/json", "If-Match": "\"1\"" }),
            theirs,
        )
        .await;
        page.click("#edit-save").await;
        said(&page, "#edit-trouble", "You both changed title").await;
        let notes = page.script("return document.getElementById('edit-notes').value").await;
        assert_eq!(notes, "Heard by Anna", "what was not touched is the new state");
        page.click("#edit-save").await;
        gone(&page, "#edit-save").await;
        said(&page, &format!("{row} .name"), "Beacon on the hill").await;
        let saved = api(&page, "GET", &format!("sessions/{id}"), json!({}), Value::Null).await;
        assert_eq!((saved["notes"].as_str(), saved["revision"].as_u64()), (Some("Heard by Anna"), Some(3)));
        assert_eq!(saved["start"], "2026-01-01T00:17:00.123456789Z", "what the form rounds is not touched");
        assert_eq!(saved["source"]["error_m"], 300.0);
        let degrees = |name: &str| saved["source"]["place"][name].as_f64().unwrap();
        assert!(
            (degrees("latitude_deg") - 45.1).abs() < 0.05 && (degrees("longitude_deg") - 7.7).abs() < 0.05,
            "{saved}"
        );
        // The browser writes down what the server refused.
        page.expect_errors("412 (Precondition Failed)").await;
    });
}

#[test]
fn a_deleted_session_comes_back_until_it_is_deleted_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    on_server(Options { phone: true, ..Options::default() }, &serving, async |page| {
        make(&page, session("First", Some([45.07, 7.69]))).await;
        make(&page, session("Second", None)).await;
        open_sessions(&page).await;
        listed(&page, &["Second", "First"]).await;
        page.click(".sessions > li:first-child .delete").await;
        listed(&page, &["First"]).await;
        said(&page, ".undo li", "Deleted “Second”").await;
        photograph(&page, "desk-undo-phone").await;
        // The button has the focus, also for those without a mouse.
        page.wait("focus on Undo", async || {
            (page.script("return document.activeElement.textContent").await == "Undo").then_some(())
        })
        .await;
        page.click(".undo button").await;
        listed(&page, &["Second", "First"]).await;
        gone(&page, ".undo li").await;

        page.click(".sessions > li:first-child .delete").await;
        listed(&page, &["First"]).await;
        assert_eq!(page.text_content(".purge").await, None, "only what is deleted can be purged");
        set(&page, "#sessions-state", "deleted=true").await;
        listed(&page, &["Second"]).await;
        page.click(".purge").await;
        said(&page, ".ask", "Nobody can take this back").await;
        page.click("#purge-keep").await;
        gone(&page, ".ask").await;
        page.click(".purge").await;
        page.click("#purge-confirm").await;
        said(&page, "#sessions-said", "gone for good").await;
        listed(&page, &[]).await;
        gone(&page, ".undo li").await;
        let wide = page.script("return document.querySelector('dialog.desk').scrollWidth > innerWidth").await;
        assert_eq!(wide, false, "nothing is cut on a phone");
    });
}

#[test]
fn the_place_of_a_transmitter_is_picked_on_a_map_and_the_session_taken_away_and_brought_back() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    on_server(Options::default(), &serving, async |page| {
        page.click("#try-sample").await;
        page.settled().await;
        page.click("#open-desk").await;
        page.text_of("#desk-pick").await;
        page.click("#desk-pick").await;
        // The sample's metadata say where its receivers are.
        page.text_of("#desk-map .receiver .marker-name").await;
        page.click("#desk-map").await;
        page.text_of("#desk-map .source").await;
        photograph(&page, "desk-pick").await;
        let degrees = async |field: &str| {
            let text = page.script(&format!("return document.getElementById('desk-{field}').value")).await;
            text.as_str().unwrap().parse::<f64>().unwrap()
        };
        let (latitude, longitude) = (degrees("latitude").await, degrees("longitude").await);
        assert!((44.0..46.0).contains(&latitude) && (7.0..10.0).contains(&longitude), "{latitude}, {longitude}");
        page.click("#desk-upload").await;
        said(&page, "#desk-said", "was made").await;

        page.click("#desk-sessions").await;
        said(&page, ".sessions .place", &format!("{latitude:.4}, {longitude:.4} ± 50 m")).await;
        page.click(".sessions .export").await;
        let archive = page.saved("tar").await;
        page.fill("#sessions-archive", archive.to_str().unwrap()).await;
        said(&page, "#sessions-said", "was imported and is pending").await;
        said(&page, "#desk-part", "2 sessions").await;
    });
}
