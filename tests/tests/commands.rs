//! The list of commands, the keyboard, undo, and how things are shown.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use heimdall_browser_tests::{Options, Page, in_browser, screenshots};

async fn text(page: &Page, script: &str) -> String {
    page.script(script).await.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_fix_is_had_and_choices_are_undone_by_keyboard_alone() {
    in_browser(Options::default(), async |page| {
        page.command("try the sample").await;
        let all = page.settled_with_network().await;
        assert_eq!(all.verdict, "located");
        page.script("document.querySelector(\"input[data-toggle='Genova']\").focus()").await;
        page.press(" ").await;
        let without = page.wait("another answer", async || {
            let now = page.settled_with_network().await;
            (now.areas != all.areas).then_some(now)
        });
        let without = without.await;
        page.press("ctrl+z").await;
        page.wait("the first answer again", async || (page.settled_with_network().await == all).then_some(())).await;
        assert_eq!(page.text_content("#news").await.unwrap(), "Undone: which receivers take part.");
        page.press("ctrl+shift+Z").await;
        page.wait("the other answer again", async || (page.settled_with_network().await == without).then_some(()))
            .await;
        page.command("undo").await;
        page.wait("the first answer again", async || (page.settled_with_network().await == all).then_some(())).await;
    });
}

#[test]
fn the_list_of_commands_is_the_help_and_shows_what_cannot_be_done_yet() {
    for phone in [false, true] {
        in_browser(Options { phone, ..Options::default() }, async move |page| {
            page.press("?").await;
            page.text_of("#command-list li").await;
            let disabled = "return [...document.querySelectorAll(\"#command-list [aria-disabled='true'] b\")].map(b => b.textContent).join()";
            let disabled = text(&page, disabled).await;
            assert!(disabled.contains("Undo") && disabled.contains("Save as GPX"), "{disabled}");
            let keys = text(&page, "return document.querySelector('#command-list').textContent").await;
            assert!(keys.contains("Ctrl+K") && keys.contains("Ctrl+Shift+Z"));
            let device = if phone { "phone" } else { "desktop" };
            page.picture(&screenshots().join(format!("{device}-commands-light.png"))).await;
            page.press("Escape").await;
            page.wait("a closed list", async || page.text_content("#command-list").await.is_none().then_some(())).await;
            // The button does what the key does.
            page.click("#show-commands").await;
            page.text_of("#command-list li").await;
        });
    }
}

#[test]
fn colours_units_and_positions_are_chosen_and_remembered() {
    in_browser(Options::default(), async |page| {
        page.command("try the sample").await;
        let metric = page.settled().await;
        assert!(metric.sentence.contains("km") || metric.sentence.contains(" m "), "{metric:?}");
        page.command("miles").await;
        page.command("positions mgrs").await;
        page.command("dark colours").await;
        let shown = page.wait("miles", async || {
            let now = page.settled().await;
            (now.areas.iter().all(|area| area.contains("mi²") || area.contains("ft²"))).then_some(now)
        });
        let shown = shown.await;
        assert!(!shown.text.contains(" km"), "{}", shown.text);
        // The sample's transmitter is in the zone of Milan.
        assert!(shown.mean.starts_with("32T "), "{}", shown.mean);
        assert!(page.text_content(".leaflet-control-scale").await.unwrap().contains("mi"));
        let dark = "return document.documentElement.dataset.theme + getComputedStyle(document.body).backgroundColor";
        assert_eq!(text(&page, dark).await, "darkrgb(14, 18, 21)");
        page.script(
            "document.querySelector('.settings').open = true; document.querySelector('.settings').scrollIntoView()",
        )
        .await;
        page.picture(&screenshots().join("desktop-chosen-dark.png")).await;
        page.reload().await;
        assert_eq!(text(&page, dark).await, "darkrgb(14, 18, 21)");
        page.command("try the sample").await;
        assert_eq!(page.settled().await.areas, shown.areas);
    });
}
