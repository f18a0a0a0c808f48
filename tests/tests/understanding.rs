//! Why the fix is where it is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use heimdall_browser_tests::{ExportFormat, Options, in_browser, screenshots};
use serde_json::Value;

#[test]
fn each_evidence_speaks_by_itself_and_all_of_it_again() {
    in_browser(Options::default(), async |page| {
        page.click("#try-sample").await;
        let all = page.settled_with_network().await;
        page.script("document.getElementById('why').open = true").await;
        page.click("[data-evidence='level']").await;
        let levels = page.wait("what levels say", async || {
            let now = page.settled().await;
            (now.areas != all.areas && now.text.contains("Fromlevels")).then_some(now)
        });
        assert_ne!(levels.await.verdict, "located");
        page.click("[data-evidence='all']").await;
        page.wait("all evidence", async || (page.settled_with_network().await == all).then_some(())).await;
    });
}

#[test]
fn a_known_position_is_compared_with_the_numbers_of_the_report() {
    in_browser(Options::default(), async |page| {
        page.click("#try-sample").await;
        page.settled_with_network().await;
        let report: Value = serde_json::from_str(&page.export(ExportFormat::Json).await).unwrap();
        let mean = &report["fix"]["mean"];
        page.script("document.getElementById('why').open = true").await;
        page.fill("#truth", &format!("{}, {}", mean["lat"], mean["lon"])).await;
        let said = page.wait("the comparison", async || {
            page.text_content("#truth-said").await.filter(|text| text.contains("mean"))
        });
        let said = said.await;
        assert!(said.starts_with("It is 0 m from the mean") && said.contains("inside the 95 % region"), "{said}");
        page.text_of(".sign-truth").await;
        assert!(page.text_of("ul.legend").await.contains("known"));
        let moves = page.script("return document.querySelectorAll('.without li').length").await;
        assert_eq!(moves, 5);
        page.click("#arrows").await;
        page.wait("the arrows", async || {
            (page.script("return document.querySelectorAll('path.arrow').length").await == 5).then_some(())
        })
        .await;
        assert_eq!(page.script("return document.querySelectorAll('td.residual i').length").await, 10);
        page.click("#close-up").await;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        page.script("document.getElementById('pairs').scrollIntoView()").await;
        page.picture(&screenshots().join("desktop-why-light.png")).await;
    });
}

#[test]
fn lines_of_equal_precision_say_where_these_receivers_would_locate_how_well() {
    in_browser(Options::default(), async |page| {
        page.click("#try-sample").await;
        page.settled_with_network().await;
        page.script("document.getElementById('why').open = true").await;
        page.click("#bounds").await;
        let said = page.wait("the lines", async || {
            page.text_content("#bounds-said").await.filter(|text| text.contains("at best: "))
        });
        let said = said.await;
        assert!(said.contains("100 m, 300 m, 1.00 km"), "{said}");
        let drawn =
            "return [document.querySelectorAll('path.bound').length, document.querySelectorAll('.bound-size').length]";
        let [lines, names]: [usize; 2] = serde_json::from_value(page.script(drawn).await).unwrap();
        assert!((3..12).contains(&lines) && names >= lines, "{lines} lines, {names} names: {said}");
        page.picture(&screenshots().join("desktop-bounds-light.png")).await;
        // They are in what is saved for map programs, and in the link.
        let geojson: Value = serde_json::from_str(&page.export(ExportFormat::Geojson).await).unwrap();
        let kinds = geojson["features"].as_array().unwrap().iter().map(|feature| &feature["properties"]["kind"]);
        assert_eq!(kinds.filter(|kind| **kind == "equal_bound").count(), lines);
        assert!(page.script("return location.hash").await.as_str().unwrap().contains("bounds=shown"));
        page.click("#bounds").await;
        page.wait("no lines", async || {
            (page.script("return document.querySelectorAll('path.bound').length").await == 0).then_some(())
        })
        .await;
    });
}

#[test]
fn a_phone_shows_the_understanding_without_scrolling_sideways() {
    in_browser(Options { phone: true, ..Options::default() }, async |page| {
        page.click("#try-sample").await;
        page.settled().await;
        page.script("document.querySelectorAll('details').forEach(details => details.open = true)").await;
        page.click("#arrows").await;
        let wide = "const root = document.documentElement; return root.scrollWidth - root.clientWidth";
        assert_eq!(page.script(wide).await, 0);
        page.picture(&screenshots().join("phone-why-light.png")).await;
    });
}

#[test]
fn on_paper_there_is_the_answer_with_its_map_and_nothing_to_press() {
    in_browser(Options::default(), async |page| {
        page.command("try the sample").await;
        page.settled().await;
        page.command("dark colours").await;
        page.script("dispatchEvent(new Event('beforeprint'))").await;
        let laid_out = "return [document.getElementById('map').clientWidth, getComputedStyle(document.body).backgroundColor,
            [...document.querySelectorAll('.exports, .settings, .actions')].every(part => part.clientHeight === 0)].join()";
        assert_eq!(page.script(laid_out).await, "698,rgb(255, 255, 255),true");
        page.picture(&screenshots().join("desktop-paper.png")).await;
        let inside = "const map = document.getElementById('map').getBoundingClientRect();
            return [...document.querySelectorAll('.receiver')].every(receiver => {
                const { left, top } = receiver.getBoundingClientRect();
                return map.left < left && left < map.right && map.top < top && top < map.bottom })";
        assert_eq!(page.script(inside).await, true);
        page.script("dispatchEvent(new Event('afterprint'))").await;
        assert_eq!(page.script("return document.querySelector('.exports').clientHeight > 0").await, true);
    });
}
